public import Core
public import Policy

/// Takes down what the gateway did, before the client hears of it. One that fails makes the answer fail: nothing is
/// served that could not be recorded.
public protocol Recorder: Sendable {
    func record(_ event: GatewayEvent) async throws(Problem)

    /// Counts one more request of a client whose traffic in this ecosystem was recorded before. False where it was not,
    /// or cannot be counted; then it has to be recorded.
    func countAgain(ecosystem: String, client: String) -> Bool
}

extension Recorder {
    public func countAgain(ecosystem: String, client: String) -> Bool { false }
}

/// What the gateway did.
public enum GatewayEvent: Sendable {
    /// Bytes were verified and may be served.
    case fetched(FetchedInput)
    /// A request was answered; replay gives the same answer again.
    case answered(RecordedAnswer)
    /// Policy or verification said no.
    case refused(Refusal)
    /// A client spoke this ecosystem's protocol.
    case traffic(ecosystem: String, client: String)
    /// Something happened that the record does not cover.
    case gap(kind: Gap, host: String, detail: String)
    /// The job published something.
    case published(PublishedOutput)
    /// A token exchange or login went to its origin; nothing of it is kept.
    case credentialExchange(host: String)

    /// The kinds of gaps that a gateway itself can cause.
    public enum Gap: String, Sendable {
        case staleIndex = "stale-index"
        case nonGet = "non-get"
        case upstreamError = "upstream-error"
        case unclaimed
        /// An index whose links lead to this machine itself, where clients go without a proxy.
        case loopbackLinks = "loopback-links"
    }
}

/// An artifact that came in.
public struct FetchedInput: Sendable {
    public let purl: Purl
    public let file: String
    public let size: Int64
    public let digests: [Digest]
    public let claims: [DigestClaim]
    public let origin: Origin
    public let url: HTTPURL
    public let finalURL: HTTPURL
    public let release: Release?
    public let published: PublishTime?
    public let source: String
    public let attempts: Int
    public let verdict: Verdict
    /// True where the bytes lie in the record's store, not in the cache, because nobody had claimed a digest.
    public let isUnclaimed: Bool
}

/// A request and its answer, as replay needs them. Never the answer to a token exchange.
public struct RecordedAnswer: Sendable {
    public let request: Request
    /// The query without the parameters that mean nothing.
    public let query: String?
    public let status: Int
    public let contentType: String
    /// The body, which lies in one of the stores; nil for none.
    public let body: Digest?
    public let finalURL: HTTPURL
    public let isArtifact: Bool
}

/// Something that was not served.
public struct Refusal: Sendable {
    public let subject: String
    public let purl: Purl?
    public let problem: Problem
    public let verdict: Verdict?
    /// True when a whole index was answered without it, false when its bytes were asked for.
    public let isHidden: Bool

    public init(subject: String, purl: Purl?, problem: Problem, verdict: Verdict?, isHidden: Bool) {
        self.subject = subject
        self.purl = purl
        self.problem = problem
        self.verdict = verdict
        self.isHidden = isHidden
    }
}

/// A file that the job sent to a registry.
public struct PublishedOutput: Sendable {
    public let url: HTTPURL
    public let method: String
    public let size: Int64
    public let digest: Digest?
    public let status: Int
}
