public import Core
public import Transfer

/// The network. Faults that pass are retried before anybody notices; redirects are followed here, hop by hop, so that
/// every hop is judged and no credential goes along to another origin.
public final class LiveUpstream: Upstream {
    public struct Configuration: Sendable {
        public var transfer: TransferConfiguration
        public var map = UpstreamMap()
        public var credentials = Credentials()
        /// Origins that the user named, which may therefore be inside addresses.
        public var declared: Set<Origin> = []
        /// Tries for one hop, the first included.
        public var tries = 4
        /// Seconds of `Retry-After` that are waited for.
        public var longestWait: Int64 = 60
        public var redirects = 10
        /// How long the first retry waits; the later ones wait three times as long each, all a little longer by chance.
        public var pause = Duration.milliseconds(200)
        /// How long a peer may be silent or slow; the length of a body is limited by each request.
        public var limits = TransferLimits()

        public init(transfer: TransferConfiguration) { self.transfer = transfer }
    }

    private let configuration: Configuration
    private let outside: TransferEngine
    private let inside: TransferEngine
    private let named: Set<Origin>

    public init(_ configuration: Configuration) throws(Problem) {
        self.configuration = configuration
        named = configuration.declared.union(configuration.map.origins)
        var guarded = configuration.transfer
        guarded.addressCheck = { address, _ in AddressGuard.isPublic(address) }
        do throws(TransferError) {
            inside = try TransferEngine(configuration.transfer)
            outside = try TransferEngine(guarded)
        } catch { throw error.problem(subject: "the network") }
    }

    deinit {
        inside.shutdown()
        outside.shutdown()
    }

    public func fetch(_ request: UpstreamRequest) async throws(Problem) -> UpstreamResponse {
        let asked = request.request.url.withoutFragment
        var url: HTTPURL
        do { url = try configuration.map.target(of: asked, ecosystem: request.ecosystem) } catch {
            throw LiveUpstream.badTarget(asked, error)
        }
        var hops: [HTTPURL] = []
        var attempts = 0
        var credential: String?
        while true {
            let hop = hop(to: url, request)
            // One hop that needed a credential of ours makes the whole answer private.
            credential = hop.usesOurs ? hop.authorization.map(LiveUpstream.label) : credential
            let answer = try await send(hop, &attempts)
            guard let next = try redirect(answer.head, from: url, request) else {
                return response(answer, hop, Path(hops: hops, attempts: attempts, credential: credential))
            }
            answer.transfer.cancel()
            hops.append(url)
            guard !hops.contains(next), hops.count <= configuration.redirects else {
                throw LiveUpstream.loop(asked, hops.count)
            }
            url = next
        }
    }

    /// The client's own credential goes only to the origin it was meant for, not to a mirror of it; ours only to the
    /// place they are bound to.
    private func hop(to url: HTTPURL, _ request: UpstreamRequest) -> Hop {
        let own = url.origin == request.request.url.origin ? request.headers.first("Authorization") : nil
        let ours = own == nil ? configuration.credentials.authorization(for: url)?.reveal() : nil
        return Hop(
            url: url,
            request: request,
            authorization: own ?? ours,
            usesOurs: ours != nil,
            limits: configuration.limits
        )
    }

    private func send(_ hop: Hop, _ attempts: inout Int) async throws(Problem) -> Answer {
        let isRepeatable = ["GET", "HEAD"].contains(hop.request.request.method)
        var tries = 0
        while true {
            attempts += 1
            tries += 1
            let isLast = tries >= configuration.tries || !isRepeatable
            let transfer = engine(for: hop.url).start(hop.transferRequest)
            do {
                let head = try await transfer.head()
                guard LiveUpstream.passes.contains(head.status), !isLast else {
                    return Answer(head: head, transfer: transfer)
                }
                let wait = try waiting(head, hop)
                transfer.cancel()
                try await pause(wait ?? backoff(tries), hop)
            } catch let error as TransferError {
                guard error.isPassing, !isLast else { throw error.lasting(subject: hop.url.redacted) }
                try await pause(backoff(tries), hop)
            } catch {
                throw error as? Problem ?? LiveUpstream.stopped(hop.url)
            }
        }
    }

    /// Statuses that may be gone at the next try.
    private static let passes: Set<Int> = [408, 425, 429, 500, 502, 503, 504]

    /// Names that the user gave may lead inside; everything else must lead to the public internet.
    private func engine(for url: HTTPURL) -> TransferEngine { named.contains(url.origin) ? inside : outside }

