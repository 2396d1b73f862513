internal import Core

/// `/info/NAME` of the compact index: a line for each version that was not yanked.
struct CompactIndexPage {
    /// One version, and where its line stands.
    struct Line {
        /// With its line feed.
        let range: Range<Int>
        /// Nil for a line that could not be read: it was not judged, so it is never shown.
        let release: Release?
    }

    let lines: [Line]
    private let bytes: [UInt8]

    /// `gems` is where the files lie.
    init(_ bytes: [UInt8], of gem: Purl, gems: HTTPURL) throws(Malformed) {
        self.bytes = bytes
        var lines: [Line] = []
        var start = CompactIndexPage.body(of: bytes)
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
            let next = min(bytes.count, end + 1)
            guard end - start <= 1 << 16 else { throw Malformed("a line of the index has no end", offset: start) }
            if end > start {
                let text = String(decoding: bytes[start..<end], as: UTF8.self)
                lines.append(Line(range: start..<next, release: CompactIndexPage.release(text, of: gem, gems: gems)))
            }
            start = next
        }
        guard lines.isEmpty || lines.contains(where: { $0.release != nil }) else {
            throw Malformed("the index of \(gem.name) has no line that names a version")
        }
        guard !lines.isEmpty || bytes.starts(with: "---".utf8) else {
            throw Malformed("the index of \(gem.name) is not a compact index")
        }
        self.lines = lines
    }

    /// The bytes behind the line `---`; everything where there is none.
    private static func body(of bytes: [UInt8]) -> Int {
        var start = 0
        for line in bytes.split(separator: 0x0A, maxSplits: 16, omittingEmptySubsequences: false).prefix(16) {
            let end = start + line.count
            if line.elementsEqual("---".utf8) { return min(bytes.count, end + 1) }
            start = end + 1
        }
        return 0
    }

    /// `VERSION[-PLATFORM] DEPENDENCIES|checksum:HEX,ruby:…,created_at:…`
    private static func release(_ line: String, of gem: Purl, gems: HTTPURL) -> Release? {
        guard let blank = line.firstIndex(of: " "), let (version, platform) = GemFile.split(line[..<blank]) else {
            return nil
        }
        let purl = GemFile.purl(gem.name, version, platform)
        let file = GemFile.name(of: purl)
        var artifact = Artifact(file: file, url: try? gems.resolving(file))
        if let bar = line.lastIndex(of: "|") {
            for field in line[line.index(after: bar)...].split(separator: ",") {
                let pair = field.split(separator: ":", maxSplits: 1).map(String.init)
                guard pair.count == 2 else { continue }
                switch pair[0] {
                case "checksum": if let digest = Digest(.sha256, hex: pair[1]) { artifact.digests = [digest] }
                case "created_at":
                    artifact.published = Timestamp(rfc3339: pair[1]).map { PublishTime($0, basis: .registryTime) }
                default: break
                }
            }
        }
        return Release(purl: purl, published: artifact.published, artifacts: [artifact])
    }

    /// The page without the lines that `keeps` refuses, every other byte as it was.
    func bytes(keeping keeps: (Release, Artifact) -> Bool) -> [UInt8] {
        var kept: [UInt8] = []
        var at = 0
        for line in lines {
            if let release = line.release, let artifact = release.artifacts.first, keeps(release, artifact) { continue }
            kept += bytes[at..<line.range.lowerBound]
            at = line.range.upperBound
        }
        return kept + bytes[at...]
    }
}
