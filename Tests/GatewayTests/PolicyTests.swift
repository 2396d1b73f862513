import Core
import Gateway
import Policy
import TestKit
import Testing
import Upstream

@Suite struct GatewayPolicyTests {
    private static let waiting = "version: 1\nmode: enforce\nrules: { min_age: { days: 7 } }\n"
    private static let young = "2026-11-17T08:00:00Z"

    private static func enforcing(_ policy: String = waiting) -> Scene.Setting { Scene.Setting { $0.policy = policy } }

    /// A package with an old and a young release; its file is the young one's.
    private static func twoReleases(_ kind: Package.Kind) -> Package {
        let old = Listed("1.0.0", bytes: Package.bytes(kind, "demo", "1.0.0", 900))
        let new = Listed("2.0.0", published: young, bytes: Package.bytes(kind, "demo", "2.0.0", 900))
        return kind == .pypi ? .pypi("demo", new, [old, new]) : .npm("demo", new, [old, new])
    }

    @Test(arguments: [Package.Kind.pypi, .npm])
    func aRefusedReleaseIsHiddenSoThatTheResolverFallsBack(_ kind: Package.Kind) async throws {
        try await Scene.with(Self.enforcing()) { scene async throws in
            let package = Self.twoReleases(kind)
            package.serve(on: scene.fake)
            let index = try #require(try await scene.announce(package))
            #expect(index.isComplete)
            #expect(index.text.contains("demo-1.0.0"))
            #expect(!index.text.contains("demo-2.0.0"))
            #expect(scene.recorder.refusals.map(\.subject) == [package.purl])
            #expect(scene.recorder.refusals.allSatisfy { $0.isHidden })
        }
    }

    @Test func anIndexOfWhichNothingWouldBeLeftSaysWhyWhereClientsTakeNoOther() async throws {
        func policy(_ type: String) -> String {
            "version: 1\nmode: enforce\nrules: { block: [\"pkg:\(type)/demo\"] }\n"
        }
        try await Scene.with(Self.enforcing(policy("npm"))) { scene async throws in
            let package = Self.twoReleases(.npm)
            package.serve(on: scene.fake)
            let index = try #require(try await scene.announce(package))
            #expect(index.status == 403 && index.reason?.hasPrefix("policy.denied block: \(package.purl)") == true)
            #expect(scene.recorder.refusals.map(\.isHidden) == [true, false])
        }
        // Python's resolvers go back to a release that does not need it.
        try await Scene.with(Self.enforcing(policy("pypi"))) { scene async throws in
            let package = Self.twoReleases(.pypi)
            package.serve(on: scene.fake)
            let index = try #require(try await scene.announce(package))
            #expect(index.isComplete && !index.text.contains("demo-"))
        }
    }

    @Test(arguments: [Package.Kind.pypi, .npm], [[], [HeaderField("Range", "bytes=0-9")]])
    func itsBytesAreRefusedByURLAndNothingIsFetched(_ kind: Package.Kind, _ headers: [HeaderField]) async throws {
        try await Scene.with(Self.enforcing()) { scene async throws in
            let package = Self.twoReleases(kind)
            package.serve(on: scene.fake)
            for method in ["GET", "HEAD"] {
                let taken = try await scene.ask(package.url, method: method, headers)
                #expect(taken.status == 403 && taken.code == "policy.denied")
                #expect(taken.reason?.hasPrefix("policy.denied min_age: \(package.purl)") == true)
            }
            #expect(scene.fake.count(package.path) == 0)
            #expect(scene.recorder.fetched.isEmpty)
        }
    }

    @Test func aLockfileIsNoWayRound() async throws {
        try await Scene.with(Self.enforcing()) { scene async throws in
            let package = Self.twoReleases(.pypi)
            package.serve(on: scene.fake)
            let release = try Purl(parsing: package.purl)
            let pin = Pin(
                release: release,
                file: package.file,
                url: try HTTPURL(package.url),
                digests: [package.digest]
            )
            scene.gateway.learn([pin], from: "uv.lock")
            let taken = try await scene.ask(package.url)
            #expect(taken.status == 403)
            #expect(scene.fake.count(package.path) == 0)
        }
    }

    @Test func neitherIsACacheHit() async throws {
        let scratch = try Scratch()
        let package = Self.twoReleases(.pypi)
        try await Scene.with(scratch: scratch) { scene async throws in
            package.serve(on: scene.fake)
            try await scene.announce(package)
            #expect(try await scene.ask(package.url).isComplete)
            // Audit lets it pass and says what it would have done.
            #expect(scene.recorder.fetched.map(\.verdict.wouldBlock) == [true])
        }
        try await Scene.with(Self.enforcing(), scratch: scratch) { scene async throws in
            package.serve(on: scene.fake)
            let asks: [(String, [HeaderField])] = [
                ("GET", []), ("HEAD", []), ("GET", [HeaderField("Range", "bytes=0-9")]),
            ]
            for (method, headers) in asks {
                let taken = try await scene.ask(package.url, method: method, headers)
                #expect(taken.status == 403)
            }
        }
    }

