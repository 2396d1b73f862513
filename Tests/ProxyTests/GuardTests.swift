import Core
import Gateway
import Proxy
import Testing
import Upstream

/// Who may use the listener, and for what.
@Suite struct GuardTests {
    @Test func asksForCredentialsBeforeForwarding() async throws {
        try await Stage.run { stage in
            let naked = "http://127.0.0.1:\(stage.port)"
            let plain = try await stage.curl(["-i", "--proxy", naked, "http://deb.debian.org/x"], throughProxy: false)
            #expect(plain.output.hasPrefix("HTTP/1.1 407 "))
            #expect(plain.output.contains("Proxy-Authenticate: Basic realm="))
            let tunnel = try await stage.curl(["--proxy", naked, "https://pypi.org/"], throughProxy: false)
            #expect(tunnel.status == 56)
            let wrong = try await stage.curl(
                ["-i", "--proxy", "http://purser:guess@127.0.0.1:\(stage.port)", "http://deb.debian.org/x"],
                throughProxy: false
            )
            #expect(wrong.output.hasPrefix("HTTP/1.1 407 "))
            #expect(stage.responder.requests.isEmpty)
        }
    }

    @Test(arguments: ["http://deb.debian.org/x", "https://pypi.org/x"])
    func aClientThatIsAskedForCredentialsGivesThemOnTheSameConnection(_ url: String) async throws {
        try await Stage.run { stage in
            // git sends its first CONNECT without them, whatever the proxy's address holds.
            let result = try await stage.curl(["--proxy-anyauth", url])
            #expect(result.status == 0 && result.output.hasSuffix("fine"), "\(result)")
        }
    }

    @Test func letsTheSessionsOwnUsersInWithoutCredentialsWhereAllowed() async throws {
        var configuration = Stage.configuration()
        configuration.allowedUIDs = [1_000]
        configuration.allowsUnauthenticatedOwners = true
        configuration.owner = { ends in ends.clientPort > 0 && ends.serverPort > 0 ? 1_000 : nil }
        try await Stage.run(configuration) { stage in
            let result = try await stage.curl(
                ["--proxy", "http://127.0.0.1:\(stage.port)", "http://deb.debian.org/x"],
                throughProxy: false
            )
            #expect(result.output == "fine")
        }
    }

    @Test func refusesAndReportsAnotherUser() async throws {
        var configuration = Stage.configuration()
        configuration.allowedUIDs = [1_000]
        configuration.allowsUnauthenticatedOwners = true
        configuration.owner = { _ in 1_001 }
        try await Stage.run(configuration) { stage in
            let client = try await RawClient.connect(port: stage.port)
            try await client.send("CONNECT pypi.org:443 HTTP/1.1\r\nHost: pypi.org:443\r\n\r\n")
            #expect(try await client.received().hasPrefix("HTTP/1.1 403 "))
            #expect(stage.seen.contains(.foreignClient(uid: 1_001)))
        }
    }

    @Test func forwardsPlainRequestsUnderTheirTarget() async throws {
        try await Stage.run { stage in
            let result = try await stage.curl(["-H", "Host: other.test", "http://deb.debian.org/debian/dists/x"])
            #expect(result.output == "fine")
            #expect(stage.responder.urls == ["http://deb.debian.org/debian/dists/x"])
        }
    }

    @Test func hidesTheSecretAndHopByHopHeadersFromTheResponder() async throws {
        try await Stage.run { stage in
            _ = try await stage.curl([
                "-H", "Accept: a/b", "-H", "Accept: c/d", "-H", "Connection: X-Gone", "-H", "X-Gone: 1", "-H", "TE: x",
                "-H", "Keep-Alive: 5", "-H", "Proxy-Connection: keep-alive", "-H", "X-Kept: 2",
                "http://deb.debian.org/x",
            ])
            let request = try #require(stage.responder.requests.first)
            #expect(request.request.accept == "a/b, c/d")
            #expect(request.headers.first("x-kept") == "2")
            for name in ["x-gone", "te", "keep-alive", "proxy-connection", "proxy-authorization", "connection"] {
                #expect(request.headers.first(name) == nil)
            }
        }
    }

    @Test func servesRegistriesUnderTheSecret() async throws {
        try await Stage.run { stage in
            let base = "http://127.0.0.1:\(stage.port)/\(Stage.secret)"
            let urls = [
                "\(base)/npm/@a%2fb?x=1", "\(base)/npm/-/npm/v1/ping", "\(base)/npm/-/https/cdn.test:8443/f.tgz",
            ]
            for url in urls { _ = try await stage.curl([url], throughProxy: false) }
            #expect(
                stage.responder.urls == [
                    "https://registry.npmjs.org/@a%2fb?x=1", "https://registry.npmjs.org/-/npm/v1/ping",
                    "https://cdn.test:8443/f.tgz",
                ]
            )
            #expect(stage.responder.requests.allSatisfy { $0.ecosystemType == "npm" && $0.linkBase == base })
        }
    }

    @Test func takesTheSecretAsAPasswordAndNeverForwardsIt() async throws {
        try await Stage.run { stage in
            let url = "http://127.0.0.1:\(stage.port)/npm/left-pad"
            _ = try await stage.curl(["-u", "purser:\(Stage.secret)", url], throughProxy: false)
            #expect(stage.responder.urls == ["https://registry.npmjs.org/left-pad"])
            #expect(stage.responder.requests.first?.headers.first("authorization") == nil)
            #expect(stage.responder.requests.first?.linkBase == "http://127.0.0.1:\(stage.port)")
        }
    }

    @Test func tellsNothingToThoseWithoutTheSecret() async throws {
        try await Stage.run { stage in
            var answers: Set<String> = []
            for path in ["npm/left-pad", "wrong/npm/left-pad", "", "\(Stage.secret)x/npm/a", "\(Stage.secret)/none/a"] {
                let result = try await stage.curl(
                    ["-i", "http://127.0.0.1:\(stage.port)/\(path)"],
                    throughProxy: false
                )
                answers.insert(result.output)
            }
            #expect(answers.count == 1)
            #expect(answers.first?.hasPrefix("HTTP/1.1 404 ") ?? false)
            #expect(stage.responder.requests.isEmpty)
        }
    }

    @Test func handsControlRequestsToTheSession() async throws {
        var configuration = Stage.configuration()
        configuration.control = { path, body in
            Reply(status: 200, body: .bytes(Array("\(path) \(body.count)".utf8)))
        }
        try await Stage.run(configuration) { stage in
            let url = "http://127.0.0.1:\(stage.port)/\(Stage.secret)/-purser/status?x"
            let result = try await stage.curl(["-d", "12345", url], throughProxy: false)
            #expect(result.output == "status 5")
        }
    }

    @Test(arguments: [
        ("tunnel.test:25", "403"), ("10.0.0.1:443", "403"), ("[::1]:443", "403"), ("127.0.0.1:443", "403"),
        ("refused.test:443", "403"), ("localhost:443", "403"),
    ])
    func refusesTunnelsThatLeadInside(_ target: String, _ status: String) async throws {
        try await Stage.run { stage in
            let client = try await RawClient.connect(port: stage.port)
            let basic = "Proxy-Authorization: Basic \(RawClient.basic)\r\n"
            try await client.send("CONNECT \(target) HTTP/1.1\r\nHost: \(target)\r\n\(basic)\r\n")
            #expect(try await client.received().hasPrefix("HTTP/1.1 \(status) "))
            #expect(stage.seen.contains { if case .refusedConnection = $0 { true } else { false } })
        }
    }
}
