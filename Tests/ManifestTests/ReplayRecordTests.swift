import Core
import Manifest
import Testing

@Suite struct ReplayRecordTests {
    private func key(_ path: String, accept: String = "", volatile: Set<String> = []) throws -> ReplayKey {
        ReplayKey(method: "GET", url: try HTTPURL("https://pypi.org" + path), accept: accept, volatile: volatile)
    }

    private func entry(_ path: String, _ seed: UInt8, accept: String = "") throws -> ReplayRecord.Entry {
        ReplayRecord.Entry(
            key: try key(path, accept: accept),
            status: 200,
            headers: [ReplayRecord.Header(name: "Content-Type", value: "text/html")],
            body: (try Samples.digest(seed), 5),
            finalURL: try HTTPURL("https://pypi.org" + path)
        )
    }

    @Test func readsBackWhatItPrints() throws {
        var post = try key("/audit?x=1")
        post.bodyDigest = try Samples.digest(4)
        let empty = ReplayRecord.Entry(
            key: post,
            status: 304,
            headers: [],
            body: nil,
            finalURL: try HTTPURL("https://pypi.org/audit?token=abc")
        )
        let record = ReplayRecord(entries: [try entry("/simple/b/", 1), empty, try entry("/simple/a/", 2)])
        #expect(try ReplayRecord(parsing: record.canonicalBytes()) == record)
        #expect(!text(record.canonicalBytes()).contains("abc"))
        #expect(record.digests == [try Samples.digest(1), try Samples.digest(2)])
    }

    @Test func keepsTheOrderOfAnswersUnderOneKeyOnly() throws {
        let a = [try entry("/a", 1), try entry("/a", 2), try entry("/a", 1)]
        let b = [try entry("/b", 3)]
        let record = ReplayRecord(entries: [b[0], a[0], a[1], a[2]])
        #expect(record == ReplayRecord(entries: a + b))
        #expect(Array(record.answers(to: try key("/a"))) == a)
        #expect(record.answers(to: try key("/c")).isEmpty)
    }

    @Test func recordsConsecutiveEqualAnswersOnce() throws {
        let (a, b) = (try entry("/a", 1), try entry("/b", 2))
        #expect(ReplayRecord(entries: [a, b, a, b, a]) == ReplayRecord(entries: [a, b]))
    }

    @Test func tellsRequestsApartByWhatTheyAccept() throws {
        let (html, json) = (try entry("/a", 1, accept: "text/html"), try entry("/a", 2, accept: "application/json"))
        let record = ReplayRecord(entries: [html, json])
        #expect(Array(record.answers(to: try key("/a", accept: "application/json"))) == [json])
    }

    @Test func dropsVolatileParametersFromTheKey() throws {
        #expect(try key("/a?t=1&q=x", volatile: ["t"]) == key("/a?q=x"))
        #expect(try key("/a?t=1", volatile: ["t"]) == key("/a"))
        #expect(try key("/a?t=1").description == "GET https://pypi.org/a?t=1")
    }

    @Test func namesTheNearestRequestThatWasRecorded() throws {
        let record = ReplayRecord(entries: [try entry("/simple/idna/", 1), try entry("/simple/six/", 2)])
        #expect(record.nearest(to: try key("/simple/sixty/"))?.path == "/simple/six/")
        #expect(record.nearest(to: try key("/simple/idna/", accept: "x"))?.path == "/simple/idna/")
        #expect(ReplayRecord(entries: []).nearest(to: try key("/a")) == nil)
    }

    @Test func refusesEveryTruncationAndOtherSpellings() throws {
        let good = ReplayRecord(entries: [try entry("/a", 1), try entry("/b", 2)]).canonicalBytes()
        for length in 0..<good.count {
            #expect(throws: Malformed.self) { try ReplayRecord(parsing: Array(good[..<length])) }
        }
        for (old, new) in [("200", "99"), ("content-type", "Content-Type"), ("\"/a\"", "\"/c\""), ("{", "{ ")] {
            #expect(throws: Malformed.self) {
                try ReplayRecord(parsing: Array(text(good).replacing(old, with: new).utf8))
            }
        }
    }
}
