import Core
import JSONText
import Manifest
import Testing

@testable import Session

@Suite("What a journal adds up to")
struct RecordBookTests {
    private let sha = String(repeating: "ab", count: 32)

    private func event(_ text: String) throws -> JSON { try JSON(parsing: Array(text.utf8)) }

    private func fetched(_ source: String = "network") throws -> JSON {
        try event(
            """
            {"event": "fetched", "at": 1, "purl": "pkg:pypi/a@1", "file": "a.whl", "size": 10, "digests": ["sha256:\(sha)"],
            "claims": [{"by": "index", "digest": "sha256:\(sha)"}], "origin": "https://pypi.org",
            "url": "https://pypi.org/a.whl?t=***", "published": {"time": 5, "basis": "upload-time"}, "license": "MIT",
            "source": "\(source)", "verdict": {"outcome": "block", "would-block": true, "exempt": "", "findings": [
            {"rule": "min_age", "action": "block", "message": "is young", "allowed-from": 9, "exemption": "- x"}]}}
            """
        )
    }

    @Test func anArrivalBecomesAnInputAVerdictAndACount() throws {
        let book = try RecordBook([fetched(), fetched("cache")])
        #expect(book.inputs.count == 2)
        #expect(book.inputs.first?.purl.description == "pkg:pypi/a@1")
        #expect(book.inputs.first?.license == "MIT")
        #expect(book.inputs.first?.claimed.map(\.agrees) == [true])
        #expect(book.wouldBlock.first?.rule == "min_age")
        #expect(book.wouldBlock.first?.allowedFrom == Timestamp(seconds: 9))
        #expect(book.traffic.hits == 1)
        #expect(book.traffic.bytesFetched == 10)
        #expect(book.arrivals["pypi"]?.inputs == 2)
    }

    @Test func everyRuleThatWouldRefuseIsTold() throws {
        let one = "{\"rule\": \"block\", \"action\": \"block\", \"message\": \"is listed\"}"
        let other = "{\"rule\": \"min_age\", \"action\": \"block\", \"message\": \"is young\"}"
        let word = "{\"rule\": \"max_age\", \"action\": \"report\", \"message\": \"is old\"}"
        let verdict = "{\"outcome\": \"block\", \"would-block\": true, \"findings\": [\(one), \(other), \(word)]}"
        let fetched = try event(
            """
            {"event": "fetched", "at": 1, "purl": "pkg:pypi/a@1", "file": "a.whl", "size": 10, "digests": ["sha256:\(sha)"],
            "claims": [], "origin": "https://pypi.org", "url": "https://pypi.org/a.whl", "source": "network",
            "verdict": \(verdict)}
            """
        )
        let book = try RecordBook([fetched])
        #expect(book.wouldBlock.map(\.rule) == ["block", "min_age"])
        #expect(book.wouldDeny == 1)
    }

    @Test func anAnswerBecomesAnEntryOfTheReplayRecord() throws {
        let book = try RecordBook([
            event(
                """
                {"event": "answered", "at": 1, "method": "GET", "origin": "https://pypi.org", "path": "/simple/a/",
                "query": "sha256-00", "accept": "*/*", "status": 200, "type": "text/html", "body": "sha256:\(sha)",
                "size": 3, "final": "https://pypi.org/simple/a/", "artifact": false}
                """
            )
        ])
        #expect(book.answers.first?.digest?.hex == sha)
        #expect(book.answers.first?.key.query == "sha256-00")
    }

    @Test func refusalsAreTheirRules() throws {
        func refused(_ code: String, hidden: Bool, policy: Bool) throws -> JSON {
            try event(
                """
                {"event": "refused", "at": 1, "subject": "pkg:npm/a@1", "code": "\(code)", "rule": "min_age",
                "message": "m", "remedy": "r", "hidden": \(hidden), "policy": \(policy)}
                """
            )
        }
        let book = try RecordBook([
            refused("policy.denied", hidden: false, policy: true), refused("policy.denied", hidden: true, policy: true),
            refused("integrity.mismatch", hidden: false, policy: false),
            refused("no.such", hidden: false, policy: false),
        ])
        #expect(book.blocked.count == 1)
        #expect(book.hidden.count == 1)
        #expect(book.failures.map(\.code) == [.integrityMismatch, .bug])
    }

    @Test func gapsOfOneKindAndHostAreCountedTogether() throws {
        let gap = try event(#"{"event": "gap", "at": 1, "kind": "tunnel", "host": "h", "detail": "d", "bytes": 4}"#)
        let book = try RecordBook([gap, gap])
        #expect(book.gaps["tunnel h"]?.count == 2)
        #expect(book.gaps["tunnel h"]?.bytes == 8)
    }

    @Test func trafficPublicationsAndOthersAreTaken() throws {
        let book = try RecordBook([
            event(#"{"event": "traffic", "at": 1, "ecosystem": "npm", "client": "npm/10"}"#),
            event(#"{"event": "published", "at": 1, "url": "https://h/x", "method": "PUT", "size": 1, "status": 201}"#),
            event(#"{"event": "credential", "at": 1, "host": "h"}"#),
            event(#"{"event": "connection", "at": 1, "reason": "no secret"}"#),
            event(#"{"event": "start", "at": 1}"#), event(#"{"event": "end", "at": 1}"#),
        ])
        #expect(book.ecosystems == ["npm": 1])
        #expect(book.publications.first?.status == 201)
        #expect(book.traffic.requests == 1)
    }

    @Test(arguments: [
        #"{"event": "surprise", "at": 1}"#, #"{"at": 1}"#, #"{"event": "fetched", "at": 1}"#,
        #"{"event": "answered", "at": 1, "method": "GET"}"#, #"{"event": "published", "at": 1}"#,
        #"{"event": "fetched", "at": 1, "purl": "no purl", "file": "a", "size": 1, "url": "https://h/"}"#,
    ])
    func whatItsWriterWouldNotWriteIsMalformed(_ text: String) throws {
        let event = try event(text)
        #expect(throws: Malformed.self) { try RecordBook([event]) }
    }
}
