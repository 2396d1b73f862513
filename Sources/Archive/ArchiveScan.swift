/// Reads archives that lie in files, whole and within limits, and never extracts anything.
public enum ArchiveScan {
    /// Walks everything and keeps the bytes of the files whose path `wants` names.
    ///
    /// `allowsDataDescriptors` is for zips other than wheels (every jar has them): it also lets entry comments and
    /// padded extra fields pass.
    public static func inspect(
        path: String,
        kind: ArchiveKind,
        limits: ArchiveLimits = ArchiveLimits(),
        allowsDataDescriptors: Bool = false,
        wants: (String) -> Bool
    ) throws(ArchiveError) -> ArchiveContents {
        var contents = ArchiveContents()
        var keeping: String?
        try forEachEntry(path: path, kind: kind, limits: limits, allowsDataDescriptors: allowsDataDescriptors) {
            (step: ArchiveStep) throws(ArchiveError) in
            switch step {
            case .entry(let entry):
                contents.entries.append(entry)
                keeping = entry.kind == .file && wants(entry.path) ? entry.path : nil
                guard let keeping else { return }
                guard entry.size <= limits.entryBytes else {
                    throw .tooLarge("\(keeping) holds more than \(limits.entryBytes) bytes")
                }
                contents.kept[keeping] = []
            case .chunk(let bytes):
                guard let keeping else { return }
                contents.kept[keeping]?.append(contentsOf: bytes)
            }
        }
        return contents
    }

    /// Walks everything in the archive's order and hands over each entry and then its bytes, for hashing.
    ///
    /// What was handed over counts only when the walk returns: a refusal may come at the very end.
    public static func forEachEntry(
        path: String,
        kind: ArchiveKind,
        limits: ArchiveLimits = ArchiveLimits(),
        allowsDataDescriptors: Bool = false,
        body: (ArchiveStep) throws(ArchiveError) -> Void
    ) throws(ArchiveError) {
        try walk(OpenFile(path: path), kind, limits, allowsDataDescriptors, body)
    }

    static func walk(
        _ file: OpenFile,
        _ kind: ArchiveKind,
        _ limits: ArchiveLimits,
        _ isLenient: Bool,
        _ body: (ArchiveStep) throws(ArchiveError) -> Void
    ) throws(ArchiveError) {
        switch kind {
        case .zip:
            var reader = ZipReader(file, limits: limits, isLenient: isLenient)
            try reader.walk(body)
        case .tar, .gem:
            try walkTar(FileRegion(file: file, range: 0..<file.size), limits: limits, body)
        case .deb:
            for member in try DebianMembers(file).tars { try walkTar(member, limits: limits, body) }
        case .unknown: throw .unreadable("no archive that we read")
        }
    }

    /// Decodes one compressed file (gzip, zlib, xz, bzip2, zstd, lz4; told by its first bytes) up to `limit` bytes, and
    /// checks lengths and checksums. What was handed over counts only when this returns.
    public static func gunzip(
        path: String,
        limit: Int64,
        into take: ([UInt8]) throws(ArchiveError) -> Void
    ) throws(ArchiveError) {
        try decode(OpenFile(path: path), limit: limit, into: take)
    }

    /// Decodes compressed bytes in memory as `gunzip` does those of a file.
    public static func decompress(
        _ bytes: [UInt8],
        limit: Int64,
        into take: ([UInt8]) throws(ArchiveError) -> Void
    ) throws(ArchiveError) {
        try decode(OpenFile(bytes: bytes), limit: limit, into: take)
    }

    private static func decode(
        _ file: OpenFile,
        limit: Int64,
        into take: ([UInt8]) throws(ArchiveError) -> Void
    ) throws(ArchiveError) {
        let region = FileRegion(file: file, range: 0..<file.size)
        guard try region.compression != .none else { throw .malformed("not a compressed file") }
        let limits = ArchiveLimits(totalBytes: limit)
        let source = try MeteredSource(region, limits: limits)
        while true {
            let bytes = try source.next()
            if bytes.isEmpty { return }
            try take(bytes)
        }
    }

    /// The bytes of the `control` file of a Debian package, whose members must be the three that dpkg writes, in order.
    public static func debControl(
        path: String,
        limits: ArchiveLimits = ArchiveLimits(entryBytes: 1 << 20, totalBytes: 64 << 20)
    ) throws(ArchiveError) -> [UInt8] {
        let members = try DebianMembers(try OpenFile(path: path))
        var control: [UInt8]?
        var isControl = false
        try walkTar(members.control, limits: limits) { step throws(ArchiveError) in
            switch step {
            case .entry(let entry):
                isControl = entry.path == "control" && entry.kind == .file
                guard isControl else { return }
                guard entry.size <= limits.entryBytes else { throw .tooLarge("control is too long") }
                control = []
            case .chunk(let bytes): if isControl { control?.append(contentsOf: bytes) }
            }
        }
        guard let control else { throw .malformed("no control file") }
        return control
    }

    private static func walkTar(
        _ region: FileRegion,
        limits: ArchiveLimits,
        _ body: (ArchiveStep) throws(ArchiveError) -> Void
    ) throws(ArchiveError) {
        var reader = TarReader(try MeteredSource(region, limits: limits), limits: limits)
        try reader.walk(body)
    }
}
