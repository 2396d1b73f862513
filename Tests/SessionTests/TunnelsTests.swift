import Core
import Proxy
import Testing
import Upstream

@testable import Session

@Suite("Hosts that are passed on unread")
struct TunnelsTests {
    private func tunnels(_ hosts: [String], _ environment: [String: String] = [:]) throws -> Tunnels {
        let options = try Options.resolve(flags: ["tunnel": hosts], environment: [:], file: [])
        return try Tunnels(options, environment: environment)
    }

    @Test func coversTheHostsThatWereNamedAndNoOthers() throws {
        let tunnels = try tunnels(["Pinned.example", "*.corp.example", "git.example:8443", "[::1]:444"])
        #expect(tunnels.covers("pinned.example", 443) && !tunnels.covers("pinned.example", 80))
        #expect(tunnels.covers("a.b.corp.example", 443) && !tunnels.covers("corp.example", 443))
        #expect(!tunnels.covers("evilcorp.example", 443) && !tunnels.covers("a.pinned.example", 443))
        #expect(tunnels.covers("git.example", 8_443) && !tunnels.covers("git.example", 443))
        #expect(tunnels.ports == [443, 8_443, 444])
        // Only a host that was named by itself may lie inside.
        #expect(tunnels.namedHosts.contains("pinned.example") && !tunnels.namedHosts.contains("corp.example"))
    }

    @Test(arguments: ["https://a.example/", "a.example/x", "*", "*.*.example", "", "a b"])
    func whatIsNoHostIsRefused(_ text: String) {
        #expect(problem { _ = try tunnels([text]) }?.code == .usageInvalid)
    }

    @Test func theProxyIsTheOneThatTheEnvironmentNames() throws {
        func proxy(_ variables: [String: String], _ host: String = "a.example") throws -> OutwardProxy? {
            try tunnels(["a.example", "b.corp.example"], variables).outwardProxy(to: host, port: 443)
        }
        let basic = Credentials.basic(user: "me", password: "p@s:s")
        #expect(try proxy(["HTTPS_PROXY": "http://proxy.corp:3128/"]) == OutwardProxy(host: "proxy.corp", port: 3_128))
        #expect(
            try proxy(["https_proxy": "http://me:p%40s:s@proxy.corp:3128"])
                == OutwardProxy(host: "proxy.corp", port: 3_128, authorization: basic)
        )
        #expect(try proxy(["HTTPS_PROXY": "proxy.corp:80"]) == OutwardProxy(host: "proxy.corp", port: 80))
        #expect(try proxy(["ALL_PROXY": "http://proxy.corp"]) == OutwardProxy(host: "proxy.corp", port: 1_080))
        #expect(try proxy(["http_proxy": "http://proxy.corp"]) == nil)
        let exceptions = ["HTTPS_PROXY": "http://proxy.corp:1", "NO_PROXY": ".corp.example"]
        #expect(try proxy(exceptions, "b.corp.example") == nil)
        #expect(try proxy(exceptions) == OutwardProxy(host: "proxy.corp", port: 1))
    }

    @Test(arguments: ["socks5://proxy.corp:1080", "https://proxy.corp:443", "http://pro xy"])
    func aProxyThatCannotLeadATunnelIsSaidAtTheStart(_ proxy: String) throws {
        let found = problem { _ = try tunnels(["a.example"], ["HTTPS_PROXY": proxy]) }
        #expect(found?.code == .usageInvalid && found?.subject == "HTTPS_PROXY")
        // Where no tunnel needs it, the transfers may use it all the same.
        #expect(problem { _ = try tunnels([], ["HTTPS_PROXY": proxy]) } == nil)
        #expect(problem { _ = try tunnels(["a.example"], ["HTTPS_PROXY": proxy, "no_proxy": "a.example"]) } == nil)
    }
}
