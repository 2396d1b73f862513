import Core
import Proxy
import Testing
import Upstream

/// Tunnels out of a network that can only be left through a proxy of its own.
@Suite struct TunnelTests {
    private static let connect =
        "CONNECT tunnel.test:443 HTTP/1.1\r\nHost: tunnel.test:443\r\nProxy-Authorization: Basic \(RawClient.basic)\r\n\r\n"

    private static func configuration(
        through port: Int,
        as authorization: Secret? = Credentials.basic(user: "me", password: "p@ss")
    ) -> ProxyConfiguration {
        var configuration = Stage.configuration()
        configuration.outwardProxy = { _, _ in
            OutwardProxy(host: "127.0.0.1", port: port, authorization: authorization)
        }
        configuration.limits.tunnelOpenSeconds = 2
        return configuration
    }

    @Test func aTunnelIsLedThroughTheProxyWithItsOwnCredentials() async throws {
        let proxy = try await CorporateProxy(answering: "HTTP/1.1 200 Connection established\r\nX-Via: corp\r\n\r\n")
        try await Stage.run(TunnelTests.configuration(through: proxy.port)) { stage in
            let client = try await RawClient.connect(port: stage.port)
            // The first bytes ride along with the CONNECT, as some clients send them.
            try await client.send(TunnelTests.connect + "early ")
            _ = try await client.received { $0.hasSuffix("early ") }
            try await client.send(String(repeating: "x", count: 300_000) + "end")
            let text = try await client.received { $0.hasSuffix("end") }
            #expect(text.hasPrefix("HTTP/1.1 200 Connection established\r\n\r\nearly xxx"))
            #expect(text.utf8.count == 39 + 6 + 300_003)
            await client.close()
            let event = try await stage.event { if case .tunnel = $0 { true } else { false } }
            #expect(event == .tunnel(host: "tunnel.test", port: 443, bytesUp: 300_009, bytesDown: 300_009))
        }
        #expect(
            proxy.heard == [
                "CONNECT tunnel.test:443 HTTP/1.1\r\nHost: tunnel.test:443\r\nUser-Agent: purser\r\n"
                    + "Proxy-Authorization: Basic bWU6cEBzcw==\r\n\r\n"
            ]
        )
        await proxy.stop()
    }

    @Test func whatTheFarEndSaysFirstArrives() async throws {
        let proxy = try await CorporateProxy(answering: "HTTP/1.0 200 OK\r\n\r\nSSH-2.0-far\r\n")
        try await Stage.run(TunnelTests.configuration(through: proxy.port)) { stage in
            let client = try await RawClient.connect(port: stage.port)
            try await client.send(TunnelTests.connect)
            let text = try await client.received { $0.hasSuffix("SSH-2.0-far\r\n") }
            #expect(text == "HTTP/1.1 200 Connection established\r\n\r\nSSH-2.0-far\r\n")
            await client.close()
        }
        await proxy.stop()
    }

    @Test(arguments: [
        (
            "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
            "does not take our credentials (407)"
        ),
        ("HTTP/1.1 403 Forbidden\r\n\r\n<html>", "refuses the tunnel (403)"),
        ("HTTP/1.1 502 Bad Gateway\r\n\r\n", "refuses the tunnel (502)"),
        ("SSH-2.0-what\r\n\r\n", "gives an answer that is not HTTP"),
        (String(repeating: "a", count: 20_000), "gives an answer that is not HTTP"),
        ("", "closed the connection"),
    ])
    func aProxyThatOpensNoTunnelIsAClearErrorAndADeclaredGap(_ answer: String, _ words: String) async throws {
        let proxy = try await CorporateProxy(answering: answer)
        try await expectFailure(TunnelTests.configuration(through: proxy.port), words)
        await proxy.stop()
    }

    @Test func aProxyThatIsSilentOrNotThereIsNotWaitedForForever() async throws {
        let proxy = try await CorporateProxy(answering: nil)
        try await expectFailure(TunnelTests.configuration(through: proxy.port), "does not answer")
        await proxy.stop()
        try await expectFailure(TunnelTests.configuration(through: proxy.port), "cannot be reached")
    }

    @Test func aProxyThatWantsCredentialsIsToldWhereTheyBelong() async throws {
        let proxy = try await CorporateProxy(answering: "HTTP/1.1 407 Who\r\n\r\n")
        let configuration = TunnelTests.configuration(through: proxy.port, as: nil)
        try await expectFailure(configuration, "asks for credentials (407); user and password belong into HTTPS_PROXY")
        #expect(proxy.heard.first?.contains("Proxy-Authorization") == false)
        await proxy.stop()
    }

    private func expectFailure(_ configuration: ProxyConfiguration, _ words: String) async throws {
        try await Stage.run(configuration) { stage in
            let client = try await RawClient.connect(port: stage.port)
            try await client.send(TunnelTests.connect)
            let text = try await client.received()
            #expect(text.hasPrefix("HTTP/1.1 502 upstream.unreachable: the proxy 127.0.0.1:"), "\(text)")
            #expect(text.contains(words), "\(text)")
            let event = try await stage.event { if case .failedTunnel = $0 { true } else { false } }
            guard case .failedTunnel("tunnel.test", let reason) = event else {
                Issue.record("no event of a failed tunnel")
                return
            }
            #expect(reason.contains(words))
        }
    }

    @Test func aProxyDoesNotOpenTheWayInside() async throws {
        let proxy = try await CorporateProxy(answering: "HTTP/1.1 200 OK\r\n\r\n")
        try await Stage.run(TunnelTests.configuration(through: proxy.port)) { stage in
            let client = try await RawClient.connect(port: stage.port)
            let basic = "Proxy-Authorization: Basic \(RawClient.basic)\r\n"
            try await client.send("CONNECT 10.0.0.1:443 HTTP/1.1\r\nHost: x\r\n\(basic)\r\n")
            #expect(try await client.received().hasPrefix("HTTP/1.1 403 "))
            #expect(proxy.heard.isEmpty)
        }
        await proxy.stop()
    }
}
