import Core
import Foundation
import TestKit
import Testing
import Transfer
import Upstream

import struct Upstream.HeaderField

@Suite struct RedirectTests {
    /// An upstream for which only these fakes are declared.
    private static func upstream(
        _ fakes: FakeUpstream...,
        change: (inout LiveUpstream.Configuration) -> Void = { _ in }
    )
        throws -> LiveUpstream
    {
        var configuration = LiveUpstream.Configuration(transfer: TransferConfiguration(userAgent: "test"))
        configuration.declared = Set(try fakes.map { try HTTPURL($0.origin).origin })
        configuration.pause = .milliseconds(2)
        change(&configuration)
        return try LiveUpstream(configuration)
    }

    private static func question(_ url: String, _ headers: [HeaderField] = []) throws -> UpstreamRequest {
        UpstreamRequest(Request(url: try HTTPURL(url)), ecosystem: "generic", purpose: .artifact, headers: headers)
    }

    private static func problem(_ upstream: LiveUpstream, _ request: UpstreamRequest) async -> Problem? {
        do throws(Problem) {
            let response = try await upstream.fetch(request)
            response.body.cancel()
            return nil
        } catch { return error }
    }

    private static func isAnswered(_ upstream: LiveUpstream, _ request: UpstreamRequest) async throws -> Bool {
        try await upstream.fetch(request).body.cancel()
        return true
    }

