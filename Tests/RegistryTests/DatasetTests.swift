import Core
import Foundation
import TestKit
import Testing
import Transfer

@testable import Registry

/// Every kind of data that rules look into is taken when it can be read, and given out as it is.
@Suite struct DatasetTests {
    private static let kinds = [
        "kev": "{\"dateReleased\":\"2026-11-01T00:00:00Z\",\"vulnerabilities\":[{\"cveID\":\"CVE-2026-1\"}]}",
        "epss": "#model_version:v1,score_date:2026-11-20\ncve,epss,percentile\nCVE-2026-1,0.5,0.9\n",
        "names": "pkg:npm/acme\n", "suspects": "pkg:npm/evil@>=1 # phones home\n", "reviewed": "pkg:npm/good@1.0.0\n",
        "packages": "{\"purl\":\"pkg:npm/a\",\"downloads\":1}\n",
        "scorecards": "{\"repo\":{\"name\":\"github.com/a/b\"},\"score\":5}\n",
        "osv": "{\"id\":\"MAL-1\",\"affected\":[{\"package\":{\"ecosystem\":\"npm\",\"name\":\"a\"}}]}",
    ]

    @Test func isGivenOutWithItsDigest() async throws {
        try await RegistryScratch.with { scratch in
            func file(_ text: String) throws -> String {
                let path = scratch.folder + "/given.json"
                try Data(text.utf8).write(to: URL(filePath: path))
                return path
            }
            var all = Self.kinds
            all["trusted_root"] = String(decoding: try SigstoreInstance().trustedRoot, as: UTF8.self)
            for (kind, text) in all {
                let (digest, words) = try await scratch.administration.setData(kind, file: try file(text))
                #expect(!words.isEmpty)
                let answer = try await scratch.get("/api/v1/data/\(kind)", token: scratch.admin)
                #expect(answer.status == 200 && answer.body == Array(text.utf8), "\(kind)")
                #expect(answer.headers.first { $0.name.lowercased() == "etag" }?.value == "\"sha256-\(digest.hex)\"")
                await #expect(throws: Problem.self, "\(kind)") {
                    try await scratch.administration.setData(kind, file: try file("<html>\n"))
                }
                #expect(try await scratch.get("/api/v1/data/\(kind)", token: scratch.admin).body == Array(text.utf8))
            }
            #expect(try await scratch.get("/api/v1/data/npm_keys", token: scratch.admin).status == 404)
        }
    }
}
