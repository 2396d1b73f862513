/// Why an archive is refused; the text names the entry or the structure and is fit to be shown to people.
public enum ArchiveError: Error, Hashable, Sendable {
    /// It breaks its format, or two readers could see two archives in it.
    case malformed(String)
    /// It goes beyond a limit.
    case tooLarge(String)
    /// An entry leaves the archive's root, is a device, or stands in another's way.
    case unsafeEntry(String)
    /// The file cannot be opened or read, or uses what we do not read (encryption, a rare method).
    case unreadable(String)

    public var message: String {
        switch self {
        case .malformed(let text), .tooLarge(let text), .unsafeEntry(let text), .unreadable(let text): text
        }
    }
}

/// What reading an archive may cost at most.
public struct ArchiveLimits: Hashable, Sendable {
    /// Entries, directories included.
    public var entries: Int
    /// Bytes kept of one wanted entry.
    public var entryBytes: Int
    /// Inflated bytes of the whole archive, headers of a tar included.
    public var totalBytes: Int64
    /// Inflated bytes for each compressed one, looked at beyond the first 64 MiB.
    public var ratio: Int64
    public var pathBytes: Int
    /// Components of a path.
    public var depth: Int

    /// Small archives may compress as well as they like.
    static let unratedBytes: Int64 = 64 << 20

    public init(
        entries: Int = 100_000,
        entryBytes: Int = 64 << 20,
        totalBytes: Int64 = 4 << 30
    ) {
        self.entries = entries
        self.entryBytes = entryBytes
        self.totalBytes = totalBytes
        ratio = 200
        pathBytes = 4_096
        depth = 256
    }
}
