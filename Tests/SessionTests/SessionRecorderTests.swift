import Core
import Gateway
import JSONText
import Manifest
import Proxy
import Storage
import Testing

@testable import Session

@Suite("What a session writes down of its traffic")
struct SessionRecorderTests {
    private static func recorder(_ scratch: Scratch) throws -> SessionRecorder {
        let stores = Gateway.Stores(
            cache: try BlobStore(folder: scratch.path("cache")),
            record: try BlobStore(folder: scratch.path("record")),
            answers: nil
        )
        let journal = try Journal.create(scratch.path("journal"))
        return SessionRecorder(journal: journal, stores: stores, now: { Timestamp(seconds: 5) })
    }

    private static func lines(_ scratch: Scratch) throws -> [String] {
        try Journal.read(scratch.path("journal")).events.map { event in
            "\(event["ecosystem"]?.string ?? "") \(event["client"]?.string ?? "") \(event["requests"]?.integer ?? 0)"
        }
    }

    @Test func theFirstRequestOfAClientIsALineAndTheOthersAreCounted() async throws {
        let scratch = try Scratch()
        let recorder = try Self.recorder(scratch)
        #expect(!recorder.countAgain(ecosystem: "pypi", client: "uv/1"))
        for _ in 0..<3 { try await recorder.record(.traffic(ecosystem: "pypi", client: "uv/1")) }
        #expect(recorder.countAgain(ecosystem: "pypi", client: "uv/1"))
        try await recorder.record(.traffic(ecosystem: "npm", client: "uv/1"))
        // What a killed session leaves: every client that spoke.
        #expect(try Self.lines(scratch) == ["pypi uv/1 1", "npm uv/1 1"])
        try recorder.settle()
        #expect(try Self.lines(scratch) == ["pypi uv/1 1", "npm uv/1 1", "pypi uv/1 3"])
        try recorder.settle()
        #expect(try Self.lines(scratch).count == 3)
        let book = try RecordBook(Journal.read(scratch.path("journal")).events)
        #expect(book.traffic.requests == 5)
        #expect(book.ecosystems == ["pypi": 4, "npm": 1])
    }

    @Test func whatWentPastUnreadIsAGapWithItsHostAndBytes() async throws {
        let scratch = try Scratch()
        let recorder = try Self.recorder(scratch)
        recorder.note(.tunnel(host: "pinned.example", port: 443, bytesUp: 30, bytesDown: 4))
        recorder.note(.tunnel(host: "pinned.example", port: 443, bytesUp: 0, bytesDown: 8))
        recorder.note(.failedTunnel(host: "far.example", reason: "the proxy refuses the tunnel (403)"))
        recorder.note(.unreadProtocol(name: "WebSocket", host: "live.example"))
        #expect(recorder.failure == nil)
        let gaps = try RecordBook(Journal.read(scratch.path("journal")).events).gaps
        #expect(gaps["opaque-tunnel pinned.example"]?.count == 2)
        #expect(gaps["opaque-tunnel pinned.example"]?.bytes == 42)
        #expect(gaps["upstream-error far.example"]?.count == 1)
        #expect(gaps["unread-protocol live.example"]?.count == 1)
    }

    @Test func clientsWithEverNewNamesCostALineEachAndNoMemory() async throws {
        let scratch = try Scratch()
        let recorder = try Self.recorder(scratch)
        for number in 0..<1_100 { try await recorder.record(.traffic(ecosystem: "npm", client: "made-up/\(number)")) }
        #expect(recorder.countAgain(ecosystem: "npm", client: "made-up/0"))
        #expect(!recorder.countAgain(ecosystem: "npm", client: "made-up/1099"))
        try await recorder.record(.traffic(ecosystem: "npm", client: "made-up/1099"))
        try recorder.settle()
        #expect(try RecordBook(Journal.read(scratch.path("journal")).events).traffic.requests == 1_102)
    }
}
