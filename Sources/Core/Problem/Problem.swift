/// The only error a person sees: what happened, to what, and what to do about it.
public struct Problem: Error, Sendable, Hashable {
    /// An aligned line of the text form, such as *from*, *expected*, *got*, *kept*.
    public struct Detail: Hashable, Sendable {
        public let label: String
        public let text: String
    }

    public let code: Code
    /// What it happened to: a purl, a redacted URL, a file, an option.
    public let subject: String
    public let summary: String
    /// What the reader can do about it. Never empty.
    public let remedy: String
    public let details: [Detail]
    /// The policy rule that spoke, for `policy.denied`.
    public let rule: String?
    /// A finer word for scripts within a code, such as `truncated` within `integrity.mismatch`.
    public let reason: String?
    /// The remedy in a few words, for clients that show one line of ours and no more.
    public let hint: String?

    public init(
        _ code: Code,
        subject: String,
        summary: String,
        remedy: String,
        details: KeyValuePairs<String, String> = [:],
        rule: String? = nil,
        reason: String? = nil,
        hint: String? = nil
    ) {
        self.code = code
        self.subject = Problem.printable(subject)
        self.summary = Problem.printable(summary)
        self.remedy = Problem.printable(remedy)
        self.details = details.map { Detail(label: $0.key, text: Problem.printable($0.value)) }
        self.rule = rule
        self.reason = reason
        self.hint = hint.map(Problem.printable)
    }

    /// Control characters would let a package name write a terminal escape or a workflow command.
    private static func printable(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return text }
        var clean = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            clean.append(scalar.properties.generalCategory == .control && scalar != "\n" ? "\u{FFFD}" : scalar)
        }
        return String(clean)
    }
}

extension Problem: CustomStringConvertible {
    /// The text form on stderr: `error[code]: subject summary`, aligned details, then `help`.
    public var description: String {
        var lines = ["error[\(code.rawValue)]: \(subject) \(summary)"]
        let rows = details + [Detail(label: "help", text: remedy)]
        let width = rows.map(\.label.count).max() ?? 0
        for row in rows {
            let label = row.label + String(repeating: " ", count: width - row.label.count)
            lines.append(
                "  \(label)  \(row.text.split(separator: "\n").joined(separator: "\n  " + String(repeating: " ", count: width + 2)))"
            )
        }
        return lines.joined(separator: "\n")
    }

    /// The HTTP reason phrase: the one channel that most clients show. ASCII: what happened in at most 120 bytes, and
    /// behind it the remedy in a few words.
    public var reasonPhrase: String {
        guard let hint else { return what }
        let remedy = String(Problem.ascii("; \(hint)"))
        return remedy.utf8.count <= 80 ? what + remedy : what
    }

    private var what: String {
        let head = [code.rawValue, rule].compactMap(\.self).joined(separator: " ")
        // A long subject must not push out what happened to it. The end of a URL tells more than its start; a purl does
        // without its qualifiers.
        let room = max(40, 120 - head.utf8.count - 3 - Problem.ascii(summary).count)
        var whole = Problem.ascii(subject)
        if whole.count > room, subject.hasPrefix("pkg:") { whole = Array(whole.prefix { $0 != "?" }) }
        let part = whole.count > room ? "..." + String(whole.suffix(room - 3)) : String(whole)
        return String(Problem.ascii("\(head): \(part) \(summary)").prefix(120))
    }

    private static func ascii(_ text: String) -> [Character] {
        text.unicodeScalars.map { (0x20...0x7E).contains($0.value) ? Character($0) : "?" }
    }
}
