import Testing
import Transfer

/// Proxies, refused addresses, redirected names.
@Suite struct RouteTests {
    @Test func followsTheVariablesAsCurlDoes() {
        func route(_ variables: [String: String], _ scheme: String, _ host: String, _ port: Int = 80) -> String? {
            ProxySettings.environment(variables).proxy(scheme: scheme, host: host, port: port)
        }
        #expect(route(["HTTP_PROXY": "p"], "http", "a.example") == nil)
        #expect(route(["http_proxy": "p", "HTTPS_PROXY": "q"], "http", "a.example") == "p")
        #expect(route(["https_proxy": "p", "HTTPS_PROXY": "q"], "https", "a.example") == "p")
        #expect(route(["HTTPS_PROXY": "q", "https_proxy": ""], "https", "a.example") == "q")
        #expect(route(["ALL_PROXY": "r"], "http", "a.example") == "r")
        let exceptions = "localhost, .corp.example,b.example:8080,10.0.0.0/8,[::1],fd00::/8,192.0.2.7"
        func isDirect(_ host: String, _ port: Int = 80) -> Bool {
            route(["all_proxy": "p", "no_proxy": exceptions], "http", host, port) == nil
        }
        #expect(
            isDirect("localhost") && isDirect("LOCALHOST.") && isDirect("x.corp.example") && isDirect("corp.example")
        )
        #expect(isDirect("b.example", 8080) && isDirect("10.255.0.1") && isDirect("[::1]") && isDirect("fd12::1"))
        #expect(isDirect("192.0.2.7") && !isDirect("192.0.2.70") && !isDirect("b.example") && !isDirect("11.0.0.1"))
        #expect(!isDirect("notcorp.example") && !isDirect("10.example") && !isDirect("fe80::1"))
        #expect(route(["all_proxy": "p", "NO_PROXY": "*"], "http", "a.example") == nil)
    }

    @Test func sendsPlainRequestsThroughTheProxyWithItsCredentials() async throws {
        let proxy = try FakeServer { connection in
            while connection.readRequest() != nil { connection.answer("from the proxy") }
        }
        let engine = try makeEngine {
            $0.proxy = .fixed(url: "http://me:p%40ss@127.0.0.1:\(proxy.port)", exceptions: [])
            $0.addressCheck = { _, _ in false }
        }
        let (_, body) = try await engine.fetch(TransferRequest(url: "http://a.invalid/x"))
        #expect(body == Array("from the proxy".utf8))
        #expect(proxy.requests.first?.line == "GET http://a.invalid/x HTTP/1.1")
        #expect(proxy.requests.first?.has("Proxy-Authorization: Basic bWU6cEBzcw==") == true)
    }

    @Test func keepsOurHeadersFromTheTunnel() async throws {
        let proxy = try FakeServer { connection in
            _ = connection.readRequest()
            connection.answer("", status: "407 Proxy Authentication Required")
        }
        let engine = try makeEngine { $0.proxy = .environment(["https_proxy": "127.0.0.1:\(proxy.port)"]) }
        let request = TransferRequest(
            url: "https://a.invalid/x",
            headers: [HeaderField(name: "Authorization", value: "Bearer secret")]
        )
        guard case .proxy = await engine.failure(request).error else {
            Issue.record("the tunnel was not refused")
            return
        }
        #expect(proxy.requests.first?.line == "CONNECT a.invalid:443 HTTP/1.1")
        #expect(proxy.requests.first?.headers.contains { $0.contains("secret") } == false)
    }

    @Test func tellsAProxyThatWantsCredentialsOrIsNotThere() async throws {
        let proxy = try FakeServer { connection in
            _ = connection.readRequest()
            connection.answer("", status: "407 Proxy Authentication Required")
        }
        for url in ["http://127.0.0.1:\(proxy.port)", "http://127.0.0.1:1", "http://nowhere.invalid:1"] {
            let engine = try makeEngine { $0.proxy = .fixed(url: url, exceptions: []) }
            guard case .proxy = await engine.failure(TransferRequest(url: "http://a.invalid/")).error else {
                Issue.record("\(url) was not told")
                continue
            }
        }
    }

    @Test func refusesAddressesAfterTheyWereLookedUp() async throws {
        let server = try FakeServer { connection in
            _ = connection.readRequest()
            connection.answer("secret")
        }
        let port = server.port
        let engine = try makeEngine {
            $0.resolve = ["rebound.example:\(port):127.0.0.1"]
            $0.addressCheck = { address, asked in !(address == "127.0.0.1" && asked == port) }
        }
        let request = TransferRequest(url: "http://rebound.example:\(port)/")
        #expect(await engine.failure(request).error == .addressRefused("127.0.0.1"))
        #expect(server.requests.isEmpty)
    }

    @Test func connectsElsewhereWhenTold() async throws {
        let server = try FakeServer { connection in
            _ = connection.readRequest()
            connection.answer("here")
        }
        let engine = try makeEngine { $0.connectTo = ["registry.example:80:127.0.0.1:\(server.port)"] }
        let (head, body) = try await engine.fetch(TransferRequest(url: "http://registry.example/"))
        #expect(body == Array("here".utf8) && head.remoteAddress == "127.0.0.1:\(server.port)")
        #expect(server.requests.first?.has("Host: registry.example") == true)
    }

    @Test func readsCredentialsFromNetrcUnlessTheCallerSetsThem() async throws {
        let server = try FakeServer { connection in
            while connection.readRequest() != nil { connection.answer("") }
        }
        let scratch = try Scratch()
        let netrc = try scratch.write("netrc", Array("machine 127.0.0.1 login me password pw\n".utf8))
        let engine = try makeEngine { $0.netrcFile = netrc }
        _ = try await engine.fetch(TransferRequest(url: server.url()))
        let own = [HeaderField(name: "Authorization", value: "Bearer x")]
        _ = try await engine.fetch(TransferRequest(url: server.url(), headers: own))
        #expect(server.requests.first?.has("Authorization: Basic bWU6cHc=") == true)
        #expect(server.requests.last?.headers.filter { $0.hasPrefix("Authorization") } == ["Authorization: Bearer x"])
    }
}
