/// The part of a client's request that an ecosystem may look at.
public struct Request: Hashable, Sendable {
    public let method: String
    /// What the client asked for, under the origin it meant (never our own address).
    public let url: HTTPURL
    /// All `Accept` lines joined with `, `; empty when there was none.
    public let accept: String
    public let userAgent: String
    /// For the few reading POSTs (audit, token exchange, upload-pack); empty otherwise.
    public let body: [UInt8]

    public init(method: String = "GET", url: HTTPURL, accept: String = "", userAgent: String = "", body: [UInt8] = []) {
        self.method = method
        self.url = url
        self.accept = accept
        self.userAgent = userAgent
        self.body = body
    }
}

/// What a client wants, once its ecosystem has read the request.
public enum Intent: Hashable, Sendable {
    case index(IndexScope)
    case artifact(ArtifactName)
    /// A companion of an artifact: `.metadata`, `.sha1`, `.asc`. The release is nil when the name does not tell.
    case sidecar(release: Purl?, file: String)
    case publish(Purl?)
    case tag(Purl?)
    case yank(Purl?)
    case search
    /// Token exchange, login: passed to its origin, never stored, recorded by count alone.
    case credential
    /// A protocol of several messages (git upload-pack), judged by what it wants.
    case conversation
    /// Harmless to pass through unread, such as a ping.
    case passThrough
}

/// An artifact as a request names it. Anonymous when only the file is known.
public struct ArtifactName: Hashable, Sendable {
    /// Package and version, where the request says so beyond doubt.
    public let release: Purl?
    public let file: String
    /// What the address itself promises (`/blobs/sha256:…`).
    public let digests: [Digest]

    public init(release: Purl? = nil, file: String, digests: [Digest] = []) {
        self.release = release
        self.file = file
        self.digests = digests
    }
}

/// How much one index document covers: npm has one per package, Debian one per repository.
public enum IndexScope: Hashable, Sendable {
    case package(Purl)
    /// Names the part of the repository, such as `dists/stable/main/binary-amd64/Packages`.
    case repository(String)
}

/// How a client is told in an address why it is refused.
public enum RefusalAddress: Hashable, Sendable {
    /// It goes there, and shows the address with the status that it finds (dnf).
    case followed
    /// It is of a scheme that nobody speaks: the client says so, and what it was (Yarn 1; Go's HTTP client in terraform).
    case unspoken
}

/// Bytes with a content type, read from or printed for the wire.
public struct Document: Hashable, Sendable {
    public let bytes: [UInt8]
    public let contentType: String
    /// Where the bytes came from after redirects; relative links resolve against it.
    public let url: HTTPURL?
    /// The origin's `Last-Modified`, where it sent one: a hint of the publish time where the format has none (Maven).
    public let modified: Timestamp?
    /// SHA-256 of the bytes, where the gateway has it: codecs compute none, and some name a release by it (OCI).
    public let digest: Digest?

    public init(
        _ bytes: [UInt8],
        contentType: String = "application/octet-stream",
        url: HTTPURL? = nil,
        modified: Timestamp? = nil,
        digest: Digest? = nil
    ) {
        self.bytes = bytes
        self.contentType = contentType
        self.url = url
        self.modified = modified
        self.digest = digest
    }
}

/// A document that an index needs beside it.
public struct CompanionRequest: Hashable, Sendable {
    public let url: HTTPURL
    public let accept: String

    public init(url: HTTPURL, accept: String = "") {
        self.url = url
        self.accept = accept
    }
}

/// An index and the document that states what it hashes to.
public struct IndexChecksum: Hashable, Sendable {
    public let index: HTTPURL
    public let checksum: HTTPURL
    public let algorithm: Digest.Algorithm

    public init(index: HTTPURL, checksum: HTTPURL, algorithm: Digest.Algorithm) {
        self.index = index
        self.checksum = checksum
        self.algorithm = algorithm
    }
}

/// What a printed index shows and where its links lead.
public struct IndexView: Sendable {
    /// False hides this file of this release. Asked once per artifact; a release without artifacts left is hidden too.
    public let keeps: @Sendable (Release, Artifact) -> Bool
    /// Where a link to this URL should lead instead; nil leaves every link as the origin wrote it.
    public let link: (@Sendable (HTTPURL) -> String)?
    /// Why a file that stays listed is refused when its bytes are asked for: a lockfile of the project pins it. Nil for
    /// every other file. Pointers to the newest release never lead there, and where the format has a mark that keeps
    /// resolvers away but not those who obey a lockfile (yanked, retracted, deprecated), the codec sets it.
    public let refusal: @Sendable (Release, Artifact) -> String?

    public init(
        keeps: @escaping @Sendable (Release, Artifact) -> Bool,
        link: (@Sendable (HTTPURL) -> String)? = nil,
        refusal: @escaping @Sendable (Release, Artifact) -> String? = { _, _ in nil }
    ) {
        self.keeps = keeps
        self.link = link
        self.refusal = refusal
    }

    /// True for a file that a pointer to the newest release may lead to.
    public func offers(_ release: Release, _ artifact: Artifact) -> Bool {
        keeps(release, artifact) && refusal(release, artifact) == nil
    }
}

/// A claim from a project lockfile.
public struct Pin: Hashable, Sendable {
    /// The real package, never an alias.
    public let release: Purl
    public let file: String?
    public let url: HTTPURL?
    public let digests: [Digest]
    public let published: PublishTime?

    public init(
        release: Purl,
        file: String? = nil,
        url: HTTPURL? = nil,
        digests: [Digest] = [],
        published: PublishTime? = nil
    ) {
        self.release = release
        self.file = file
        self.url = url
        self.digests = digests
        self.published = published
    }

    /// Where the lockfile says that it comes from; nil where it leaves that to the client.
    public var statedOrigin: Origin? {
        url?.origin ?? release.qualifiers["repository_url"].flatMap { try? HTTPURL($0) }?.origin
    }

    /// True for a package that is a commit of a repository, so that no registry is to be asked about its name.
    public var isOfRepository: Bool { url == nil && file == nil && release.qualifiers["vcs_url"] != nil }
}

/// How an archive is to be opened and which of its entries tell who it is.
public struct Inspection: Sendable {
    /// `gem` is an uncompressed tar whose parts are compressed each by itself.
    public enum Format: Sendable { case zip, tar, gem, deb }

    public let format: Format
    /// True for zip formats whose own tools write data descriptors (jar, nupkg); wheels may not have them.
    public let allowsDataDescriptors: Bool
    public let wants: @Sendable (String) -> Bool

    public init(format: Format, allowsDataDescriptors: Bool = false, wants: @escaping @Sendable (String) -> Bool) {
        self.format = format
        self.allowsDataDescriptors = allowsDataDescriptors
        self.wants = wants
    }
}

/// An upload whose file parts lie staged: the form fields, and what the file is.
public struct PublicationForm: Sendable {
    public let fields: [(name: String, value: String)]
    public let file: String
    public let size: Int64
    public let digests: [Digest]

    public init(fields: [(name: String, value: String)], file: String, size: Int64, digests: [Digest]) {
        self.fields = fields
        self.file = file
        self.size = size
        self.digests = digests
    }
}

/// What a publisher asks to be hosted.
public struct Publication: Hashable, Sendable {
    public let release: Release
    public let artifact: Artifact

    public init(release: Release, artifact: Artifact) {
        self.release = release
        self.artifact = artifact
    }
}
