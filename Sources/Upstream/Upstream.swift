public import Core

/// Where answers come from: the network, a record (replay), or our own storage (hosted packages).
public protocol Upstream: Sendable {
    /// The answer's head, its body still to be read. Transient faults before the body were already retried; redirects
    /// were followed. Statuses such as 404 are answers, not errors.
    func fetch(_ request: UpstreamRequest) async throws(Problem) -> UpstreamResponse
}

/// One question to an upstream, asked under the address that the client meant.
public struct UpstreamRequest: Sendable {
    /// What the answer is for; limits and retries follow from it.
    public enum Purpose: Sendable { case index, artifact, sidecar, publication, passThrough }

    public var request: Request
    /// The purl type, which selects the configured upstream.
    public var ecosystem: String
    public var purpose: Purpose
    /// End-to-end fields of the client to pass on, its `Authorization` for this origin included; without conditions,
    /// ranges, `Accept-Encoding` and `Host`.
    public var headers: [HeaderField]
    /// What is known of an older answer; makes the question a conditional one.
    public var conditions: Conditions?
    /// Digests under which the bytes may be had elsewhere (a shared cache). Empty when nobody claimed any.
    public var claims: [Digest]
    public var body: UploadBody
    /// Greatest body that is taken, in bytes.
    public var bodyLimit: Int64

    public init(
        _ request: Request,
        ecosystem: String,
        purpose: Purpose,
        headers: [HeaderField] = [],
        conditions: Conditions? = nil,
        claims: [Digest] = [],
        body: UploadBody = .none,
        bodyLimit: Int64 = 2 << 30
    ) {
        self.request = request
        self.ecosystem = ecosystem
        self.purpose = purpose
        self.headers = headers
        self.conditions = conditions
        self.claims = claims
        self.body = body
        self.bodyLimit = bodyLimit
    }

    /// Validators of an older answer (RFC 9110 §13.1).
    public struct Conditions: Hashable, Sendable {
        public let etag: String?
        public let lastModified: String?

        public init(etag: String?, lastModified: String?) {
            self.etag = etag
            self.lastModified = lastModified
        }
    }

    /// What is sent along with a publication or a reading POST.
    public enum UploadBody: Sendable {
        case none
        case bytes([UInt8])
        case file(path: String, size: Int64)
    }
}

/// The head of an upstream's answer, and the way to its body.
public struct UpstreamResponse: Sendable {
    public enum Source: String, Sendable {
        case network, record, hosted
        case registry = "shared-cache"
    }

    public let status: Int
    public let reason: String
    public let headers: [HeaderField]
    /// Where the bytes really came from.
    public let finalURL: HTTPURL
    public let redirects: [HTTPURL]
    /// A label (not the value) of a credential of ours that was sent on the way; nil when none was. Answers got with one
    /// are private to it, as those got with the client's own are to that.
    public let credential: String?
    public let source: Source
    /// Tries that it took, 1 for an answer at once.
    public let attempts: Int
    public let body: UpstreamBody

    public init(
        status: Int,
        reason: String = "",
        headers: [HeaderField],
        finalURL: HTTPURL,
        redirects: [HTTPURL] = [],
        credential: String? = nil,
        source: Source,
        attempts: Int = 1,
        body: UpstreamBody
    ) {
        self.status = status
        self.reason = reason
        self.headers = headers
        self.finalURL = finalURL
        self.redirects = redirects
        self.credential = credential
        self.source = source
        self.attempts = attempts
        self.body = body
    }
}

/// A body as it arrives. One reader. A body cut short throws (`upstream.unreachable`, reason `truncated`); it never just ends.
public struct UpstreamBody: Sendable {
    /// Bytes announced, when the upstream said.
    public let length: Int64?
    private let read: @Sendable () async throws(Problem) -> [UInt8]?
    private let stop: @Sendable () -> Void

    public init(
        length: Int64?,
        stop: @escaping @Sendable () -> Void = {},
        read: @escaping @Sendable () async throws(Problem) -> [UInt8]?
    ) {
        self.length = length
        self.stop = stop
        self.read = read
    }

    /// A body that is already there.
    public init(_ bytes: [UInt8]) {
        let once = Once(bytes)
        self.init(length: Int64(bytes.count)) { () async throws(Problem) in once.take() }
    }

    /// The next chunk, nil at the true end.
    public func next() async throws(Problem) -> [UInt8]? { try await read() }

    /// Ends the transfer when nobody wants the rest.
    public func cancel() { stop() }

    /// The whole body, at most `limit` bytes.
    public func collect(limit: Int, of subject: String) async throws(Problem) -> [UInt8] {
        var bytes: [UInt8] = []
        while let chunk = try await next() {
            bytes += chunk
            guard bytes.count <= limit else {
                cancel()
                throw Problem(
                    .tooLarge,
                    subject: subject,
                    summary: "is larger than \(limit >> 20) MiB",
                    remedy: "Ask the upstream's operator why this document is so large; nothing of it was kept."
                )
            }
        }
        return bytes
    }
}
