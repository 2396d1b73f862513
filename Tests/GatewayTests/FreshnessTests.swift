import Core
import Synchronization
import TestKit
import Testing

/// How long an index that a former job fetched is given again without asking (RFC 9111 §4.2).
@Suite struct FreshnessTests {
    /// What the upstream said, how much later the next job asks, and whether it asks the upstream then.
    struct Case: Sendable, CustomStringConvertible {
        let fields: [(String, String)]
        let later: Int64
        let asks: Bool

        init(_ fields: [(String, String)], later: Int64, asks: Bool) {
            (self.fields, self.later, self.asks) = (fields, later, asks)
        }

        var description: String { "\(fields) after \(later) s" }
    }

    static let cases = [
        Case([], later: 0, asks: true),
        Case([("Cache-Control", "max-age=600, public")], later: 599, asks: false),
        Case([("Cache-Control", "max-age=600, public")], later: 600, asks: true),
        Case([("Cache-Control", "public, max-age=600"), ("Age", "500")], later: 99, asks: false),
        Case([("Cache-Control", "public, max-age=600"), ("Age", "500")], later: 100, asks: true),
        Case([("Cache-Control", "max-age=600"), ("Age", "601")], later: 0, asks: true),
        Case([("Cache-Control", "max-age=600"), ("Age", "9223372036854775807")], later: 0, asks: true),
        Case([("Cache-Control", "max-age=9223372036854775807"), ("Age", "-5")], later: 599, asks: false),
        Case([("Cache-Control", "max-age=9223372036854775807")], later: 600, asks: true),
        Case([("Cache-Control", "no-cache, max-age=600")], later: 0, asks: true),
        Case([("Cache-Control", "no-store, max-age=600")], later: 0, asks: true),
        Case([("Cache-Control", "max-age=-1")], later: 0, asks: true),
        Case([("Cache-Control", "stale-while-revalidate=600")], later: 0, asks: true),
    ]

    @Test(arguments: cases)
    func anIndexIsGivenAgainWhileItsFreshnessLasts(_ one: Case) async throws {
        let scratch = try Scratch()
        let package = Package.make(.pypi)
        var answer = package.indexAnswer
        for (name, value) in one.fields { answer = answer.with(name, value) }
        for job in 0..<2 {
            let now = Timestamp(seconds: Scene.now.seconds + (job == 0 ? 0 : one.later))
            try await Scene.with(Scene.Setting { $0.now = { now } }, scratch: scratch) { scene async throws in
                scene.fake.serve(package.indexPath, answer)
                #expect(try #require(try await scene.announce(package)).isComplete)
                #expect(scene.fake.count(package.indexPath) == (job == 0 || one.asks ? 1 : 0))
            }
        }
    }
}
