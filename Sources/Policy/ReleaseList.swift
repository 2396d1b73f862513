public import Core

/// A list of releases that somebody put on disk: a purl pattern on each line, and behind `#` why it is there.
public struct ReleaseList: Sendable {
    private let texts: [String]
    private let reasons: [String]
    private let patterns: PatternSet
    /// What a line `# date: 2026-11-01` says.
    public let date: Timestamp?

    public var count: Int { texts.count }

    /// `file` is for complaints.
    public init(_ text: String, of file: String) throws(Problem) {
        var (texts, reasons, patterns) = ([String](), [String](), [PurlPattern]())
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            // A pattern may hold blanks between the parts of a range.
            let parts = line.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
            let name = ReleaseList.trimmed(parts.first ?? "")
            guard !name.isEmpty else { continue }
            do throws(Malformed) { patterns.append(try PurlPattern(name)) } catch {
                throw Problem(
                    .configUnreadable,
                    subject: "\(file) line \(number + 1)",
                    summary: "is '\(line.prefix(80))', which is no purl pattern: \(error)",
                    remedy: "Write one a line, such as pkg:npm/left-pad@1.3.0 or pkg:pypi/foo@>=1,<2."
                )
            }
            texts.append(name)
            reasons.append(parts.count > 1 ? ReleaseList.trimmed(parts[1]) : "")
        }
        self.texts = texts
        self.reasons = reasons
        self.patterns = PatternSet(patterns)
        date = ReleaseList.date(in: text)
    }

    /// What a line `# date: 2026-11-01` among the first says; nil where there is none.
    public static func date(in text: String) -> Timestamp? {
        for line in text.split(separator: "\n").prefix(20) where line.hasPrefix("# date:") {
            return Timestamp(rfc3339: trimmed(line.dropFirst("# date:".count)))
        }
        return nil
    }

    /// For each line that names the release what it says: `pkg:npm/x@1 (sends telemetry)`. A version that cannot be put in
    /// order counts as named.
    public func entries(naming release: Purl, compare: @escaping @Sendable (String, String) -> Int?) -> [String] {
        patterns.matches(Subject(release), compare).map { hit in
            reasons[hit.position].isEmpty ? texts[hit.position] : "\(texts[hit.position]) (\(reasons[hit.position]))"
        }
    }

    /// True where a line is sure to name the release.
    public func names(_ release: Purl, compare: @escaping @Sendable (String, String) -> Int?) -> Bool {
        patterns.matches(Subject(release), compare).contains(where: \.isCertain)
    }

    private static func trimmed(_ text: some StringProtocol) -> String {
        var rest = Substring(text)
        while let first = rest.first, first.isWhitespace { rest.removeFirst() }
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        return String(rest)
    }
}
