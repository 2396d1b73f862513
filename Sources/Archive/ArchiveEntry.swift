/// One entry as the archive's headers describe it, its path made plain (no leading `./`, no trailing `/`).
public struct ArchiveEntry: Hashable, Sendable {
    /// What the entry would become if it were extracted.
    public enum Kind: Hashable, Sendable {
        case file, directory, symlink, hardlink, other
    }

    public let path: String
    public let kind: Kind
    /// Bytes of a file; 0 for everything else.
    public let size: Int64
}

/// What was seen in a whole archive, and the bytes of the files that were wanted.
public struct ArchiveContents: Sendable {
    public var entries: [ArchiveEntry] = []
    public var kept: [String: [UInt8]] = [:]
}

/// What a walk meets, in order: an entry, then its bytes piece by piece, then the next entry.
public enum ArchiveStep: Sendable {
    case entry(ArchiveEntry)
    /// Bytes of the file entry that came last; never empty.
    case chunk([UInt8])
}

/// The shape of an archive, told by its name; the compression of a tar is told by its first bytes.
public enum ArchiveKind: Hashable, Sendable {
    case zip
    /// Bare or in gzip, xz, bzip2 or zstd.
    case tar
    /// A bare tar that holds other archives.
    case gem
    /// An `ar` that holds two tars.
    case deb
    case unknown

    /// The kind that a file of that name should have.
    public static func kind(ofFileNamed name: String) -> ArchiveKind {
        let lower = name.lowercased()
        let kinds: [(ArchiveKind, [String])] = [
            (.zip, [".zip", ".whl", ".jar", ".war", ".aar", ".nupkg", ".egg", ".conda"]),
            (
                .tar,
                [
                    ".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz", ".tbz2", ".tar.zst", ".tzst",
                    ".crate",
                ]
            ),
            (.gem, [".gem"]),
            (.deb, [".deb", ".udeb"]),
        ]
        return kinds.first { $0.1.contains { lower.hasSuffix($0) } }?.0 ?? .unknown
    }
}
