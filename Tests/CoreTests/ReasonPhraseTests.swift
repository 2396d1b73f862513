import Core
import Testing

/// The one line of ours that most clients show.
struct ReasonPhraseTests {
    private func phrase(_ subject: String, _ summary: String) -> String {
        Problem(.integrityMismatch, subject: subject, summary: summary, remedy: "Run again.").reasonPhrase
    }

    @Test func `A long URL keeps its end and leaves room for what happened`() {
        let url = "https://files.example/packages/\(String(repeating: "ab", count: 60))/tool-1.0.whl"
        let phrase = phrase(url, "was answered with no bytes")
        #expect(phrase.hasPrefix("integrity.mismatch: ...") && phrase.utf8.count <= 120)
        #expect(phrase.hasSuffix("/tool-1.0.whl was answered with no bytes"))
    }

    @Test func `A long purl keeps its name and drops its qualifiers`() {
        let purl = "pkg:generic/tool.bin?download_url=https:%2F%2Ffiles.example%2F\(String(repeating: "a", count: 90))"
        #expect(phrase(purl, "is empty") == "integrity.mismatch: pkg:generic/tool.bin is empty")
    }

    @Test func `It is one line of ASCII of at most 120 bytes, whatever comes in`() {
        let phrase = phrase("pkg:npm/é\u{1B}[31m", String(repeating: "ä\n", count: 200))
        #expect(phrase.utf8.count <= 120 && phrase.utf8.allSatisfy { (0x20...0x7E).contains($0) })
    }
}
