internal import Archive
public import Core
internal import JSONText

extension RPM {
    /// Decoded bytes of one index; the largest of a distribution has some hundred megabytes.
    private static let indexLimit: Int64 = 1 << 30

    public func readIndex(_ index: Document, companions: [Document], for request: Request, scope: IndexScope)
        throws(Malformed) -> PackageIndex
    {
        let place = RPMPath(request.url)
        switch place.contents {
        case .repomd:
            let root = try HTTPURL(origin: request.url.origin, target: place.root)
            let vouches = try RPMRepositoryFile.vouches(in: index.bytes, below: root)
            return PackageIndex(scope: scope, releases: [], vouches: vouches)
        case .packages:
            let root = try HTTPURL(origin: request.url.origin, target: place.root)
            var packages = RPMPackages(root: root, vendor: place.vendor)
            try RPM.decode(index.bytes, into: &packages)
            return PackageIndex(scope: scope, releases: packages.releases)
        case .mirrors:
            // A mirrorlist is plain text and promises nothing.
            guard index.bytes.first(where: { $0 > 0x20 }) == UInt8(ascii: "<") else { break }
            let vouches = try RPMRepositoryFile.mirrors(in: index.bytes)
            return PackageIndex(scope: scope, releases: [], vouches: vouches)
        case .other: break
        }
        return PackageIndex(scope: scope, releases: [])
    }

    private static func decode(_ bytes: [UInt8], into packages: inout RPMPackages) throws(Malformed) {
        if bytes.first(where: { $0 > 0x20 }) == UInt8(ascii: "<") {
            var at = 0
            while at < bytes.count {
                let end = min(bytes.count, at + 65_536)
                try packages.take(bytes[at..<end])
                at = end
            }
        } else {
            do {
                try ArchiveScan.decompress(bytes, limit: indexLimit) { piece throws(ArchiveError) in
                    do throws(Malformed) { try packages.take(piece[...]) } catch { throw .malformed(error.what) }
                }
            } catch {
                throw Malformed("the index does not decode: \(error.message)")
            }
        }
        try packages.finish()
    }

    /// `rpms.lock.yaml`: the packages of an image, resolved before it is built.
    public func pins(in document: [UInt8], named name: String) throws(Malformed) -> [Pin] {
        let root = try YAMLTree.read(document)
        var pins: [Pin] = []
        for architecture in root["arches"]?.array ?? [] {
            for part in ["packages", "source"] {
                pins += (architecture[part]?.array ?? []).compactMap(RPM.pin)
            }
        }
        return pins
    }

    private static func pin(_ entry: JSON) -> Pin? {
        guard let text = entry["url"]?.string, let url = try? HTTPURL(text), let file = RPMFile(url.file) else {
            return nil
        }
        let evr = entry["evr"]?.string ?? file.version
        let colon = evr.firstIndex(of: ":")
        let epoch = colon.map { String(evr[..<$0]) } ?? ""
        let digest = (entry["checksum"]?.string).flatMap { Digest($0) }
        var purl = file.purl(vendor: RPMPath(url).vendor)
        if !epoch.isEmpty, epoch != "0" { purl = purl.with(["epoch": epoch]) }
        return Pin(release: purl, file: url.file, url: url, digests: digest.map { [$0] } ?? [])
    }

    /// dnf takes the proxy from the environment for http. For https it has a setting in its own configuration alone
    /// (`sslcacert`), so that an https repository needs it, or the session's certificate in the system's store.
    public func clientSettings(for endpoint: Endpoint) -> ClientSettings { ClientSettings() }
}
