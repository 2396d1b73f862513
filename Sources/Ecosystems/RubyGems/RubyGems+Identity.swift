internal import Archive
public import Core

extension RubyGems: InspectableEcosystem {
    public func inspection(ofFile file: String) -> Inspection? {
        guard file.hasSuffix(".gem") else { return nil }
        return Inspection(format: .gem) { $0 == "metadata.gz" || $0 == "metadata" }
    }

    public func identity(ofFile file: String, entries: [String: [UInt8]]) throws(Malformed) -> Purl {
        guard let (path, bytes) = entries.first, entries.count == 1 else {
            throw Malformed("the gem has \(entries.count) metadata, not one")
        }
        let metadata = try GemMetadata(path.hasSuffix(".gz") ? RubyGems.inflated(bytes) : bytes)
        guard let name = metadata.name, GemFile.isName(name), let version = metadata.version,
            GemVersion(version) != nil
        else { throw Malformed("the metadata does not say what gem it is of") }
        return GemFile.purl(name, version, metadata.platform)
    }

    /// A file for another platform holds other code under the same version.
    public func agrees(_ inside: Purl, with outside: Purl) -> Bool {
        inside.name == outside.name && inside.version == outside.version
            && inside.qualifiers["platform"] == outside.qualifiers["platform"]
    }

    private static func inflated(_ bytes: [UInt8]) throws(Malformed) -> [UInt8] {
        var text: [UInt8] = []
        do {
            try ArchiveScan.decompress(bytes, limit: 16 << 20) { text += $0 }
        } catch {
            throw Malformed("metadata.gz does not decode: \(error.message)")
        }
        return text
    }
}
