internal import Core
internal import Upstream

/// Reads what a request on one of our connections is about, and whether this client may ask it.
struct Router: Sendable {
    /// Where on a connection a request came.
    enum Scope: Hashable, Sendable {
        /// On our own port, of which `authority` is the address the client used.
        case open(authority: String)
        /// The same, where only processes of the session can come.
        case sealed(authority: String)
        /// On a port of a name's own address, in clear: the client took us for the host itself.
        case plain(port: Int, name: String?)
        /// Inside a tunnel that we answer as this origin.
        case inside(Origin)
    }

    enum Route: Sendable {
        case respond(Subject)
        case control(path: String)
        case canary(nonce: String)
        case connect(host: String, port: Int)
    }

    /// A request for the responder.
    struct Subject: Sendable {
        let url: HTTPURL
        var linkBase: String?
        var ecosystemType: String?
        /// True where `Authorization` held our own secret, which no upstream may see.
        var hidesAuthorization = false
    }

    static let canaryHost = "canary.purser.invalid"

    let configuration: ProxyConfiguration
    let credentials: Credentials
    let onEvent: @Sendable (ProxyEvent) -> Void

    init(_ configuration: ProxyConfiguration, onEvent: @escaping @Sendable (ProxyEvent) -> Void) {
        self.configuration = configuration
        self.onEvent = onEvent
        credentials = Credentials(configuration.secret)
    }

    func route(_ head: RequestHead, scope: Scope, ends: () -> ConnectionEnds?) throws(Refusal) -> Route {
        switch scope {
        case .inside(let origin):
            return try inner(head, origin)
        case .plain(let port, let name):
            return try direct(head, port: port, name: name)
        case .open(let authority):
            return try proxied(head, authority) { host throws(Refusal) in try admit(head, host: host, ends: ends) }
        case .sealed(let authority):
            return try proxied(head, authority) { _ throws(Refusal) in }
        }
    }

    private func proxied(
        _ head: RequestHead,
        _ authority: String,
        admit: (String) throws(Refusal) -> Void
    ) throws(Refusal) -> Route {
        if head.method == "CONNECT" {
            let asked = try Router.tunnelEnd(head.target)
            try admit(asked.host)
            return .connect(host: asked.host, port: asked.port)
        }
        if head.target.hasPrefix("/") { return try own(head, authority: authority) }
        return try absolute(head, admit: admit)
    }

    /// Strictly one authority, as `Host` has it.
    static func origin(_ scheme: Origin.Scheme, host: String, of place: String = "the Host header") throws(Refusal)
        -> Origin
    {
        guard !host.isEmpty, !host.utf8.contains(where: { $0 == 0x2F || $0 == 0x3F || $0 == 0x23 }) else {
            throw .bad("usage.invalid: \(place) is no host")
        }
        do { return try HTTPURL("\(scheme.rawValue)://\(host)/").origin } catch {
            throw .bad("usage.invalid: \(place): \(error.what)")
        }
    }

    private static func tunnelEnd(_ target: String) throws(Refusal) -> (host: String, port: Int) {
        let digits = target.reversed().prefix { $0.isNumber }
        guard !digits.isEmpty, target.dropLast(digits.count).hasSuffix(":") else {
            throw .bad("usage.invalid: CONNECT needs host:port")
        }
        let origin = try origin(.https, host: target, of: "the target of CONNECT")
        return (origin.host, origin.port)
    }

    private static func url(_ make: () throws(Malformed) -> HTTPURL) throws(Refusal) -> HTTPURL {
        do { return try make() } catch { throw .bad("usage.invalid: \(error.what)") }
    }
}

extension Router {
    /// Forward proxying is for the session's own processes.
    private func admit(_ head: RequestHead, host: String, ends: () -> ConnectionEnds?) throws(Refusal) {
        if credentials.admits(head.proxyAuthorization) { return }
        guard let ends = ends(), let uid = configuration.owner(ends), !configuration.allowedUIDs.isEmpty else {
            throw .credentials
        }
        guard configuration.allowedUIDs.contains(uid) else {
            onEvent(.foreignClient(uid: uid))
            throw Refusal(403, "auth.forbidden: this proxy belongs to another user's session")
        }
        guard configuration.allowsUnauthenticatedOwners, head.proxyAuthorization == nil else { throw .credentials }
    }

    /// The target names the origin; `Host` may say what it likes (RFC 9112 §3.2.2). Of https, too: some clients (axios) have
    /// the proxy speak TLS for them.
    private func absolute(_ head: RequestHead, admit: (String) throws(Refusal) -> Void) throws(Refusal) -> Route {
        let scheme = head.target.prefix { $0 != ":" }.lowercased()
        guard scheme == "http" || scheme == "https" else {
            throw .bad("usage.invalid: the target is neither a path nor an http URL")
        }
        let url = try Router.url { () throws(Malformed) in try HTTPURL(head.target) }
        try admit(url.origin.host)
        try checkDestination(url.origin)
        return .respond(Subject(url: url))
    }

