/// One package ecosystem, as a codec: how its clients ask, and how its documents read and print.
///
/// A conforming type performs no I/O, reads no clock and logs nothing. The gateway fetches, caches, verifies and
/// decides once, for every ecosystem. Everything it is handed comes from outside: it throws `Malformed`, never traps.
public protocol Ecosystem: Sendable {
    /// The purl type. It is also the route prefix, the fixture folder and the key in policy files.
    var type: String { get }
    /// Public hosts whose traffic belongs to this ecosystem; none for one that only takes what no other claims.
    var hosts: [String] { get }
    /// True where requests are told by their form alone, so that they are offered whatever the host.
    var isKnownOnAnyHost: Bool { get }
    /// Where requests of registry mode (`/<type>/<path>`) go when nothing else is configured; nil where there is no default.
    var defaultOrigin: Origin? { get }
    /// False where clients check a signature over the index: then policy acts on artifacts alone.
    var mayRewriteIndex: Bool { get }
    /// True where clients that obey a lockfile look its releases up in an index before they ask for their files. A refused
    /// release that a lockfile pins then stays listed, so that the client comes to the file and shows why it is refused.
    var looksUpLockedReleases: Bool { get }
    /// True where a client looks what it has locked up on a page of that release alone and passes over its refusal (Poetry):
    /// then such a page is given out too, and the file is refused.
    var looksUpLockedReleasesAlone: Bool { get }
    /// True where clients never choose another package's release because of what a package lacks, and call one without any
    /// release unpublished: an index of which nothing would be left is then refused as a whole, with the reason.
    var tellsOfEmptiedIndexes: Bool { get }
    /// The digest of an index that its clients want for entity tag; nil where they take any.
    var entityTag: Digest.Algorithm? { get }
    /// False where nobody assigns publish times (deb, generic): a missing time then warns instead of blocking.
    var registryAssignsTimes: Bool { get }
    /// File names of the project lockfiles that `pins` reads.
    var lockfileNames: [String] { get }

    /// Says what a client wants. `nil` means the request is not part of this ecosystem's protocol.
    func intent(of request: Request) throws(Malformed) -> Intent?
    /// What is wanted of a document that an index of this session named (`vouches`), where its place alone says nothing; nil
    /// where it is none of this ecosystem's.
    func intent(ofNamed request: Request) -> Intent?
    /// Packages that a request tells its origin of beyond what its intent names: in the scope of a token, in a path that
    /// is no index and no file. Names that may not leave are looked for among them.
    func names(in request: Request) -> [Purl]
    /// What the address of a document says of its bytes (`/manifests/sha256:…`): checked before anybody sees them.
    func promises(of request: Request) -> [Digest]
    /// The field of an answer in which clients expect the digest of a document that is itself a file of a release.
    var digestField: String? { get }
    /// Fields that clients want in every answer of the protocol, by name (`Content-Version` of Swift's registries).
    var answerFields: [String: String] { get }
    /// Those of `hosts` for which a mirror of this type stands in; several registries of one type are not one.
    var mirroredHosts: [String] { get }
    /// The tokens that an answer to a `credential` request hands out.
    func tokens(in answer: Document) -> [String]
    /// Further documents needed before this index can be judged, such as publish dates kept elsewhere.
    func companions(of index: Document, for request: Request, scope: IndexScope) -> [CompanionRequest]
    /// Reads an index, with the companions that could be had, into releases.
    func readIndex(_ index: Document, companions: [Document], for request: Request, scope: IndexScope)
        throws(Malformed) -> PackageIndex
    /// Prints the index again without what `view` refuses, its links led where `view` says.
    func writeIndex(_ index: Document, for request: Request, scope: IndexScope, view: IndexView)
        throws(Malformed) -> Document
    /// The index that lists the releases of a package, as a request of ours: how the gateway learns the facts of an
    /// artifact that a client asked for without reading an index first. Nil where there is none.
    func indexRequest(for package: Purl, at origin: Origin) -> Request?
    /// The same where there is no public registry, and a lockfile says with each release where its index is.
    func indexRequest(forPinned release: Purl) -> Request?
    /// The documents that state the facts of one file (its checksum, its publish time), where a format keeps them beside
    /// the file instead of in an index of the package: Maven's `.sha1`, Go's `.info` and checksum database. Each must be
    /// one that `intent` calls an index. The gateway reads them, all at once, before it serves a file of which the digest or
    /// the publish time is not known yet. `name.digests` holds what is promised already.
    /// A HEAD among them is of the file itself: `readIndex` then gets a document without bytes that says when it was modified.
    func statements(about name: ArtifactName, at url: HTTPURL) -> [Request]
    /// The file that a client asks for when it has this companion of it, where that is how its clients go about (Go asks for
    /// a `.mod` and then for the zip). If a lockfile names the file, its statements are read in the meantime.
    func file(after companion: Request) -> Request?
    /// The checksum that a format keeps beside its indexes (Maven's `maven-metadata.xml.sha1`), for a request of either of
    /// the two; nil for all else. `intent` must call both an index of one scope, and `readIndex` of the checksum must vouch
    /// for the index. The gateway checks the index by it, and answers with the checksum of what it gives out.
    func checksum(about request: Request) -> IndexChecksum?
    /// True for a document that never changes once it is there, such as the checksum of a released file: a copy of it is
    /// as good in a later job, without asking.
    func isFinal(_ request: Request) -> Bool
    /// The name under which `h1` hashes this file where it is hashed alone (Go's go.mod); nil for an archive, whose
    /// entries are.
    func nameInHash(ofFile file: String) -> String?
    /// True where an index may be an answer of no bytes, as Go's list of a module without tags is.
    func admitsEmptyIndex(for request: Request) -> Bool
    /// Every release that a file of this name may belong to, likeliest first. Never a guess: the gateway takes one
    /// only if that release's index lists this very URL or digest.
    func candidates(forFile file: String, at url: HTTPURL) -> [Purl]
    /// Reads a project lockfile.
    func pins(in document: [UInt8], named name: String) throws(Malformed) -> [Pin]
    /// Orders two versions by the ecosystem's own rules: negative, zero or positive; nil if either is no version.
    func compare(_ a: String, _ b: String) -> Int?
    /// True for a version that the ecosystem's resolvers do not take unasked.
    func isPrerelease(_ version: String) -> Bool
    /// Query parameters that change from request to request and mean nothing; replay drops them from its key.
    var volatileParameters: Set<String> { get }
    /// A fixed empty answer for a request that replay may answer without a record (audit, telemetry, search); else nil.
    func ignorableAnswer(to request: Request) -> Document?
    /// The settings that make this ecosystem's clients talk to `endpoint`.
    func clientSettings(for endpoint: Endpoint) -> ClientSettings
    /// What people are told about this codec.
    var profile: Profile { get }
    /// True where a path begins with the name of a package, so that a registry below a folder of its host can be read only
    /// when that folder is known.
    var readsFromRoot: Bool { get }
    /// True where the clients print the body of a refusal, and not only its status line: they may then speak HTTP/2 to us,
    /// which has no reason phrase.
    var clientsShowBody: Bool { get }
    /// For a client that shows nothing of a refusal but its status and addresses: the kind of address in which it is told
    /// the reason. Nil for every other client.
    func refusalAddress(for request: Request) -> RefusalAddress?
    /// Prints a problem the way this ecosystem's clients show errors to people.
    func document(for problem: Problem) -> Document
}