    private static func urls() throws -> [String] {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/ssrf/ssrf-urls.json")
        let document = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any]
        return try #require(document?["urls"] as? [String])
    }

    /// Shapes of URL that are lawful on the public internet; every other one of the list leads inside or nowhere.
    @Test func noRedirectLeadsInside() async throws {
        let (fake, victim) = (try await FakeUpstream.start(), try await FakeUpstream.start())
        let urls = try Self.urls()
        #expect(urls.count >= 80)
        // Nobody outside is asked: every name of the list leads to this machine, as a hostile name server would say.
        let names = urls.compactMap { try? HTTPURL($0).origin.host } + ["registry.example"]
        let upstream = try Self.upstream(fake) {
            $0.tries = 1
            $0.transfer.resolve = Set(names.filter { $0.contains(where: \.isLetter) && !$0.contains(":") }).sorted()
                .map { "\($0):80:127.0.0.1" }
        }
        for (number, url) in urls.enumerated() {
            guard url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { continue }
            // The victim's port stands in where the list names none, so that a leak would be seen.
            let target = url.replacing("127.0.0.1/", with: "127.0.0.1:\(victim.port)/")
            fake.serve("/\(number)", .redirect(to: target))
            let problem = await Self.problem(upstream, try Self.question("\(fake.origin)/\(number)"))
            #expect(problem != nil, "\(url)")
            if let problem { #expect(problem.code.exitStatus == 7, "\(url): \(problem)") }
        }
        #expect(victim.connections == 0)
        await fake.stop()
        await victim.stop()
    }

    @Test func aDeclaredPlaceInsideIsFine() async throws {
        let (fake, other) = (try await FakeUpstream.start(), try await FakeUpstream.start())
        fake.serve("/a", .redirect(to: "\(other.origin)/b"))
        other.serve("/b", FakeAnswer("hello", type: "text/plain"))
        let upstream = try Self.upstream(fake, other)
        let response = try await upstream.fetch(try Self.question("\(fake.origin)/a"))
        let body = try await response.body.collect(limit: 100, of: "b")
        #expect(body == Array("hello".utf8))
        #expect(response.finalURL.description == "\(other.origin)/b")
        #expect(response.redirects.map { $0.description } == ["\(fake.origin)/a"])
    }

    @Test func theAskedPlaceItselfIsNotInsideUnlessDeclared() async throws {
        let fake = try await FakeUpstream.start()
        let problem = await Self.problem(try Self.upstream(), try Self.question("\(fake.origin)/a"))
        #expect(problem?.code == .upstreamRefused && problem?.reason == "address")
        #expect(fake.connections == 0)
    }

    @Test func aLoopEnds() async throws {
        let fake = try await FakeUpstream.start()
        let upstream = try Self.upstream(fake)
        fake.serve("/same", FakeAnswer().with(.redirectLoop))
        var problem: Problem?
        problem = await Self.problem(upstream, try Self.question("\(fake.origin)/same"))
        #expect(problem?.reason == "redirect-loop")
        #expect(fake.count("/same") == 1)
        for number in 0..<40 { fake.serve("/\(number)", .redirect(to: "/\(number + 1)")) }
        problem = await Self.problem(upstream, try Self.question("\(fake.origin)/0"))
        #expect(problem?.reason == "redirect-loop")
        #expect(fake.requests.count <= 13)
    }

    @Test func noCredentialCrossesToAnotherOrigin() async throws {
        let (fake, other) = (try await FakeUpstream.start(), try await FakeUpstream.start())
        fake.serve("/a", .redirect(to: "\(other.origin)/b"))
        fake.serve("/same", .redirect(to: "/end"))
        fake.serve("/end", FakeAnswer("x", type: "text/plain"))
        other.serve("/b", FakeAnswer("x", type: "text/plain"))
        let upstream = try Self.upstream(fake, other)
        let secrets = ["Authorization", "Cookie", "Private-Token", "X-JFrog-Art-Api", "X-Anything"]
        let headers = secrets.map { HeaderField($0, "canary") } + [HeaderField("Accept-Language", "en")]
        #expect(try await Self.isAnswered(upstream, Self.question("\(fake.origin)/a", headers)))
        #expect(try await Self.isAnswered(upstream, Self.question("\(fake.origin)/same", headers)))
        for name in secrets {
            #expect(fake.requests(for: "/a").first?.header(name) == "canary", "\(name)")
            #expect(fake.requests(for: "/end").first?.header(name) == "canary", "\(name)")
            #expect(other.requests(for: "/b").first?.header(name) == nil, "\(name)")
        }
        #expect(other.requests(for: "/b").first?.header("Accept-Language") == "en")
    }

    @Test func aMirrorDoesNotHearTheClientsCredential() async throws {
        let fake = try await FakeUpstream.start()
        fake.serve("/pypi/simple/demo/", FakeAnswer("x", type: "text/html"))
        let upstream = try Scene.live(fake)
        var request = try Self.question("https://pypi.org/simple/demo/", [HeaderField("Authorization", "canary")])
        request.ecosystem = "pypi"
        #expect(try await Self.isAnswered(upstream, request))
        #expect(fake.requests.map { $0.header("Authorization") } == [nil])
    }

    @Test func ourCredentialsGoToTheirPlaceAlone() async throws {
        let fake = try await FakeUpstream.start()
        for path in ["/a/x", "/a", "/ab", "/b"] { fake.serve(path, FakeAnswer("x", type: "text/plain")) }
        let place = try HTTPURL("\(fake.origin)/a")
        let host = try HTTPURL(fake.origin).origin.host
        let upstream = try Self.upstream(fake) {
            let entry = Credentials.Entry(place: place, authorization: Secret("Bearer a"))
            // A netrc line names a host alone; it is not sent in the clear.
            $0.credentials = Credentials(entries: [entry], netrc: "machine \(host) login me password hunter2")
        }
        for path in ["/a/x", "/a", "/ab", "/b"] {
            let response = try await upstream.fetch(try Self.question(fake.origin + path))
            response.body.cancel()
            let isPlace = path == "/a" || path == "/a/x"
            #expect(fake.requests(for: path).first?.header("Authorization") == (isPlace ? "Bearer a" : nil))
            #expect((response.credential != nil) == isPlace)
            #expect(response.credential?.contains("Bearer") != true)
        }
    }

    @Test func aCredentialUsedOnTheWayMakesTheAnswerPrivate() async throws {
        let (fake, other) = (try await FakeUpstream.start(), try await FakeUpstream.start())
        fake.serve("/a", .redirect(to: "\(other.origin)/b"))
        other.serve("/b", FakeAnswer("x", type: "text/plain"))
        let place = try HTTPURL("\(fake.origin)/a")
        let upstream = try Self.upstream(fake, other) {
            $0.credentials = Credentials(entries: [.init(place: place, authorization: Secret("Bearer a"))])
        }
        let response = try await upstream.fetch(try Self.question("\(fake.origin)/a"))
        response.body.cancel()
        #expect(response.credential != nil)
        #expect(other.requests.first?.header("Authorization") == nil)
    }

    @Test(arguments: ["http://registry.test/x", "ftp://registry.test/x", "https://user@registry.test/", "//\u{7}bad"])
    func anUnlawfulTargetIsNotFollowed(_ location: String) async throws {
        let fake = try await FakeUpstream.start()
        fake.serve("/a", .redirect(to: location))
        let upstream = try Self.upstream(fake) { $0.tries = 1 }
        let problem = await Self.problem(upstream, try Self.question("\(fake.origin)/a"))
        #expect(problem != nil)
    }
}
