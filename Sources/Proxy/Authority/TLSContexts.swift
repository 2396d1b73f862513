internal import Core
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import NIOSSL

/// The TLS settings for each host we answer as, made when the first client asks.
final class TLSContexts: Sendable {
    /// A client that asks for one host inside a tunnel to another.
    struct NameMismatch: Error {}

    let authority: SessionAuthority
    private let onEvent: @Sendable (ProxyEvent) -> Void
    private let contexts = NIOLockedValueBox<[String: NIOSSLContext]>([:])
    private let capacity: Int
    private let prefersHTTP2: @Sendable (String) -> Bool

    init(
        authority: SessionAuthority,
        capacity: Int = 256,
        prefersHTTP2: @escaping @Sendable (String) -> Bool = { _ in false },
        onEvent: @escaping @Sendable (ProxyEvent) -> Void
    ) {
        self.authority = authority
        self.prefersHTTP2 = prefersHTTP2
        self.capacity = capacity
        self.onEvent = onEvent
    }

    func context(for host: String) throws -> NIOSSLContext {
        if let known = contexts.withLockedValue({ $0[host] }) { return known }
        let context = try make(host)
        contexts.withLockedValue { known in
            if known.count >= capacity { known.removeAll() }
            known[host] = context
        }
        return context
    }

    private func make(_ host: String) throws -> NIOSSLContext {
        var settings = TLSConfiguration.makeServerConfiguration(
            certificateChain: [.certificate(try authority.leaf(for: host))],
            privateKey: authority.privateKey
        )
        settings.minimumTLSVersion = .tlsv12
        // HTTP/2 has no reason phrase, the one place where most clients show why we refuse: it is for those that show the
        // body, and for those that speak nothing else.
        settings.applicationProtocols = prefersHTTP2(host) ? ["h2", "http/1.1"] : ["http/1.1", "h2"]
        settings.trustRoots = .certificates([])
        let onEvent = onEvent
        settings.sslContextCallback = { asked, promise in
            guard let name = asked.serverHostname, name.lowercased() != host else { return promise.succeed(.noChanges) }
            let text = name.unicodeScalars.map { (0x21...0x7E).contains($0.value) ? String($0) : "?" }.joined()
            onEvent(
                .refusedConnection(reason: "TLS asks for \(text.prefix(253)) inside a tunnel to \(host)", host: host)
            )
            promise.fail(NameMismatch())
        }
        return try NIOSSLContext(configuration: settings)
    }
}
