internal import Core

/// The small texts that name packages, places, times and digests.
extension Exercise {
    static let texts = [
        Exercise("purl", "a purl reads, prints and reads as the same; its registry key is stable") { bytes, findings in
            readPurl(String(decoding: bytes, as: UTF8.self), &findings)
        },
        Exercise(
            "url",
            "an address has no dot segment in any spelling and reads back as itself; a reference resolves to one"
        ) {
            bytes,
            findings in
            let lines = String(decoding: bytes, as: UTF8.self)
                .split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard let url = try? HTTPURL(lines.first ?? "") else { return }
            checkAddress(url, &findings)
            guard lines.count == 2, let resolved = try? url.resolving(lines[1]) else { return }
            checkAddress(resolved, &findings)
        },
        Exercise("words", "times, digests, hexadecimal, Base64 and percent codes read back as what they print") {
            bytes,
            findings in
            let text = String(decoding: bytes, as: UTF8.self)
            readTime(text, &findings)
            readDigest(text, &findings)
            findings.expect(Base64.decode(Base64.encode(bytes)) == bytes, "Base64 loses bytes")
            findings.expect(Hex.decode(Hex.encode(bytes)) == bytes, "hexadecimal loses bytes")
            if let read = Base64.decode(text) {
                findings.expect(Base64.encode(read) == text, "two Base64 texts are one")
            }
            let encoded = PercentEncoding.encode(text)
            findings.expect(PercentEncoding.decode(encoded) == text, "percent codes lose text")
        },
    ]

    private static func readPurl(_ text: String, _ findings: inout Findings) {
        _ = try? Purl(parsing: text, isTolerant: true)
        guard let purl = try? Purl(parsing: text) else { return }
        let printed = purl.description
        let again = try? Purl(parsing: printed)
        findings.expect(again == purl, "\(printed) reads as \(again?.description ?? "nothing")")
        findings.expect(again?.description == printed, "\(printed) has two canonical texts")
        findings.expect(again?.registryKey == purl.registryKey, "\(printed) has two registry keys")
        findings.expect((try? purl.normalized()) == purl, "\(printed) is not normal")
    }

    private static func checkAddress(_ url: HTTPURL, _ findings: inout Findings) {
        let text = url.description
        findings.expect((try? HTTPURL(text)) == url.withoutFragment, "\(text) reads as another address")
        let parts = url.segments.flatMap { $0.split(separator: "/", omittingEmptySubsequences: false) }
        let isSafe = parts.allSatisfy { $0 != "." && $0 != ".." && !$0.utf8.contains(0) && !$0.contains("\\") }
        findings.expect(isSafe, "\(text) has an unsafe segment")
        let isClean = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        findings.expect(isClean, "\(text) has a byte that cuts a request line")
        findings.expect(
            url.redacted.hasPrefix(url.origin.description + url.path),
            "\(text) is redacted to \(url.redacted)"
        )
        let moved = try? url.moved(to: url.origin)
        findings.expect(moved == url.withoutFragment, "\(text) moves to another address at the same origin")
    }

    private static func readTime(_ text: String, _ findings: inout Findings) {
        for time in [Timestamp(rfc3339: text), Timestamp(httpDate: text)].compactMap(\.self) {
            findings.expect(Timestamp(rfc3339: time.description) == time, "the time \(time) cannot be read back")
            findings.expect(Timestamp(httpDate: time.httpDate) == time, "the time \(time.httpDate) cannot be read back")
        }
    }

    private static func readDigest(_ text: String, _ findings: inout Findings) {
        for digest in [Digest(text), Digest(integrity: text)].compactMap(\.self) {
            findings.expect(Digest(digest.description) == digest, "the digest \(digest) cannot be read back")
            findings.expect(digest.bytes.count == digest.algorithm.byteCount, "the digest \(digest) has a wrong length")
            if digest.algorithm.isOfBytes {
                findings.expect(
                    Digest(integrity: digest.integrity) == digest,
                    "\(digest.integrity) cannot be read back"
                )
            }
        }
    }
}