extension Ecosystem {
    public var mayRewriteIndex: Bool { true }
    public var looksUpLockedReleases: Bool { false }
    public var looksUpLockedReleasesAlone: Bool { false }
    public var tellsOfEmptiedIndexes: Bool { false }
    public var entityTag: Digest.Algorithm? { nil }
    public var registryAssignsTimes: Bool { true }
    public var isKnownOnAnyHost: Bool { false }
    public var clientsShowBody: Bool { false }
    public var readsFromRoot: Bool { false }
    public var lockfileNames: [String] { [] }
    public var volatileParameters: Set<String> { [] }
    public var digestField: String? { nil }
    public var answerFields: [String: String] { [:] }
    public var mirroredHosts: [String] { hosts }

    public func intent(ofNamed request: Request) -> Intent? { nil }
    public func names(in request: Request) -> [Purl] { [] }
    public func promises(of request: Request) -> [Digest] { [] }
    public func refusalAddress(for request: Request) -> RefusalAddress? { nil }
    public func tokens(in answer: Document) -> [String] { [] }
    public func companions(of index: Document, for request: Request, scope: IndexScope) -> [CompanionRequest] { [] }
    public func indexRequest(for package: Purl, at origin: Origin) -> Request? { nil }
    public func indexRequest(forPinned release: Purl) -> Request? { nil }
    public func statements(about name: ArtifactName, at url: HTTPURL) -> [Request] { [] }
    public func file(after companion: Request) -> Request? { nil }
    public func checksum(about request: Request) -> IndexChecksum? { nil }
    public func isFinal(_ request: Request) -> Bool { false }
    public func nameInHash(ofFile file: String) -> String? { nil }
    public func admitsEmptyIndex(for request: Request) -> Bool { false }
    public func candidates(forFile file: String, at url: HTTPURL) -> [Purl] { [] }
    public func pins(in document: [UInt8], named name: String) throws(Malformed) -> [Pin] { [] }
    public func isPrerelease(_ version: String) -> Bool { false }
    public func ignorableAnswer(to request: Request) -> Document? { nil }
    public func clientSettings(for endpoint: Endpoint) -> ClientSettings { ClientSettings() }

    public func document(for problem: Problem) -> Document {
        Document(Array("\(problem)\n".utf8), contentType: "text/plain; charset=utf-8")
    }
}

/// An ecosystem the registry can also host, not only proxy.
public protocol HostableEcosystem: Ecosystem {
    /// Reads an upload whose file parts are already staged. The registry inspects the staged bytes afterwards.
    func readPublication(_ form: PublicationForm) throws(Malformed) -> Publication
    /// Prints an index of hosted releases in the representation the request negotiated; `view.link` leads to our files.
    func printIndex(_ index: PackageIndex, for request: Request, view: IndexView) -> Document
    /// Prints the list of all hosted packages, where the protocol has one.
    func printCatalogue(_ packages: [Purl], for request: Request) -> Document?
}

/// An ecosystem whose artifacts say inside who they are, so that the name on the outside can be checked.
public protocol InspectableEcosystem: Ecosystem {
    /// How the file's archive is to be read; nil for files that are no archive of this ecosystem.
    func inspection(ofFile file: String) -> Inspection?
    /// Who the archive says it is (release purl), from the entries that the inspection asked for.
    func identity(ofFile file: String, entries: [String: [UInt8]]) throws(Malformed) -> Purl
    /// True where the release inside is the one outside. An archive may know less than an index does.
    func agrees(_ inside: Purl, with outside: Purl) -> Bool
    /// What an index says of the file beside its name and digest, from the same entries.
    func listing(ofFile file: String, entries: [String: [UInt8]]) -> Listing
}

extension InspectableEcosystem {
    public func listing(ofFile file: String, entries: [String: [UInt8]]) -> Listing { Listing() }

    public func agrees(_ inside: Purl, with outside: Purl) -> Bool {
        guard inside.package == outside.package else { return false }
        guard let one = inside.version, let other = outside.version else { return true }
        return one == other || compare(one, other) == 0
    }
}
