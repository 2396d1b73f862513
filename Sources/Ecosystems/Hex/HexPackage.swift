internal import Archive
internal import Core

/// `/packages/NAME`: gzip of a `Signed` message whose payload is a `Package`.
/// <https://github.com/hexpm/specifications/blob/main/registry-v2.md>
struct HexPackage {
    private(set) var name: String?
    private(set) var repository: String?
    private(set) var releases: [Release] = []
    private let package: Purl
    private let root: HTTPURL

    /// `root` is where the repository lies.
    init(_ bytes: [UInt8], of package: Purl, below root: HTTPURL) throws(Malformed) {
        self.package = package
        self.root = root
        var fields = ProtobufFields(try HexPackage.payload(of: HexPackage.inflated(bytes)[...]))
        while let (field, value) = try fields.next() {
            switch field {
            case 1: if let bytes = value.bytes { releases.append(try release(bytes)) }
            case 2: name = try value.text()
            case 3: repository = try value.text()
            default: break
            }
        }
        guard name == package.name else {
            throw Malformed("the index is about '\((name ?? "").prefix(80))', not '\(package.name)'")
        }
        // A repository's name is signed too, so that one cannot stand in for another.
        guard let repository, package.namespace == nil || repository == package.namespace else {
            throw Malformed("the index is of another repository")
        }
    }

    private static func inflated(_ bytes: [UInt8]) throws(Malformed) -> [UInt8] {
        // A proxy may have undone the coding already.
        guard bytes.starts(with: [0x1F, 0x8B]) else { return bytes }
        var message: [UInt8] = []
        do {
            try ArchiveScan.decompress(bytes, limit: 64 << 20) { message += $0 }
        } catch {
            throw Malformed("the index does not decode: \(error.message)")
        }
        return message
    }

    private static func payload(of signed: ArraySlice<UInt8>) throws(Malformed) -> ArraySlice<UInt8> {
        var fields = ProtobufFields(signed)
        var payload: ArraySlice<UInt8>?
        while let (field, value) = try fields.next() {
            guard field == 1 else { continue }
            guard payload == nil else { throw Malformed("the index has two payloads") }
            payload = value.bytes
        }
        guard let payload else { throw Malformed("the index has no payload") }
        return payload
    }

    private func release(_ bytes: ArraySlice<UInt8>) throws(Malformed) -> Release {
        var fields = ProtobufFields(bytes)
        var version: String?
        var outer: Digest?
        var retired: Withdrawal?
        while let (field, value) = try fields.next() {
            switch field {
            case 1: version = try value.text()
            case 4: if let bytes = value.bytes { retired = try HexPackage.retirement(bytes) }
            // The inner checksum (2) is of three parts of the tarball, the outer one of its bytes.
            case 5: outer = value.bytes.flatMap { Digest(.sha256, bytes: $0) }
            default: break
            }
        }
        guard let version, HexPM.version(version) != nil else {
            throw Malformed("the index has a release without a version")
        }
        let file = "\(package.name)-\(version).tar"
        let artifact = Artifact(
            file: file,
            url: try? root.resolving("tarballs/\(file)"),
            digests: outer.map { [$0] } ?? [],
            yanked: retired
        )
        var release = Release(purl: package.at(version), artifacts: [artifact])
        release.yanked = retired
        return release
    }

    /// A retired release should only be taken where a lockfile has it already.
    private static func retirement(_ bytes: ArraySlice<UInt8>) throws(Malformed) -> Withdrawal {
        let reasons = ["other", "invalid", "security", "deprecated", "renamed"]
        var fields = ProtobufFields(bytes)
        var reason = "retired"
        var message: String?
        while let (field, value) = try fields.next() {
            if field == 1, let number = value.number, number < UInt64(reasons.count) {
                reason = "retired (\(reasons[Int(number)]))"
            }
            if field == 2 { message = try value.text() }
        }
        return Withdrawal(reason: message.map { "\(reason): \($0)" } ?? reason)
    }
}
