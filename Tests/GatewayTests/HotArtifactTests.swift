import Core
import Gateway
import Kernel
import Storage
import Synchronization
import TestKit
import Testing
import Upstream

@Suite struct HotArtifactTests {
    /// A clock that a test moves.
    private final class Clock: Sendable {
        private let seconds = Mutex(Scene.now.seconds)
        var now: Timestamp { Timestamp(seconds: seconds.withLock { $0 }) }
        func pass(_ count: Int64) { seconds.withLock { $0 += count } }
    }

    private static func question(
        _ package: Package,
        method: String = "GET",
        accept: String = "",
        userAgent: String = "test/1",
        headers: [HeaderField] = []
    ) throws -> ClientRequest {
        let request = Request(method: method, url: try HTTPURL(package.url), accept: accept, userAgent: userAgent)
        return ClientRequest(request: request, headers: headers)
    }

    /// A package that was asked for until its answer is at hand.
    private static func warm(_ kind: Package.Kind, _ scene: Scene) async throws -> Package {
        let package = Package.make(kind)
        package.serve(on: scene.fake)
        try await scene.announce(package)
        #expect(try scene.gateway.replyAtHand(to: question(package)) == nil)
        for _ in 0..<2 { #expect(try await scene.ask(package.url).isComplete) }
        return package
    }

    @Test(arguments: Package.Kind.claimed)
    func anAnswerAtHandIsTheSameAndEachIsCounted(_ kind: Package.Kind) async throws {
        try await Scene.with { scene async throws in
            let package = try await Self.warm(kind, scene)
            let before = scene.recorder.events.map(\.line)
            let usual = try await scene.reply(to: package.url)
            for _ in 0..<3 {
                let reply = try #require(try scene.gateway.replyAtHand(to: Self.question(package)))
                #expect(reply.status == 200 && reply.headers == usual.headers)
                #expect(await Reader().take(reply).body == package.bytes)
            }
            let line = try #require(before.last { $0.hasPrefix("traffic") })
            #expect(scene.recorder.events.map(\.line) == before + [line, line, line, line])
            #expect(scene.recorder.fetched.count == 1)
            #expect(scene.fake.count(package.path) == 1)
        }
    }

    @Test func rangesAndConditionsAreAnsweredFromWhatIsAtHand() async throws {
        try await Scene.with { scene async throws in
            let package = try await Self.warm(.pypi, scene)
            let part = try #require(
                try scene.gateway.replyAtHand(to: Self.question(package, headers: [HeaderField("Range", "bytes=1-3")]))
            )
            #expect(part.status == 206)
            #expect(await Reader().take(part).body == Array(package.bytes[1...3]))
            let tag = HeaderField("If-None-Match", "\"sha256-\(package.digest.hex)\"")
            let same = try scene.gateway.replyAtHand(to: Self.question(package, headers: [tag]))
            #expect(same?.status == 304)
        }
    }

    @Test func anotherQuestionIsNeverAnsweredAtHand() async throws {
        try await Scene.with { scene async throws in
            let package = try await Self.warm(.pypi, scene)
            let others = try [
                Self.question(package, method: "HEAD"), Self.question(package, method: "PUT"),
                Self.question(package, accept: "text/html"), Self.question(package, userAgent: "other/2"),
                Self.question(package, headers: [HeaderField("authorization", "Basic eA==")]),
                Self.question(package, headers: [HeaderField("X-JFrog-Art-Api", "k")]),
            ]
            for other in others { #expect(scene.gateway.replyAtHand(to: other) == nil) }
            let usual = try Self.question(package)
            let foreign = ClientRequest(request: usual.request, ecosystemType: "generic")
            #expect(scene.gateway.replyAtHand(to: foreign) == nil)
            let withBody = ClientRequest(request: usual.request, body: .bytes([1]))
            #expect(scene.gateway.replyAtHand(to: withBody) == nil)
            #expect(scene.gateway.replyAtHand(to: usual) != nil)
        }
    }

    @Test func whatIsAtHandHoldsForItsSecondOnly() async throws {
        let clock = Clock()
        try await Scene.with(Scene.Setting { $0.now = { clock.now } }) { scene async throws in
            let package = try await Self.warm(.pypi, scene)
            #expect(try scene.gateway.replyAtHand(to: Self.question(package)) != nil)
            clock.pass(1)
            #expect(try scene.gateway.replyAtHand(to: Self.question(package)) == nil)
        }
    }

    @Test func whatIsLearntMeanwhileIsHeeded() async throws {
        try await Scene.with { scene async throws in
            let package = try await Self.warm(.pypi, scene)
            let wrong = Digest.sha256(of: [1])
            let release = try Purl(parsing: package.purl)
            let pin = Pin(release: release, file: package.file, url: try HTTPURL(package.url), digests: [wrong])
            scene.gateway.learn([pin], from: "uv.lock")
            #expect(try scene.gateway.replyAtHand(to: Self.question(package)) == nil)
            #expect(try await scene.ask(package.url).code == "integrity.mismatch")
        }
    }

    @Test func aBlobThatWasTouchedIsNotAtHand() async throws {
        let scratch = try Scratch()
        try await Scene.with(scratch: scratch) { scene async throws in
            let package = try await Self.warm(.pypi, scene)
            let hex = package.digest.hex
            try Files.chmod(scratch("cache/sha256/\(hex.prefix(2))/\(hex.dropFirst(2))"), mode: 0o600)
            #expect(try scene.gateway.replyAtHand(to: Self.question(package)) == nil)
        }
    }

    @Test func whatCannotBeCountedIsNotGivenOut() async throws {
        try await Scene.with { scene async throws in
            let package = try await Self.warm(.pypi, scene)
            scene.recorder.fail(at: 0)
            #expect(try scene.gateway.replyAtHand(to: Self.question(package)) == nil)
            #expect(try await scene.ask(package.url).code == "storage.full")
        }
    }
}
