import Core
import Gateway
import Kernel
import Proxy
import TestKit
import Testing
import Transfer
import Upstream

/// What an upstream over TLS may do to us. Its part is played by an intercepting proxy of the test's own, which answers as
/// any host with a certificate of the authority it is given.
@Suite struct TLSTests {
    /// Answers every request in the same way.
    private struct Same: Responder {
        let reply: Reply

        func respond(to request: ClientRequest) async -> Reply { reply }
    }

    private static let day: Int64 = 86_400
    private static var now: Int64 { ProcessIdentity.wallClock().seconds }

    /// The problem that asking ends in, of an upstream whose certificates were made so many days ago.
    private func problem(
        made days: Int64 = 0,
        isTrusted: Bool = true,
        answering reply: Reply = Reply(status: 200, body: .bytes([1]))
    ) async throws -> Problem? {
        let scratch = try Scratch()
        let now = Timestamp(seconds: TLSTests.now - days * TLSTests.day)
        let authority = try SessionAuthority(now: now)
        let server = try await ProxyServer.start(
            configuration: ProxyConfiguration(secret: Secret("s"), destination: { _, _ in .intercept }),
            authority: authority,
            responder: Same(reply: reply),
            onEvent: { _ in }
        )
        let trusted = isTrusted ? authority : try SessionAuthority(now: Timestamp(seconds: TLSTests.now))
        try scratch.write(Array(trusted.certificatePEM.utf8), to: "ca.pem")
        var transfer = TransferConfiguration(userAgent: "test")
        transfer.proxy = .fixed(url: "http://purser:s@127.0.0.1:\(server.port)", exceptions: [])
        transfer.caFile = scratch("ca.pem")
        var configuration = LiveUpstream.Configuration(transfer: transfer)
        configuration.tries = 1
        let upstream = try LiveUpstream(configuration)
        let request = UpstreamRequest(
            Request(url: try HTTPURL("https://registry.example/x")),
            ecosystem: "generic",
            purpose: .artifact
        )
        var found: Problem?
        do throws(Problem) {
            let response = try await upstream.fetch(request)
            response.body.cancel()
        } catch { found = error }
        await server.stop()
        return found
    }

    @Test func aSoundUpstreamIsAsked() async throws { #expect(try await problem() == nil) }

    @Test func aRedirectFromHTTPSToHTTPIsNotFollowed() async throws {
        let reply = Reply(status: 302, headers: [.init("Location", "http://registry.example/x")])
        let found = try #require(try await problem(answering: reply))
        #expect(found.reason == "redirect" && found.summary.contains("leaves https"))
    }

    @Test func anExpiredCertificateIsNoUpstream() async throws {
        let found = try #require(try await problem(made: 400))
        #expect(found.reason == "tls-expired", "\(found)")
    }

    @Test func aCertificateOfNobodyWeTrustIsNoUpstream() async throws {
        let found = try #require(try await problem(isTrusted: false))
        #expect(found.reason == "tls-untrusted", "\(found)")
    }
}
