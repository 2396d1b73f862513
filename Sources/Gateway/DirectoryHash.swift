internal import Archive
public import Core
internal import Storage

/// The hash of what a zip holds, as go.sum and Terraform's lockfile write it: the SHA-256 of one line for each entry, in
/// the order of their names' bytes: the entry's SHA-256, two blanks, its name.
/// <https://pkg.go.dev/golang.org/x/mod/sumdb/dirhash>
public enum DirectoryHash {
    /// Nil for what is no zip, or one that could not be hashed.
    public static func hash(ofZip path: String) -> Digest? {
        do throws(ArchiveError) { return try ofZip(at: path) } catch { return nil }
    }

    /// Reads the whole archive, one entry at a time.
    static func ofZip(at path: String) throws(ArchiveError) -> Digest? {
        var lines = Lines()
        // Both tools write data descriptors.
        try ArchiveScan.forEachEntry(path: path, kind: .zip, allowsDataDescriptors: true) {
            step throws(ArchiveError) in
            switch step {
            case .entry(let entry): try lines.begin(entry)
            case .chunk(let bytes): lines.update(bytes)
            }
        }
        return try lines.hash()
    }

    /// The hash of one file under a name of its own, as go.sum writes that of a go.mod.
    static func ofFile(_ bytes: Digest, named name: String) -> Digest? {
        var stream = DigestStream()
        stream.update(Array("\(bytes.hex)  \(name)\n".utf8))
        return Digest(.h1, bytes: stream.sha256.bytes)
    }

    /// The entries so far, each with the hash of its bytes.
    private struct Lines {
        private var done: [(name: [UInt8], hex: String)] = []
        private var name: String?
        private var stream = DigestStream()

        mutating func begin(_ entry: ArchiveEntry) throws(ArchiveError) {
            end()
            switch entry.kind {
            // A folder's own entry is one of no bytes whose name ends in a slash.
            case .directory: name = entry.path + "/"
            case .file: name = entry.path
            case .symlink, .hardlink, .other: throw .unsafeEntry("an entry is a link")
            }
            guard !entry.path.utf8.contains(0x0A) else { throw .unsafeEntry("a name has a line feed") }
        }

        mutating func update(_ bytes: [UInt8]) { stream.update(bytes) }

        private mutating func end() {
            guard let name else { return }
            done.append((Array(name.utf8), stream.sha256.hex))
            stream = DigestStream()
            self.name = nil
        }

        mutating func hash() throws(ArchiveError) -> Digest? {
            end()
            done.sort { $0.name.lexicographicallyPrecedes($1.name) }
            var whole = DigestStream()
            for (position, line) in done.enumerated() {
                guard position == 0 || done[position - 1].name != line.name else {
                    throw .malformed("two entries have one name")
                }
                whole.update(Array(line.hex.utf8) + Array("  ".utf8) + line.name + [0x0A])
            }
            return Digest(.h1, bytes: whole.sha256.bytes)
        }
    }
}