    private func waiting(_ head: TransferHead, _ hop: Hop) throws(Problem) -> Duration? {
        guard let text = head.value(of: "retry-after"), let seconds = Int64(text), seconds >= 0 else { return nil }
        guard seconds <= configuration.longestWait else {
            throw Problem(
                .upstreamRefused,
                subject: hop.url.redacted,
                summary: "is busy (\(head.status)) and asks to wait \(seconds) seconds",
                remedy:
                    "Run the job later, or use a mirror with --upstream; longer than \(configuration.longestWait) s is not waited.",
                reason: "busy"
            )
        }
        return .seconds(seconds)
    }

    private func pause(_ time: Duration, _ hop: Hop) async throws(Problem) {
        do { try await Task.sleep(for: time) } catch { throw LiveUpstream.stopped(hop.url) }
    }

    /// With a bit of chance in it, so that many jobs do not come back together.
    private func backoff(_ tries: Int) -> Duration {
        var wait = configuration.pause
        for _ in 1..<max(tries, 1) { wait *= 3 }
        return wait * Double.random(in: 1...1.5)
    }

    private func redirect(_ head: TransferHead, from url: HTTPURL, _ request: UpstreamRequest) throws(Problem)
        -> HTTPURL?
    {
        let isReading = ["GET", "HEAD"].contains(request.request.method)
        guard [301, 302, 303, 307, 308].contains(head.status), isReading, let text = head.value(of: "location") else {
            return nil
        }
        let next: HTTPURL
        do { next = try url.resolving(text).withoutFragment } catch {
            throw LiveUpstream.badRedirect(url, "leads to an address that is not lawful: \(error.what)")
        }
        if url.origin.scheme == .https, next.origin.scheme == .http, !named.contains(next.origin) {
            throw LiveUpstream.badRedirect(url, "leaves https for \(next.origin)")
        }
        return next
    }

    private func response(_ answer: Answer, _ hop: Hop, _ path: Path) -> UpstreamResponse {
        let transfer = answer.transfer
        let subject = hop.url.redacted
        let headers = answer.head.headers.map { HeaderField($0.name, $0.value) }
        let body = UpstreamBody(length: answer.head.contentLength, stop: { transfer.cancel() }) {
            () async throws(Problem) in
            do throws(TransferError) { return try await transfer.next() } catch {
                throw error.problem(subject: subject)
            }
        }
        return UpstreamResponse(
            status: answer.head.status,
            reason: answer.head.reason,
            headers: headers,
            finalURL: hop.url,
            redirects: path.hops,
            credential: path.credential,
            source: .network,
            attempts: path.attempts,
            body: body
        )
    }

    /// Names a credential without telling it.
    private static func label(_ authorization: String) -> String {
        var hasher = Hasher()
        hasher.combine(authorization)
        return String(hasher.finalize())
    }
}

/// One request to one place.
private struct Hop {
    let url: HTTPURL
    let request: UpstreamRequest
    let authorization: String?
    let usesOurs: Bool
    let limits: TransferLimits

    /// What a place may be told that the client did not mean to talk to: registries take tokens in many fields.
    private static let harmless = ["Accept-Encoding", "Accept-Language", "Content-Encoding", "Content-Type"]

    var transferRequest: TransferRequest {
        var fields = request.headers.filter { !$0.isNamed("Authorization") && !$0.isNamed("Proxy-Authorization") }
        if url.origin != request.request.url.origin {
            fields.removeAll { field in !Hop.harmless.contains { field.isNamed($0) } }
        }
        if !request.request.accept.isEmpty { fields.append(HeaderField("Accept", request.request.accept)) }
        if !request.request.userAgent.isEmpty { fields.append(HeaderField("User-Agent", request.request.userAgent)) }
        if let authorization { fields.append(HeaderField("Authorization", authorization)) }
        if let etag = request.conditions?.etag { fields.append(HeaderField("If-None-Match", etag)) }
        if let time = request.conditions?.lastModified { fields.append(HeaderField("If-Modified-Since", time)) }
        let body: TransferBody? =
            switch request.body {
            case .none: nil
            case .bytes(let bytes): .bytes(bytes)
            case .file(let path, let size): .file(path: path, size: size)
            }
        return TransferRequest(
            url: url.description,
            method: request.request.method,
            headers: fields.map { .init(name: $0.name, value: $0.value) },
            body: body,
            limits: limits.with(bodyBytes: request.bodyLimit)
        )
    }
}

/// How an answer was reached.
private struct Path {
    let hops: [HTTPURL]
    let attempts: Int
    let credential: String?
}

extension TransferLimits {
    fileprivate func with(bodyBytes: Int64) -> TransferLimits {
        var limits = self
        limits.bodyBytes = bodyBytes
        return limits
    }
}

/// The head of an answer and the transfer that has its body.
private struct Answer {
    let head: TransferHead
    let transfer: Transfer
}
