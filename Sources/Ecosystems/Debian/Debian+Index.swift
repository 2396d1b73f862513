internal import Archive
public import Core

extension Debian {
    /// Decoded bytes of one index; Debian's largest is 50 MB.
    private static let indexLimit: Int64 = 512 << 20

    public func readIndex(_ index: Document, companions: [Document], for request: Request, scope: IndexScope)
        throws(Malformed) -> PackageIndex
    {
        let place = DebianPath(request.url)
        switch place.contents {
        case .release(let isSigned):
            let list = try DebianReleaseFile(index.bytes, isSigned: isSigned)
            return PackageIndex(scope: scope, releases: [], vouches: list.vouches(beside: request.url))
        case .stanzas:
            var stanzas = DebianStanzas(root: place.root, origin: request.url.origin, vendor: place.vendor)
            try Debian.decode(index.bytes, into: &stanzas)
            return PackageIndex(scope: scope, releases: stanzas.releases)
        case .other: return PackageIndex(scope: scope, releases: [])
        }
    }

    static func decode(_ bytes: [UInt8], into stanzas: inout DebianStanzas) throws(Malformed) {
        if isCompressed(bytes) {
            do {
                try ArchiveScan.decompress(bytes, limit: indexLimit) { piece throws(ArchiveError) in
                    do throws(Malformed) { try stanzas.take(piece[...]) } catch { throw .malformed(error.what) }
                }
            } catch {
                throw Malformed("the index does not decode: \(error.message)")
            }
        } else {
            var at = 0
            while at < bytes.count {
                let end = min(bytes.count, at + 65_536)
                try stanzas.take(bytes[at..<end])
                at = end
            }
        }
        stanzas.finish()
    }

    /// Told by the first bytes, since a by-hash name has no ending; a stanza begins with a letter.
    private static func isCompressed(_ bytes: [UInt8]) -> Bool {
        let marks: [[UInt8]] = [
            [0x1F, 0x8B], [0xFD, 0x37, 0x7A, 0x58, 0x5A], [0x42, 0x5A, 0x68], [0x28, 0xB5, 0x2F, 0xFD],
            [0x04, 0x22, 0x4D, 0x18],
        ]
        return marks.contains { bytes.starts(with: $0) }
    }

    /// apt's own lists are the project's lockfile here: `/var/lib/apt/lists/HOST_PATH_dists_…_Packages`, as it may be
    /// compressed. Their names tell no scheme; http is apt's default.
    public func pins(in document: [UInt8], named name: String) throws(Malformed) -> [Pin] {
        guard let url = Debian.url(ofList: name) else { return [] }
        let place = DebianPath(url)
        var stanzas = DebianStanzas(root: place.root, origin: url.origin, vendor: place.vendor)
        try Debian.decode(document, into: &stanzas)
        return stanzas.releases.flatMap { release in
            release.artifacts.map { artifact in
                Pin(release: release.purl, file: artifact.file, url: artifact.url, digests: artifact.digests)
            }
        }
    }

    /// The address of a list: apt writes `_` for `/` and percent codes for what is special.
    private static func url(ofList name: String) -> HTTPURL? {
        var stem = Substring(name)
        for ending in [".lz4", ".xz", ".gz", ".bz2", ".zst"] where stem.hasSuffix(ending) {
            stem = stem.dropLast(ending.count)
        }
        guard stem.hasSuffix("_Packages") || stem.hasSuffix("_Sources") else { return nil }
        let parts = stem.split(separator: "_").filter { $0 != "." }.compactMap { PercentEncoding.decode($0) }
        return parts.count > 1 ? try? HTTPURL("http://" + parts.joined(separator: "/")) : nil
    }
}
