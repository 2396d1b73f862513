import Core
import Ecosystems
import Gateway
import Kernel
import Proxy
import TestKit
import Upstream

/// How a client of a story reaches the gateway.
enum Transport: String, CaseIterable, Sendable {
    /// By a call.
    case memory
    /// Through the proxy, inside TLS as the origin itself.
    case intercept
    /// At the registry endpoints on loopback.
    case registry
}

/// The road from a client to one gateway, over real sockets unless it is a call.
final class Road {
    private let scene: Scene
    private let server: ProxyServer?
    private let wire: Wire?
    private let transport: Transport

    private static let secret = "s3cret-of-this-story"

    init(_ transport: Transport, to scene: Scene, _ scratch: Scratch) async throws {
        self.transport = transport
        self.scene = scene
        guard transport != .memory else {
            (server, wire) = (nil, nil)
            return
        }
        // Certificates are judged by the clock on the wall, not by the story's.
        let authority = try SessionAuthority(now: Timestamp(seconds: ProcessIdentity.wallClock().seconds))
        let configuration = ProxyConfiguration(
            secret: Secret(Road.secret),
            destination: { _, _ in .intercept },
            defaultOrigin: { type in Catalog.all.first { $0.type == type }?.defaultOrigin }
        )
        let server = try await ProxyServer.start(
            configuration: configuration,
            authority: authority,
            responder: scene.gateway,
            onEvent: { _ in }
        )
        try scratch.write(Array(authority.certificatePEM.utf8), to: "ca.pem")
        let proxy = "http://purser:\(Road.secret)@127.0.0.1:\(server.port)"
        wire = try Wire(
            environment: transport == .registry
                ? [:] : ["http_proxy": proxy, "https_proxy": proxy, "SSL_CERT_FILE": scratch("ca.pem")]
        )
        self.server = server
    }

    func close() async {
        wire?.close()
        await server?.stop()
    }

    func ask(_ url: String, type: String, method: String, accept: String, _ headers: [HeaderField]) async throws
        -> Taken
    {
        guard let wire, let server else { return try await scene.ask(url, method: method, accept: accept, headers) }
        var fields = headers.map { (name: $0.name, value: $0.value) }
        if !accept.isEmpty { fields.append(("Accept", accept)) }
        let target = transport == .registry ? Road.endpoint(of: url, type, server.port) : url
        let heard = try await wire.ask(target, method: method, fields)
        return Taken(
            status: heard.status,
            reason: heard.reason,
            headers: heard.headers.map { HeaderField($0.name, $0.value) },
            body: heard.body,
            isWhole: heard.isWhole
        )
    }

    /// `http://127.0.0.1:PORT/SECRET/<type>/-/https/<host>/…`: any origin of an ecosystem.
    private static func endpoint(of url: String, _ type: String, _ port: Int) -> String {
        "http://127.0.0.1:\(port)/\(secret)/\(type)/-/" + url.replacing("://", with: "/", maxReplacements: 1)
    }
}
