internal import Core

/// Where a request stands in a repository: everything about packages lies in `repodata`, the packages anywhere beside it.
struct RPMPath {
    enum Kind { case folder, index, package, sidecar, other }

    enum Contents { case repomd, packages, mirrors, other }

    /// The path of the repository's root, with a slash at its end; raw. Of a package only its folder is known.
    let root: String
    /// The path below the root, decoded; for a list of mirrors its last name.
    let part: String
    let file: String
    let kind: Kind
    let contents: Contents
    /// The distribution's name in purls; nil where the address does not tell.
    let vendor: String?

    init(_ url: HTTPURL) {
        let raw = url.path.split(separator: "/", omittingEmptySubsequences: true)
        let names = url.segments
        file = url.path.hasSuffix("/") ? "" : names.last ?? ""
        let mark = names.dropLast().lastIndex(of: "repodata")
        let depth = mark ?? max(0, names.count - 1)
        root = depth == 0 ? "/" : "/" + raw.prefix(depth).joined(separator: "/") + "/"
        part = names.dropFirst(depth).joined(separator: "/")
        vendor = RPMPath.vendor(url.origin.host, names)
        (kind, contents) = RPMPath.reading(file, isIndex: mark != nil)
    }

    private static func reading(_ file: String, isIndex: Bool) -> (Kind, Contents) {
        if file.isEmpty { return (.folder, .other) }
        if isIndex {
            if file.hasSuffix(".asc") || file.hasSuffix(".key") || file.hasSuffix(".sig") { return (.sidecar, .other) }
            if file == "repomd.xml" { return (.index, .repomd) }
            // `DIGEST-primary.xml.zst`; not the database beside it, and not a zchunk, which is read by ranges.
            let isPrimary = file.hasSuffix("primary.xml") || file.contains("primary.xml.") && !file.hasSuffix(".zck")
            return (.index, isPrimary ? .packages : .other)
        }
        if file.hasSuffix(".rpm") || file.hasSuffix(".drpm") { return (.package, .other) }
        if file == "metalink" || file == "mirrorlist" || file.hasSuffix(".meta4") || file.hasSuffix(".metalink") {
            return (.index, .mirrors)
        }
        return (.other, .other)
    }

    private static func vendor(_ host: String, _ names: [String]) -> String? {
        let known = [
            ("fedora", "fedora"), ("epel", "fedora"), ("centos", "centos"), ("rocky", "rocky"),
            ("almalinux", "almalinux"), ("opensuse", "opensuse"), ("redhat", "redhat"), ("oracle", "oracle"),
        ]
        // A mirror keeps the distribution's own folder.
        let folders = names.dropLast().map { $0.lowercased() }
        return known.first { mark, _ in host.contains(mark) || folders.contains(mark) }?.1
    }
}

/// `NAME-VERSION-RELEASE.ARCH.rpm`
struct RPMFile {
    let name: String
    /// `VERSION-RELEASE`
    let version: String
    let architecture: String

    init?(_ file: String) {
        let isDelta = file.hasSuffix(".drpm")
        guard isDelta || file.hasSuffix(".rpm"), file.utf8.count <= 512 else { return nil }
        let stem = file.dropLast(isDelta ? 5 : 4)
        guard let dot = stem.lastIndex(of: "."), let release = stem[..<dot].lastIndex(of: "-"),
            let dash = stem[..<release].lastIndex(of: "-")
        else { return nil }
        architecture = String(stem[stem.index(after: dot)...])
        version = String(stem[stem.index(after: dash)..<dot])
        name = String(stem[..<dash])
        guard RPMFile.isName(name), RPMFile.isName(architecture), RPMVersion(version) != nil else { return nil }
    }

    func purl(vendor: String?) -> Purl {
        Purl(type: "rpm", namespace: vendor, name: name, version: version, qualifiers: ["arch": architecture])
    }

    /// What rpmbuild lets a name have.
    static func isName(_ text: String) -> Bool {
        guard !text.isEmpty, text.utf8.count <= 255, text.utf8.first != UInt8(ascii: ".") else { return false }
        return text.utf8.allSatisfy { PercentEncoding.isUnreserved($0) || $0 == UInt8(ascii: "+") }
    }
}
