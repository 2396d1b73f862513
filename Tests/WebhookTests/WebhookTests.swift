import Core
import Crypto
import JSONText
import TestKit
import Testing
import Transfer

@testable import Webhook

private let notice = Notice(
    Explanation(
        subject: "pkg:npm/axios@1.14.1",
        rule: "min_age",
        message: "is 5 h old; policy asks for 3 d",
        evidence: "published 2026-11-21T06:00:00Z (registry-time)",
        allowedFrom: Timestamp(seconds: 1_795_500_000),
        newestAllowed: "pkg:npm/axios@1.14.0",
        exemption: "- { purl: \"pkg:npm/axios@1.14.1\", rule: min_age }"
    ),
    isAudit: false,
    place: "https://ci.example/job/4711",
    time: Timestamp(seconds: 1_795_000_000)
)

@Suite struct WebhookTests {
    private func webhook(
        _ upstream: FakeUpstream,
        _ change: (inout Webhook.Configuration) -> Void = { _ in }
    ) throws -> Webhook {
        var configuration = Webhook.Configuration(
            try HTTPURL("\(upstream.origin)/hook"),
            secret: Secret("s3cret"),
            now: { Timestamp(seconds: 1_795_000_001) }
        )
        configuration.pause = { _ in }
        change(&configuration)
        return Webhook(configuration, engine: try TransferEngine(TransferConfiguration(userAgent: "tests")))
    }

    @Test func sendsWhatSlackShowsAndTheSameAsData() async throws {
        let upstream = try await FakeUpstream.start()
        upstream.serve("/hook", FakeAnswer("ok", type: "text/plain"))
        let webhook = try webhook(upstream)
        webhook.offer(notice)
        #expect(await webhook.finish(within: .seconds(30)) == Webhook.Tally(delivered: 1))
        let request = try #require(upstream.requests(for: "/hook").first)
        #expect(request.method == "POST")
        let body = try JSON(parsing: request.body)
        let text = try #require(body["text"]?.string)
        for fact in ["pkg:npm/axios@1.14.1", "min_age", "is 5 h old", "2026-11-21T06:00:00Z", "1.14.0", "4711"] {
            #expect(text.contains(fact))
        }
        #expect(body["purser"]?["newestAllowed"]?.string == "pkg:npm/axios@1.14.0")
        #expect(body["purser"]?["evidence"]?.string == "published 2026-11-21T06:00:00Z (registry-time)")
    }

    /// The receiver's half of the signature, by the book.
    @Test func signsTheBodyAndTheTime() async throws {
        let upstream = try await FakeUpstream.start()
        upstream.serve("/hook", FakeAnswer("ok", type: "text/plain"))
        let webhook = try webhook(upstream)
        webhook.offer(notice)
        _ = await webhook.finish(within: .seconds(30))
        let request = try #require(upstream.requests(for: "/hook").first)
        let signature = try #require(request.header("Purser-Signature"))
        let key = SymmetricKey(data: Array("s3cret".utf8))
        let code = HMAC<SHA256>.authenticationCode(for: Array("1795000001.".utf8) + request.body, using: key)
        #expect(signature == "t=1795000001,v1=\(Hex.encode(code))")
    }

    @Test func triesAgainWhatMayPassAndNoMore() async throws {
        let upstream = try await FakeUpstream.start()
        upstream.serve("/hook", FakeAnswer(status: 500), FakeAnswer(status: 429), FakeAnswer(status: 200))
        let patient = try webhook(upstream)
        patient.offer(notice)
        #expect(await patient.finish(within: .seconds(30)).delivered == 1)
        #expect(upstream.count("/hook") == 3)

        let refusing = try await FakeUpstream.start()
        refusing.serve("/hook", FakeAnswer(status: 404))
        let refused = try webhook(refusing)
        refused.offer(notice)
        #expect(await refused.finish(within: .seconds(30)).failed == 1)
        #expect(refusing.count("/hook") == 1)

        let broken = try await FakeUpstream.start()
        broken.serve("/hook", FakeAnswer(status: 500))
        let given = try webhook(broken) { $0.attempts = 3 }
        given.offer(notice)
        #expect(await given.finish(within: .seconds(30)).failed == 1)
        #expect(broken.count("/hook") == 3)
    }

    @Test func aReceiverThatHangsHoldsNobodyUp() async throws {
        let upstream = try await FakeUpstream.start()
        upstream.serve("/hook", FakeAnswer().with(.hang))
        let webhook = try webhook(upstream) { $0.capacity = 4 }
        for _ in 0..<100 { webhook.offer(notice) }
        let tally = await webhook.finish(within: .milliseconds(200))
        #expect(tally.delivered == 0)
        #expect(tally.failed + tally.dropped == 100)
        #expect(!tally.isWhole)
    }

    @Test func namesOfPackagesAreNoMarkup() throws {
        let notice = Notice(
            Explanation(subject: "pkg:npm/<!channel>", rule: "block", message: "is <https://evil|fine> & more"),
            isAudit: true,
            place: "",
            time: Timestamp(seconds: 0)
        )
        let text = try #require(try JSON(parsing: notice.body)["text"]?.string)
        #expect(text.contains("would deny *pkg:npm/&lt;!channel&gt;*"))
        #expect(text.contains("is &lt;https://evil|fine&gt; &amp; more"))
    }
}
