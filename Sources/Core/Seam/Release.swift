/// One version of a package, with the facts policy decides on.
public struct Release: Hashable, Sendable {
    /// Package and version.
    public let purl: Purl
    /// When the registry says it was published; for a release of several files, the earliest.
    public var published: PublishTime?
    public var yanked: Withdrawal?
    public var deprecated: Withdrawal?
    public var evidence: PublisherEvidence?
    /// The accounts that published it, as the registry names them; empty where the index does not say.
    public var publishers: [String] = []
    /// SPDX expression or the registry's own words; nil when the index does not say.
    public var license: String?
    /// The address of its sources and of its home page; empty where the index says that there is none, nil where it does not
    /// say.
    public var repository: String?
    public var homepage: String?
    /// The address of whoever wrote it; empty where the index says that there is none, nil where it does not say.
    public var authorEmail: String?
    /// Whether the package describes itself; nil where the index does not say.
    public var hasReadme: Bool?
    /// How many packages it asks for by itself; nil where the index does not say.
    public var dependencyCount: Int?
    /// True when installing runs code of the package; nil when the index does not say.
    public var runsInstallScript: Bool?
    public var artifacts: [Artifact]

    public init(
        purl: Purl,
        published: PublishTime? = nil,
        yanked: Withdrawal? = nil,
        evidence: PublisherEvidence? = nil,
        artifacts: [Artifact] = []
    ) {
        self.purl = purl
        self.published = published
        self.yanked = yanked
        self.evidence = evidence
        self.artifacts = artifacts
    }
}

/// One downloadable file of a release.
public struct Artifact: Hashable, Sendable {
    public let file: String
    public let url: HTTPURL?
    public var digests: [Digest]
    /// Bytes, where the index says.
    public var size: Int64?
    /// A file added later to an old release is as young as itself.
    public var published: PublishTime?
    public var yanked: Withdrawal?
    /// Other attributes an index carries for this file, by the names it uses (`requires-python`, `core-metadata`).
    public var attributes: [String: String]

    public init(
        file: String,
        url: HTTPURL? = nil,
        digests: [Digest] = [],
        size: Int64? = nil,
        published: PublishTime? = nil,
        yanked: Withdrawal? = nil,
        attributes: [String: String] = [:]
    ) {
        self.file = file
        self.url = url
        self.digests = digests
        self.size = size
        self.published = published
        self.yanked = yanked
        self.attributes = attributes
    }
}

/// When something was published, and who says so.
public struct PublishTime: Hashable, Sendable {
    /// How much the time is worth: assigned by the registry, or only hinted at.
    public enum Basis: String, Sendable {
        case registryTime = "registry-time"
        case uploadTime = "upload-time"
        case lastModified = "last-modified"
        /// The first time our own central registry saw it.
        case firstSeen = "first-seen"
        /// Written into the release by whoever made it, such as a build or commit time: a hint, since it can be any time.
        case authorTime = "author-time"
    }

    public let time: Timestamp
    public let basis: Basis

    public init(_ time: Timestamp, basis: Basis) {
        self.time = time
        self.basis = basis
    }
}

/// A release or file taken back by its publisher, with the reason where given.
public struct Withdrawal: Hashable, Sendable {
    public let reason: String

    public init(reason: String = "") { self.reason = reason }
}

/// What vouches for the publisher of a release.
public struct PublisherEvidence: Hashable, Sendable {
    /// Ordered by how much it proves.
    public enum Kind: String, Sendable, CaseIterable, Comparable {
        case none, signature, provenance
        case trustedPublisher = "trusted-publisher"

        public static func < (a: Kind, b: Kind) -> Bool {
            (allCases.firstIndex(of: a) ?? 0) < (allCases.firstIndex(of: b) ?? 0)
        }
    }

    public let kind: Kind
    /// True only after a signature was checked by us.
    public let isVerified: Bool

    public init(_ kind: Kind, isVerified: Bool = false) {
        self.kind = kind
        self.isVerified = isVerified
    }
}

/// What an index document says, in our words.
public struct PackageIndex: Hashable, Sendable {
    public let scope: IndexScope
    public var releases: [Release]
    /// Digests of further documents that this index vouches for (Debian's Release file lists its indexes), by URL.
    public var vouches: [HTTPURL: [Digest]]

    public init(scope: IndexScope, releases: [Release], vouches: [HTTPURL: [Digest]] = [:]) {
        self.scope = scope
        self.releases = releases
        self.vouches = vouches
    }
}