    @Test func malwareIsHiddenAndRefused() async throws {
        let setting = Scene.Setting {
            $0.policy = "version: 1\nmode: enforce\ndata: { osv: osv }\n"
            $0.advisories = { $0.version == "1.0.0" ? ["MAL-2026-1"] : [] }
        }
        try await Scene.with(setting) { scene async throws in
            let package = Package.make(.pypi)
            package.serve(on: scene.fake)
            let index = try #require(try await scene.announce(package))
            #expect(!index.text.contains("demo-1.0"))
            let taken = try await scene.ask(package.url)
            #expect(taken.status == 403)
            #expect(taken.reason?.contains("MAL-2026-1") == true)
            #expect(scene.fake.count(package.path) == 0)
        }
    }

    @Test func aFileNobodyVouchesForIsRefusedUnlessPolicySaysOtherwise() async throws {
        let package = Package.make(.unpinned)
        try await Scene.with(Self.enforcing("version: 1\nmode: enforce\n")) { scene async throws in
            package.serve(on: scene.fake)
            let taken = try await scene.ask(package.url)
            #expect(taken.status == 403)
            #expect(taken.reason?.hasPrefix("policy.denied unclaimed") == true)
            #expect(scene.fake.count(package.path) == 0)
        }
        let allowing = "version: 1\nmode: enforce\nrules: { unclaimed: { action: warn } }\n"
        try await Scene.with(Self.enforcing(allowing)) { scene async throws in
            package.serve(on: scene.fake)
            #expect(try await scene.ask(package.url).body == package.bytes)
        }
    }

    @Test func aBlockedPatternActsOnDebianFilesToo() async throws {
        let blocking = "version: 1\nmode: enforce\nrules: { block: [\"pkg:deb/debian/demo\"] }\n"
        try await Scene.with(Self.enforcing(blocking)) { scene async throws in
            let package = Package.make(.deb)
            package.serve(on: scene.fake)
            #expect(try await scene.announce(package)?.text.contains("Package: demo") == true)
            let taken = try await scene.ask(package.url)
            #expect(taken.status == 403)
            #expect(scene.fake.count(package.path) == 0)
        }
    }

    @Test func aLockLetsOnlyItsOwnBytesIn() async throws {
        let package = Package.make(.pypi)
        let other = Package.make(.pypi, version: "1.1")
        let setting = Scene.Setting {
            $0.lock = Gateway.Lock(digests: [other.digest], releases: (try? [Purl(parsing: other.purl)]) ?? [])
        }
        try await Scene.with(setting) { scene async throws in
            package.serve(on: scene.fake)
            #expect(try await scene.announce(package)?.text.contains("demo-1.0") == false)
            let cut = scene.recorder.refusals.filter(\.isHidden).map { "\($0.subject) \($0.problem.summary)" }
            #expect(cut == ["pkg:pypi/demo is not among the inputs of the manifest that --locked obeys"])
            let taken = try await scene.ask(package.url)
            #expect(taken.status == 403)
            #expect(taken.reason?.hasPrefix("policy.denied locked") == true)
            #expect(scene.fake.count(package.path) == 0)
        }
    }

    @Test func whatALockKeepsOutOfAnIndexIsNamed() async throws {
        let listed = ["1.0.0", "1.1.0", "2.0.0", "2.1.0", "3.0.0"].map { version in
            Listed(version, published: "2026-01-10T08:00:00Z", bytes: Package.bytes(.npm, "demo", version, 900))
        }
        let package = Package.make(.npm, "demo", listed[0], listed)
        let setting = Scene.Setting {
            $0.lock = Gateway.Lock(digests: [package.digest], releases: (try? [Purl(parsing: package.purl)]) ?? [])
        }
        try await Scene.with(setting) { scene async throws in
            package.serve(on: scene.fake)
            _ = try await scene.announce(package)
            let cut = scene.recorder.refusals.filter(\.isHidden).map { "\($0.subject) \($0.problem.summary)" }
            let which = "is not shown whole: 2.0.0, 2.1.0, 3.0.0 and 1 more are"
            #expect(cut == ["pkg:npm/demo \(which) not among the inputs of the manifest that --locked obeys"])
        }
    }

    @Test func aPublicationIsRefusedUnderEnforceAndRecordedUnderAudit() async throws {
        let url = "https://registry.npmjs.org/demo"
        try await Scene.with(Self.enforcing("version: 1\nmode: enforce\n")) { scene async throws in
            let reply = try await scene.reply(to: url, method: "PUT", body: .bytes(Array("{}".utf8)))
            #expect(reply.status == 403)
            #expect(scene.fake.requests.isEmpty)
        }
        try await Scene.with { scene async throws in
            scene.fake.serve("/npm/demo", FakeAnswer(status: 201, body: "{}"))
            let reply = try await scene.reply(to: url, method: "PUT", body: .bytes(Array("{}".utf8)))
            #expect(reply.status == 201)
            #expect(scene.recorder.outputs.map(\.status) == [201])
            #expect(scene.fake.requests.map(\.body) == [Array("{}".utf8)])
        }
    }
}
