import Core
import Foundation
import JSONText
import Kernel
import Storage
import TestKit
import Testing

/// One denial is followed through everything that tells of it.
@Suite("One denial, told everywhere")
struct OneDenialTests {
    private static func stage() throws -> Stage {
        let bytes = try Files.readAll(Stage.fixture("Fixtures/fresh-1.0-py3-none-any.whl"))
        let digest = Digest.sha256(of: bytes).hex
        let none = String(repeating: "0", count: 64)
        let now = ISO8601DateFormatter().string(from: Date())
        let files = [("0.9", none, "2020-01-02T03:04:05Z"), ("1.0", digest, now)].map { version, sha256, time in
            """
            {"filename": "fresh-\(version)-py3-none-any.whl", "hashes": {"sha256": "\(sha256)"}, "upload-time": "\(time)",
            "url": "https://files.pythonhosted.org/files/fresh-\(version)-py3-none-any.whl", "yanked": false}
            """
        }
        let index = """
            {"meta": {"api-version": "1.1"}, "name": "fresh", "versions": ["0.9", "1.0"],
            "files": [\(files.joined(separator: ","))]}
            """
        return try Stage(["/simple/fresh/": .text(index, type: "application/vnd.pypi.simple.v1+json")])
    }

    private func text(_ path: String) throws -> String { String(decoding: try Files.readAll(path), as: UTF8.self) }

    private static func plain(_ text: String) -> String {
        text.replacing("\\\"", with: "\"").replacing("&#95;", with: "_")
    }

    @Test func theSameFactsReachEverybody() async throws {
        let stage = try Self.stage()
        let receiver = try await TestKit.FakeUpstream.start()
        receiver.serve("/hook", TestKit.FakeAnswer("ok", type: "text/plain"))
        let page = "\(stage.folder)/summary.md"
        let job = """
            curl -sS https://pypi.org/simple/fresh/ -o /dev/null
            curl -sS -i https://files.pythonhosted.org/files/fresh-1.0-py3-none-any.whl > shown
            env | grep PURSER_WEBHOOK && touch leaked; true
            """
        let report = try await stage.shell(
            "purser run --mode enforce -- sh -c '\(job)'",
            environment: [
                "GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": page, "PURSER_WEBHOOK": "\(receiver.origin)/hook",
                "PURSER_WEBHOOK_SECRET": "s3cret",
            ]
        )
        #expect(report.exit.status == 125)
        let papers = try text("\(stage.job)/purser-run.json")
        let denial = try #require(try JSON(parsing: Array(papers.utf8))["blocked"]?.array?.first)
        let evidence = try #require(denial["evidence"]?.string)
        let allowed = try #require(denial["allowedFrom"]?.string)
        #expect(denial["newestAllowed"]?.string == "0.9")
        let annotation = report.errorText.split(separator: "\n").first { $0.hasPrefix("::error title=purser min_age") }
        let hook = try #require(receiver.requests(for: "/hook").first)
        let told = [
            ("client", try text("\(stage.job)/shown")), ("terminal", report.errorText),
            ("annotation", annotation.map(String.init) ?? ""), ("step summary", try text(page)),
            ("webhook", String(decoding: hook.body, as: UTF8.self)),
            ("explain", try await stage.shell("purser policy explain --mode enforce pkg:pypi/fresh@1.0").outputText),
        ]
        let facts = ["pkg:pypi/fresh@1.0", "min_age", evidence, allowed, "0.9", "rule: min_age, reason:"]
        for (who, text) in told {
            for fact in facts where who != "client" || fact != evidence {
                #expect(Self.plain(text).contains(fact), "\(who) does not tell \(fact):\n\(text)")
            }
        }
        #expect(receiver.count("/hook") == 1 && hook.header("Purser-Signature")?.hasPrefix("t=") == true)
        #expect(!Files.exists("\(stage.job)/leaked"))
    }

    @Test func aReceiverThatHangsOrFailsLeavesTheRunAsItWas() async throws {
        for answer in [TestKit.FakeAnswer().with(.hang), TestKit.FakeAnswer(status: 500)] {
            let stage = try Self.stage()
            let receiver = try await TestKit.FakeUpstream.start()
            receiver.serve("/hook", answer)
            let report = try await stage.shell(
                "purser run -- fetch fresh fresh-1.0-py3-none-any.whl",
                environment: ["PURSER_WEBHOOK": "\(receiver.origin)/hook"]
            )
            #expect(report.exit.status == 0, "\(report.errorText)")
            #expect(report.errorText.contains("webhook: 1 of 1 notices were not delivered"))
            #expect(!report.errorText.contains(receiver.origin))
        }
    }
}
