/// Judges each entry's path and link as if the archive were extracted into a folder that nothing may leave.
struct PathAudit {
    private let limits: ArchiveLimits
    private var kinds: [String: ArchiveEntry.Kind] = [:]
    /// Folders that entries so far stand in.
    private var parents: Set<String> = []
    private var count = 0

    init(limits: ArchiveLimits) { self.limits = limits }

    /// Counts an entry and gives its plain path; the empty path is the root itself.
    mutating func admit(_ name: String, kind: ArchiveEntry.Kind) throws(ArchiveError) -> String {
        count += 1
        guard count <= limits.entries else { throw .tooLarge("more than \(limits.entries) entries") }
        let path = try plain(name)
        guard !path.isEmpty else {
            guard kind == .directory else { throw .unsafeEntry("an entry has no name") }
            return path
        }
        try place(path, kind: kind)
        return path
    }

    private func plain(_ name: String) throws(ArchiveError) -> String {
        guard name.utf8.count <= limits.pathBytes else {
            throw .tooLarge("a path is longer than \(limits.pathBytes) bytes")
        }
        let shown = Self.shown(name)
        guard !name.utf8.contains(0) else { throw .unsafeEntry("entry \(shown) has a NUL in its name") }
        let head = Array(name.utf8.prefix(2))
        let isDrive = head.count == 2 && head[1] == UInt8(ascii: ":") && (head[0] | 0x20) &- UInt8(ascii: "a") < 26
        guard head.first != UInt8(ascii: "/"), head.first != UInt8(ascii: "\\"), !isDrive else {
            throw .unsafeEntry("entry \(shown) has an absolute path")
        }
        let parts = name.utf8.split(separator: UInt8(ascii: "/")).filter { !$0.elementsEqual(".".utf8) }
        guard parts.count <= limits.depth else { throw .tooLarge("a path is deeper than \(limits.depth)") }
        for part in parts {
            // Windows takes a backslash as a separator, and ".. " and "..." as "..".
            for piece in part.split(separator: UInt8(ascii: "\\")) {
                guard piece.contains(where: { $0 != UInt8(ascii: ".") && $0 != 0x20 }) || piece.count == 1 else {
                    throw .unsafeEntry("entry \(shown) leaves the archive")
                }
            }
        }
        return parts.map { String(Substring($0)) }.joined(separator: "/")
    }

    private mutating func place(_ path: String, kind: ArchiveEntry.Kind) throws(ArchiveError) {
        var parent = path[...]
        while let slash = parent.utf8.lastIndex(of: UInt8(ascii: "/")) {
            parent = parent[..<slash]
            let folder = String(parent)
            if let kind = kinds[folder], kind != .directory {
                throw .unsafeEntry("entry \(Self.shown(path)) stands in \(Self.shown(folder)), which is no folder")
            }
            // Its own parents were looked at when it was put in.
            guard parents.insert(folder).inserted else { break }
        }
        if kind != .directory, parents.contains(path) {
            throw .unsafeEntry("\(Self.shown(path)) is a folder and something else")
        }
        guard let before = kinds.updateValue(kind, forKey: path) else { return }
        guard before == .directory, kind == .directory else {
            throw .unsafeEntry("two entries are named \(Self.shown(path))")
        }
    }

    /// A symbolic link may climb first and then descend, never beyond the root.
    func checkSymlink(_ target: String, at path: String) throws(ArchiveError) {
        let shown = Self.shown(path)
        guard !target.isEmpty, target.utf8.count <= limits.pathBytes, !target.utf8.contains(0),
            target.utf8.first != UInt8(ascii: "/"), !target.utf8.contains(UInt8(ascii: "\\"))
        else { throw .unsafeEntry("symbolic link \(shown) leaves the archive") }
        var room = path.utf8.count { $0 == UInt8(ascii: "/") }
        var hasDescended = false
        for part in target.utf8.split(separator: UInt8(ascii: "/")) where !part.elementsEqual(".".utf8) {
            if part.elementsEqual("..".utf8) {
                room -= 1
                // What was descended into may itself be a link, so its parent is not known.
                guard room >= 0, !hasDescended else { throw .unsafeEntry("symbolic link \(shown) leaves the archive") }
            } else {
                hasDescended = true
            }
        }
    }

    /// A hard link must name a file that came before it.
    func checkHardlink(_ target: String, at path: String) throws(ArchiveError) {
        let plain = try plain(target)
        guard plain != path, kinds[plain] == .file || kinds[plain] == .hardlink else {
            throw .unsafeEntry("hard link \(Self.shown(path)) names no file before it")
        }
    }

    /// A name as it may be shown: short, quoted, without control characters.
    static func shown(_ name: String) -> String {
        let scalars = name.unicodeScalars.prefix(120).map { $0.value < 0x20 || $0.value == 0x7F ? "?" : Character($0) }
        return "\"\(String(scalars))\""
    }
}
