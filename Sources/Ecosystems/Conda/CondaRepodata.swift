internal import Archive
internal import Core
internal import JSONText

/// One `repodata.json`, plain or as zstd packs it.
struct CondaRepodata {
    let document: JSONDocument
    let isCompressed: Bool

    static let names: Set<String> = [
        "repodata.json", "current_repodata.json", "repodata.json.zst", "current_repodata.json.zst",
    ]
    static let unread: Set<String> = [
        "repodata.json.bz2", "repodata.jlap", "run_exports.json", "run_exports.json.zst", "patch_instructions.json",
        "repodata_from_packages.json", "repodata_from_packages.json.zst",
    ]

    /// Greatest list that is read, unpacked. The whole of conda-forge is more: it passes as it is, and its packages are
    /// judged when they are asked for.
    private static let limit: Int64 = 96 << 20

    /// Nil for a list that is too large to be read.
    init?(_ index: Document, _ file: String) throws(Malformed) {
        isCompressed = file.hasSuffix(".zst")
        var bytes = index.bytes
        if isCompressed {
            bytes = []
            do {
                try ArchiveScan.decompress(index.bytes, limit: CondaRepodata.limit) { bytes += $0 }
            } catch ArchiveError.tooLarge {
                return nil
            } catch { throw Malformed("the list of packages is not packed by zstd") }
        }
        guard Int64(bytes.count) <= CondaRepodata.limit else { return nil }
        do { document = try JSONDocument(bytes) } catch { throw Malformed(error.message, offset: error.offset) }
    }

    /// The packages of both formats, each under its file's name.
    func packages() throws(Malformed) -> [JSONMember] {
        let root = document.root
        guard root.kind == .object, root["packages"] != nil || root["packages.conda"] != nil else {
            throw Malformed("the document lists no packages")
        }
        return ["packages", "packages.conda"].flatMap { root[$0].map { Array($0.members) } ?? [] }
    }

    /// What the list says of one file; nil where the record is of another package than its file's name says.
    static func release(_ member: JSONMember, at place: CondaPlace, beside index: HTTPURL) -> Release? {
        let record = member.node
        let file = member.key
        guard let name = CondaFile(file), record["name"]?.string == name.name,
            record["version"]?.string == name.version, record["build"]?.string ?? name.build == name.build
        else { return nil }
        var digests: [Digest] = []
        if let digest = record["sha256"]?.string.flatMap({ Digest(.sha256, hex: $0) }) { digests.append(digest) }
        if let digest = record["md5"]?.string.flatMap({ Digest(.md5, hex: $0) }) { digests.append(digest) }
        let url = try? index.withoutFragment.with(query: nil).resolving(PercentEncoding.encode(file, keeping: "!+"))
        let size = record["size"]?.integer.flatMap { $0 >= 0 ? $0 : nil }
        var release = Release(purl: name.purl(at: place))
        // Milliseconds, seconds in old records.
        if let stamp = record["timestamp"]?.integer, stamp > 0 {
            let seconds = stamp > 100_000_000_000 ? stamp / 1_000 : stamp
            release.published = PublishTime(Timestamp(seconds: seconds), basis: .authorTime)
        }
        release.license = record["license"]?.string
        release.artifacts = [
            Artifact(file: file, url: url, digests: digests, size: size, published: release.published)
        ]
        return release
    }
}

/// A zstd frame that holds its bytes as they are (RFC 8878 §3.1.1): what we print goes no further than this machine.
enum StoredZstandard {
    static func frame(_ bytes: [UInt8]) -> [UInt8] {
        var frame: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]
        frame.reserveCapacity(bytes.count + bytes.count / 40_000 + 32)
        // A size in eight bytes follows; the window is as large as the greatest block.
        frame += [0xC0, 0x38]
        let size = UInt64(bytes.count)
        for shift in stride(from: UInt64(0), to: 64, by: 8) { frame.append(UInt8(truncatingIfNeeded: size >> shift)) }
        var at = 0
        repeat {
            let count = min(bytes.count - at, 128 << 10)
            let isLast = at + count == bytes.count
            let header = UInt32(count) << 3 | (isLast ? 1 : 0)
            for shift in [UInt32(0), 8, 16] { frame.append(UInt8(truncatingIfNeeded: header >> shift)) }
            frame += bytes[at..<at + count]
            at += count
        } while at < bytes.count
        return frame
    }
}