    /// `Host` says whom the client means; where it is silent, the name whose address it came to.
    private func direct(_ head: RequestHead, port: Int, name: String?) throws(Refusal) -> Route {
        guard head.method != "CONNECT" else { throw .bad("usage.invalid: CONNECT to a host that is no proxy") }
        guard head.target.hasPrefix("/") else { return try absolute(head) { _ throws(Refusal) in } }
        guard let host = head.host ?? name else { throw .bad("usage.invalid: nobody says whose address this is") }
        var origin = try Router.origin(.http, host: host)
        if origin.port == 80, port != 80 { origin = Origin(.http, origin.host, port: port) }
        let url = try Router.url { [origin] () throws(Malformed) in try HTTPURL(origin: origin, target: head.target) }
        try checkDestination(origin)
        guard origin.host == Router.canaryHost else { return .respond(Subject(url: url)) }
        return .canary(nonce: String(url.path.dropFirst()))
    }

    private func checkDestination(_ origin: Origin) throws(Refusal) {
        guard case .refuse(let problem) = configuration.destination(origin.host, origin.port) else { return }
        onEvent(.refusedConnection(reason: problem.reasonPhrase, host: origin.host))
        var refusal = Refusal(403, problem.reasonPhrase)
        refusal.closes = false
        throw refusal
    }

    private func inner(_ head: RequestHead, _ origin: Origin) throws(Refusal) -> Route {
        let url: HTTPURL
        if head.target.hasPrefix("/") {
            // A client of HTTP/1.0 need not name the host (RFC 9112 §3.2).
            if let host = head.host, try Router.origin(origin.scheme, host: host) != origin {
                onEvent(.refusedConnection(reason: "Host asks for another origin than the tunnel", host: origin.host))
                throw Refusal(421, "usage.invalid: Host is not the host of this tunnel")
            }
            url = try Router.url { () throws(Malformed) in try HTTPURL(origin: origin, target: head.target) }
        } else {
            guard head.target.contains("://") else {
                throw .bad("usage.invalid: the target is neither a path nor a URL")
            }
            url = try Router.url { () throws(Malformed) in try HTTPURL(head.target) }
            guard url.origin == origin else {
                throw Refusal(421, "usage.invalid: the target is not of the host of this tunnel")
            }
        }
        guard origin.host == Router.canaryHost else { return .respond(Subject(url: url)) }
        return .canary(nonce: String(url.path.dropFirst()))
    }

    /// `/SECRET/<type>/…`, or `/<type>/…` with the secret as a password. All else is a 404 that tells nothing.
    private func own(_ head: RequestHead, authority: String) throws(Refusal) -> Route {
        // Proves the whole target clean before any part of it is used.
        let url = try Router.url { () throws(Malformed) in
            try HTTPURL(origin: Origin(.http, "purser.invalid"), target: head.target)
        }
        var rest = url.target.dropFirst()
        let first = Router.segment(rest)
        let hides = credentials.admits(head.fields.first("authorization"))
        var base = "http://\(authority)"
        if credentials.isSecret(first) {
            base += "/\(credentials.pathSegment)"
            rest = rest[first.endIndex...]
            guard rest.utf8.first == 0x2F else { throw .absent }
            rest = rest.dropFirst()
        } else {
            guard hides else { throw .absent }
        }
        if rest.hasPrefix("-purser/") {
            return .control(path: String(rest.dropFirst(8).prefix { $0 != "?" }))
        }
        guard var subject = try registry(rest) else { throw .absent }
        // A client that sends the secret as its password sends it to links that lead here as well: they need not show it.
        subject.linkBase = base
        subject.hidesAuthorization = hides
        return .respond(subject)
    }

    /// `<type>/<path>` leads to the type's own registry, `<type>/-/<scheme>/<authority>/<path>` to any other.
    private func registry(_ rest: Substring) throws(Refusal) -> Subject? {
        let type = Router.segment(rest)
        guard let origin = configuration.defaultOrigin(String(type)) else { return nil }
        let target = rest[type.endIndex...]
        for scheme in [Origin.Scheme.https, .http] {
            let lead = "/-/\(scheme.rawValue)/"
            guard target.hasPrefix(lead) else { continue }
            let rest = target.dropFirst(lead.utf8.count)
            let authority = Router.segment(rest)
            // pip encodes the colon before a port.
            let isEncoded = authority.utf8.contains(0x25)
            let address = (isEncoded ? authority.replacing("%3A", with: ":") : authority) + rest[authority.endIndex...]
            let url = try Router.url { () throws(Malformed) in try HTTPURL("\(scheme.rawValue)://\(address)") }
            try checkDestination(url.origin)
            return Subject(url: url, ecosystemType: String(type))
        }
        let path = target.hasPrefix("/") ? String(target) : "/" + target
        let url = try Router.url { () throws(Malformed) in try HTTPURL(origin: origin, target: path) }
        return Subject(url: url, ecosystemType: String(type))
    }

    /// Up to the first `/` or `?`, by bytes: a target is ASCII.
    private static func segment(_ text: Substring) -> Substring {
        text[..<(text.utf8.firstIndex { $0 == 0x2F || $0 == 0x3F } ?? text.endIndex)]
    }
}
