import Core
import JSONText
import Testing

@testable import Ecosystems

@Suite struct PubTests {
    static let pub = Pub()
    let args = Purl(type: "pub", name: "args")

    static func request(_ path: String, method: String = "GET") throws -> Request {
        Request(method: method, url: try HTTPURL("https://pub.dev\(path)"), accept: Pub.accept)
    }

    @Test func readsWhatAClientWants() throws {
        let cases: [(String, String, Intent?)] = [
            ("GET", "/api/packages/args", .index(.package(args))),
            ("GET", "/api/packages/args/versions/2.4.2", .index(.package(args.at("2.4.2")))),
            ("GET", "/api/packages/args/advisories", .passThrough),
            ("GET", "/api/packages/versions/new", .publish(nil)),
            ("GET", "/api/packages/versions/newUploadFinish?id=1", .publish(nil)),
            ("GET", "/api/packages", .search), ("POST", "/api/packages/args/uploaders", .tag(args)),
        ]
        for (method, path, intent) in cases {
            #expect(try Self.pub.intent(of: Self.request(path, method: method)) == intent, "\(method) \(path)")
        }
        for path in ["/api/packages/a-b", "/api/packages/%C3%BC", "/api/archives/args.tar.gz", "/api/packages/1a"] {
            #expect(throws: Malformed.self) { try Self.pub.intent(of: Self.request(path)) }
        }
    }

    @Test(arguments: ["/api/archives/args-2.4.2.tar.gz", "/packages/args/versions/2.4.2.tar.gz"])
    func namesAnArchiveUnderBothAddresses(path: String) throws {
        let name = ArtifactName(release: args.at("2.4.2"), file: "args-2.4.2.tar.gz")
        #expect(try Self.pub.intent(of: Self.request(path)) == .artifact(name))
    }

    private func index() throws -> Document {
        Document(try Fixture.bytes("pub/args.json"), contentType: Pub.accept)
    }

    @Test func readsTheFactsOfAnIndex() throws {
        let request = try Self.request("/api/packages/args")
        let releases = try Self.pub.readIndex(index(), companions: [], for: request, scope: .package(args)).releases
        #expect(releases.map { $0.purl.version } == ["2.4.1", "2.4.2", "2.5.0", "3.0.0-dev.1"])
        #expect(releases.map { $0.yanked != nil } == [true, false, false, false])
        #expect(releases.allSatisfy { $0.published?.basis == .registryTime && $0.artifacts[0].digests.count == 1 })
    }

    private func printed(without hidden: Set<String>, link: (@Sendable (HTTPURL) -> String)? = nil) throws -> JSON {
        let view = IndexView(keeps: { release, _ in !hidden.contains(release.purl.version ?? "") }, link: link)
        let request = try Self.request("/api/packages/args")
        return try JSON(parsing: Self.pub.writeIndex(index(), for: request, scope: .package(args), view: view).bytes)
    }

    @Test func movesLatestBackToAStableVersion() throws {
        let json = try printed(without: ["2.5.0"])
        #expect(json["latest"]?["version"]?.string == "2.4.2")
        #expect(json["latest"]?["archive_url"]?.string == "https://pub.dev/api/archives/args-2.4.2.tar.gz")
        #expect(json["versions"]?.array?.compactMap { $0["version"]?.string } == ["2.4.1", "2.4.2", "3.0.0-dev.1"])
        #expect(try printed(without: ["2.4.2", "2.5.0"])["latest"] == nil)
        let linked = try printed(without: ["2.5.0"]) { "http://x\($0.path)" }
        #expect(linked["latest"]?["archive_url"]?.string == "http://x/api/archives/args-2.4.2.tar.gz")
        #expect(linked["versions"]?.array?.first?["archive_url"]?.string == "http://x/api/archives/args-2.4.1.tar.gz")
    }

    @Test func hidesAVersionWhosePubspecLies() throws {
        let text = """
            {"name":"args","versions":[{"version":"1.0.0","pubspec":{"name":"other"}},{"version":"2.0.0","pubspec":\
            {"version":"3.0.0"}},{"version":"x"},{"version":"4.0.0"}]}
            """
        let view = IndexView(keeps: { _, _ in true })
        let request = try Self.request("/api/packages/args")
        let document = Document(Array(text.utf8))
        let json = try JSON(
            parsing: Self.pub.writeIndex(document, for: request, scope: .package(args), view: view).bytes
        )
        #expect(json["versions"]?.array?.compactMap { $0["version"]?.string } == ["4.0.0"])
    }

    @Test func refusesAnIndexOfAnotherPackage() throws {
        let request = try Self.request("/api/packages/other")
        let scope = IndexScope.package(Purl(type: "pub", name: "other"))
        #expect(throws: Malformed.self) {
            try Self.pub.readIndex(index(), companions: [], for: request, scope: scope)
        }
    }

    @Test func pinsHostedPackagesAlone() throws {
        let pins = try Self.pub.pins(in: Fixture.bytes("pub/pubspec.lock"), named: "pubspec.lock")
        #expect(
            pins.map(\.release.description) == [
                "pkg:pub/args@2.4.2", "pkg:pub/own@0.1.0%2B2?repository_url=https:%2F%2Fpub.example.org%2F",
            ]
        )
        #expect(pins.allSatisfy { $0.digests.count == 1 })
    }

    @Test func ordersVersionsAsDartDoes() {
        let ordered = [
            "1.0.0-alpha", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0", "1.0.0+1", "1.0.0+1.2", "1.0.0+2", "1.0.0+x",
        ]
        for (a, b) in zip(ordered, ordered.dropFirst()) {
            #expect(Self.pub.compare(a, b) == -1 && Self.pub.compare(b, a) == 1, "\(a) \(b)")
        }
        #expect(Self.pub.isPrerelease("1.0.0-alpha") && !Self.pub.isPrerelease("1.0.0+1"))
    }

    @Test func setsNothingForAClientThatWritesAddressesDown() {
        for mode in [Endpoint.Mode.intercept, .registry] {
            #expect(Self.pub.clientSettings(for: NpmClientTests.endpoint(mode, ["dart"])) == ClientSettings())
        }
    }
}
