import Core
import Foundation
import Gateway
import Proxy
import Testing

/// Eighty raw requests, each with what a strict server does with it.
@Suite struct RawRequestTests {
    struct Case: Decodable, Sendable, CustomTestStringConvertible {
        let id: String
        let raw_latin1: String
        let want: String
        let why: String

        var testDescription: String { "\(id): \(why)" }
        var bytes: [UInt8] { raw_latin1.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) } }
        var isForPlainPort: Bool { raw_latin1.hasPrefix("CONNECT") || raw_latin1.contains("http://") }
    }

    static let cases: [Case] = {
        struct Corpus: Decodable { let cases: [Case] }
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/http-requests")
        guard let data = try? Data(contentsOf: folder.appending(path: "http-requests.json")),
            let corpus = try? JSONDecoder().decode(Corpus.self, from: data)
        else { return [] }
        return corpus.cases
    }()

    static let refusals: Set<String> = ["400", "413", "414", "417", "431", "501", "505"]

    @Test func readsTheWholeCorpus() { #expect(RawRequestTests.cases.count == 80) }

    @Test(arguments: cases) func treatsTheRequestAsAStrictServerDoes(_ example: Case) async throws {
        var configuration = Stage.configuration()
        configuration.allowsUnauthenticatedOwners = true
        configuration.allowedUIDs = [7]
        configuration.owner = { _ in 7 }
        try await Stage.run(configuration) { stage in
            let client =
                example.isForPlainPort
                ? try await RawClient.connect(port: stage.port) : try await RawClient.tunnel(stage, to: "a")
            try await client.send(example.bytes)
            switch example.want {
            case "reject":
                let status = status(try await client.received())
                #expect(RawRequestTests.refusals.contains(status), "answered \(status)")
                #expect(stage.responder.requests.isEmpty)
            case "ok", "absolute-wins":
                let answer = try await client.received { $0.hasSuffix("fine") }
                #expect(status(answer) == "200")
                #expect(stage.responder.requests.first?.request.url.origin.host == "a")
            case "policy":
                #expect(status(try await client.received()) == "403")
            case "first-ok":
                let answer = try await client.received()
                #expect(answer.contains("fine") && answer.contains("HTTP/1.1 400 "))
                #expect(stage.responder.requests.count == 1)
            default:
                let answer = try await client.received { $0.hasSuffix("fine") }
                let seen = status(answer)
                #expect(seen == "200" || RawRequestTests.refusals.contains(seen), "answered \(seen)")
                if seen != "200" { #expect(stage.responder.requests.isEmpty) }
            }
            await client.close()
        }
    }

    private func status(_ answer: String) -> String {
        answer.hasPrefix("HTTP/1.1 ") ? String(answer.dropFirst(9).prefix(3)) : "none: \(answer.prefix(40))"
    }
}
