public import Core

/// Everything a rule may know about a release or one of its files. Built by the gateway; rules ask nobody else.
public struct Facts: Sendable {
    /// How the request for an artifact came about.
    public enum Source: String, Sendable {
        /// An index of this session lists it.
        case index
        /// A project lockfile pins it.
        case lockfile
        /// The client asked for a URL that nothing had announced.
        case directURL
        /// A recorded build is being replayed.
        case replay
    }

    /// What only the bytes can tell. Nil in `Facts` until they are staged.
    public struct ByteFacts: Hashable, Sendable {
        public let sha256: Digest
        public let size: Int64
        /// Who the archive says it is; nil where the format does not tell.
        public let identity: Purl?
        public let entries: Int
        /// Why the archive is unsafe or unsound; nil where it is neither.
        public var archiveFault: String?

        public init(sha256: Digest, size: Int64, identity: Purl?, entries: Int) {
            self.sha256 = sha256
            self.size = size
            self.identity = identity
            self.entries = entries
        }
    }

    public var release: Release
    /// Nil while a whole release is judged.
    public var artifact: Artifact?
    public var origin: Origin
    /// The ecosystem that read the request; a purl type.
    public var type: String
    /// Digests known before the bytes were.
    public var claims: [DigestClaim] = []
    /// False for a file that its ecosystem could not name.
    public var isIdentityKnown = true
    public var source = Source.index
    /// True where the request would go to one of the ecosystem's public hosts, and not to a registry of the job's own.
    public var isPublicOrigin = false
    /// True where a project lockfile pins the release.
    public var isLocked = false
    /// The releases of the package; nil where no index told of them.
    public var history: ReleaseHistory?
    /// The advisories that a locked release of the package has and this one has not; asked only for what is refused else.
    public var fixes: (@Sendable () -> [String])?
    /// What an earlier job got under this release and file name; nil where none did.
    public var remembered: Digest?
    /// What the loaded data says about this release; nil where no data is loaded.
    public var advisories: [Advisory]?
    /// Data that are older than policy takes, each with how old they are: what they do not name may be missing for that.
    public var stale: [PolicyFile.Dataset: String] = [:]
    /// What lists on disk say; nil where nobody looked.
    public var reputation: Reputation?
    /// True where a registry stamps releases itself, so that a missing time is suspicious.
    public var registryAssignsTimes = true
    public var now: Timestamp
    /// The ecosystem's version order: negative, zero, positive; nil where either text is no version.
    public var compare: @Sendable (String, String) -> Int?
    public var bytes: ByteFacts?
    /// What signatures say of the file; nil while an index is judged.
    public var signatures: SignatureFindings?

    public init(
        release: Release,
        origin: Origin,
        type: String,
        now: Timestamp,
        compare: @escaping @Sendable (String, String) -> Int?
    ) {
        self.release = release
        self.origin = origin
        self.type = type
        self.now = now
        self.compare = compare
    }
}

/// A published warning about a release.
public struct Advisory: Hashable, Sendable {
    /// For example `MAL-2024-1234`.
    public let id: String
    public let isMalware: Bool
    public let summary: String
    /// Other names of the same flaw.
    public var aliases: [String] = []
    /// Nil where nobody said how bad it is.
    public var severity: Severity?
    /// True where the data under `data.kev` knows that it is exploited.
    public var isExploited = false
    /// The CVSS score times ten.
    public var score: Int?
    /// How likely it is exploited within thirty days, in ten-thousandths, where `data.epss` says.
    public var likelihood: Int?
    /// The versions that end it; empty where no fix is known.
    public var fixedIn: [String] = []

    public init(id: String, isMalware: Bool, summary: String) {
        self.id = id
        self.isMalware = isMalware
        self.summary = summary
    }
}
