internal import Core

/// InRelease or Release: the digests of all indexes of a suite.
struct DebianReleaseFile {
    private(set) var entries: [(path: String, digest: Digest)] = []

    /// Of a clearsigned text only what stands between the armour lines counts (RFC 9580 §7).
    init(_ bytes: [UInt8], isSigned: Bool) throws(Malformed) {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Malformed("Release is not UTF-8") }
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
        if isSigned { lines = try DebianReleaseFile.signed(lines) }
        var algorithm: Digest.Algorithm?
        var hasFields = false
        for line in lines {
            if line.first == " " {
                if let algorithm { add(line, algorithm) }
                continue
            }
            hasFields = hasFields || line.contains(":")
            switch line.prefix(while: { $0 != ":" }) {
            case "SHA256": algorithm = .sha256
            case "SHA512": algorithm = .sha512
            default: algorithm = nil
            }
        }
        guard hasFields else { throw Malformed("Release has no fields") }
    }

    private static func signed(_ lines: ArraySlice<Substring>) throws(Malformed) -> ArraySlice<Substring> {
        guard lines.first?.hasPrefix("-----BEGIN PGP SIGNED MESSAGE-----") == true,
            let blank = lines.firstIndex(where: { $0.allSatisfy(\.isWhitespace) }),
            let end = lines.firstIndex(where: { $0.hasPrefix("-----BEGIN PGP SIGNATURE-----") }), blank < end
        else { throw Malformed("InRelease is not a clearsigned text") }
        return ArraySlice(lines[(blank + 1)..<end].map { $0.hasPrefix("- ") ? $0.dropFirst(2) : $0 })
    }

    /// ` DIGEST SIZE PATH`
    private mutating func add(_ line: Substring, _ algorithm: Digest.Algorithm) {
        let parts = line.split(separator: " ")
        guard parts.count == 3, let digest = Digest(algorithm, hex: String(parts[0])) else { return }
        entries.append((String(parts[2]), digest))
    }

    /// Every listed index by its own address and by the address that is made of its digest.
    func vouches(beside url: HTTPURL) -> [HTTPURL: [Digest]] {
        let folder = String(url.path[...(url.path.lastIndex(of: "/") ?? url.path.startIndex)])
        var vouches: [HTTPURL: [Digest]] = [:]
        for entry in entries {
            guard let named = try? HTTPURL(origin: url.origin, target: folder + entry.path) else { continue }
            vouches[named, default: []].append(entry.digest)
            let place = entry.path.lastIndex(of: "/").map { entry.path[...$0] } ?? ""
            let name = entry.digest.algorithm == .sha256 ? "SHA256" : "SHA512"
            let hashed = "\(folder)\(place)by-hash/\(name)/\(entry.digest.hex)"
            if let url = try? HTTPURL(origin: url.origin, target: hashed) { vouches[url] = [entry.digest] }
        }
        return vouches
    }
}
