import Core
import Gateway
import TestKit
import Testing

/// An index whose links lead to this machine itself: clients fetch those without a proxy, past us.
@Suite struct WayRoundTests {
    private static let json = "application/vnd.pypi.simple.v1+json"

    /// An index with one file at `place`, a host's URL or a relative one.
    private static func page(at place: String) -> FakeAnswer {
        let file = """
            {"filename": "demo-1.0-py3-none-any.whl", "hashes": {}, "upload-time": "2020-01-01T00:00:00Z",
             "url": "\(place)demo-1.0-py3-none-any.whl"}
            """
        let text = #"{"meta": {"api-version": "1.1"}, "name": "demo", "versions": ["1.0"], "files": ["# + file + "]}"
        return FakeAnswer(text, type: json)
    }

    private static func gaps(at place: String, linkBase: String? = nil) async throws -> [String] {
        try await Scene.with(Scene.Setting { $0.linkBase = linkBase }) { scene async throws in
            scene.fake.serve("/pypi/simple/demo/", page(at: place))
            _ = try await scene.ask("https://pypi.org/simple/demo/", accept: json)
            return scene.recorder.events.map(\.line).filter { $0.contains("loopback-links") }
        }
    }

    @Test(arguments: ["127.0.0.1:8080", "localhost", "127.1.2.3"])
    func isAGapOfTheRecord(_ host: String) async throws {
        #expect(try await Self.gaps(at: "http://\(host)/").count == 1)
    }

    @Test func linksToOtherMachinesAreNone() async throws {
        #expect(try await Self.gaps(at: "https://files.example/").isEmpty)
    }

    @Test func linksThatAreLedToUsAreNone() async throws {
        #expect(try await Self.gaps(at: "http://127.0.0.1:8080/", linkBase: "http://127.0.0.1:1/s").isEmpty)
    }

    @Test func relativeLinksOfAMirrorHereAreNone() async throws {
        #expect(try await Self.gaps(at: "").isEmpty)
    }

    @Test(arguments: [
        "https://registry.npmjs.org/demo/-%2fdemo-1.0.0.tgz", "https://registry.npmjs.org/demo/-%252Fdemo-1.0.0.tgz",
        "https://files.pythonhosted.org/packages/aa/bb%2Fdemo-1.0-py3-none-any.whl",
        "https://static.crates.io/crates/hex/hex%2fhex-0.4.3.crate",
        "https://static.crates.io/crates/hex/0.4.3%2fdownload",
        "https://crates.io/api/v1/crates/hex/0.4.3%252fdownload", "https://rubygems.org/gems%2fdemo-1.0.gem",
    ])
    func aFileBehindAHiddenSlashIsNoPlainOne(_ url: String) async throws {
        try await Scene.with { scene async throws in
            let taken = try await scene.ask(url)
            #expect(taken.status == 400)
            #expect(scene.recorder.fetched.isEmpty)
        }
    }

    @Test func aScopeMayBeWrittenEitherWay() async throws {
        try await Scene.with { scene async throws in
            scene.fake.serve("/npm/@acme%2fdemo", FakeAnswer("{}", type: "application/json"))
            let taken = try await scene.ask("https://registry.npmjs.org/@acme%2fdemo")
            #expect(taken.status != 400)
        }
    }

    @Test func aTagWithASlashIsAskedForAsItIs() async throws {
        try await Scene.with { scene async throws in
            let taken = try await scene.ask("https://github.com/acme/tool/releases/download/tool%2Fv1/tool.tgz")
            #expect(taken.status != 400)
        }
    }
}
