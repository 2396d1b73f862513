internal import Core

/// Reads Packages and Sources, piece by piece, into releases. Only the lines that matter become texts: an index has
/// sixty thousand stanzas and fifty megabytes.
struct DebianStanzas {
    private(set) var releases: [Release] = []
    private let root: String
    private let origin: Origin
    private let vendor: String
    /// An unfinished line of the last piece.
    private var rest: [UInt8] = []
    private var stanza = Stanza()
    private var isInFiles = false
    private var architectures: [String: [String: String]] = [:]

    private struct Stanza {
        var name: String?
        var version: String?
        var architecture: String?
        var path: String?
        var size: Int64?
        var sha256: Digest?
        var folder: String?
        var files: [(digest: Digest, size: Int64, name: String)] = []
    }

    init(root: String, origin: Origin, vendor: String) {
        self.root = root
        self.origin = origin
        self.vendor = vendor
    }

    mutating func take(_ piece: ArraySlice<UInt8>) throws(Malformed) {
        rest += piece
        var at = 0
        while let end = rest[at...].firstIndex(of: 0x0A) {
            read(at..<end)
            at = end + 1
        }
        rest.removeSubrange(..<at)
        guard rest.count <= 1 << 20 else { throw Malformed("a line of the index has no end") }
    }

    mutating func finish() {
        read(0..<rest.count)
        rest = []
        close()
    }

    private mutating func read(_ line: Range<Int>) {
        guard let first = line.isEmpty ? nil : rest[line.lowerBound] else { return close() }
        if first == 0x20 || first == 0x09 {
            if isInFiles { readFile(line) }
            return
        }
        isInFiles = false
        switch first {
        case UInt8(ascii: "P"): if let text = value(of: "Package:", line) { stanza.name = text }
        case UInt8(ascii: "V"): if let text = value(of: "Version:", line) { stanza.version = text }
        case UInt8(ascii: "A"): if let text = value(of: "Architecture:", line) { stanza.architecture = text }
        case UInt8(ascii: "F"): if let text = value(of: "Filename:", line) { stanza.path = text }
        case UInt8(ascii: "D"): if let text = value(of: "Directory:", line) { stanza.folder = text }
        case UInt8(ascii: "C"): isInFiles = value(of: "Checksums-Sha256:", line) != nil
        case UInt8(ascii: "S"):
            if let text = value(of: "SHA256:", line) {
                stanza.sha256 = Digest(.sha256, hex: text)
            } else if let text = value(of: "Size:", line) {
                stanza.size = Int64(text)
            }
        default: break
        }
    }

    /// `DIGEST SIZE NAME` below `Checksums-Sha256`.
    private mutating func readFile(_ line: Range<Int>) {
        let parts = String(decoding: rest[line], as: UTF8.self).split(separator: " ")
        guard parts.count == 3, let digest = Digest(.sha256, hex: String(parts[0])), let size = Int64(parts[1]) else {
            return
        }
        stanza.files.append((digest, size, String(parts[2])))
    }

    /// The text behind a field's name; nil for another field.
    private func value(of field: String, _ line: Range<Int>) -> String? {
        let name = field.utf8
        guard line.count >= name.count, rest[line.lowerBound..<line.lowerBound + name.count].elementsEqual(name) else {
            return nil
        }
        var range = line.lowerBound + name.count..<line.upperBound
        while let first = range.first, rest[first] <= 0x20 { range = first + 1..<range.upperBound }
        while let last = range.last, rest[last] <= 0x20 { range = range.lowerBound..<last }
        return String(decoding: rest[range], as: UTF8.self)
    }

    private mutating func close() {
        defer {
            stanza = Stanza()
            isInFiles = false
        }
        guard let name = stanza.name, let version = stanza.version else { return }
        if let path = stanza.path {
            let artifact = artifact(at: path, size: stanza.size, digest: stanza.sha256)
            add(name, version, stanza.architecture ?? "all", artifact.map { [$0] } ?? [])
        } else if let folder = stanza.folder {
            let artifacts = stanza.files.compactMap {
                artifact(at: "\(folder)/\($0.name)", size: $0.size, digest: $0.digest)
            }
            add(name, version, "source", artifacts)
        }
    }

    private mutating func add(_ name: String, _ version: String, _ architecture: String, _ artifacts: [Artifact]) {
        // A package without a proper name could not be written down.
        guard !artifacts.isEmpty, DebianFile.isName(name) else { return }
        // One dictionary for all packages of an architecture, not one each.
        let qualifiers = architectures[architecture] ?? ["arch": architecture]
        architectures[architecture] = qualifiers
        let purl = Purl(
            type: "deb",
            namespace: vendor,
            name: name.lowercased(),
            version: version,
            qualifiers: qualifiers
        )
        releases.append(Release(purl: purl, artifacts: artifacts))
    }

    /// The link as apt writes it, which encodes `+` and `~`. Nil where the path would leave the repository.
    private func artifact(at path: String, size: Int64?, digest: Digest?) -> Artifact? {
        var path = Substring(path)
        while path.hasPrefix("./") { path = path.dropFirst(2) }
        guard let url = try? HTTPURL(origin: origin, target: root + DebianStanzas.encoded(path)) else { return nil }
        let file = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { path[path.utf8.index(after: $0)...] } ?? path
        return Artifact(file: String(file), url: url, digests: digest.map { [$0] } ?? [], size: size)
    }

    private static func encoded(_ path: Substring) -> String {
        guard path.utf8.contains(where: { $0 == 0x2B || $0 == 0x7E || $0 == 0x25 || $0 == 0x20 }) else {
            return String(path)
        }
        var text: [UInt8] = []
        for byte in path.utf8 {
            switch byte {
            case 0x2B: text += "%2b".utf8
            case 0x7E: text += "%7e".utf8
            case 0x25: text += "%25".utf8
            case 0x20: text += "%20".utf8
            default: text.append(byte)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
