public import Core
internal import JSONText

/// A denial that somebody wants to hear of, as the body of a request: what Slack shows, and the same as data.
public struct Notice: Hashable, Sendable {
    public let explanation: Explanation
    /// True where the mode only reports.
    public let isAudit: Bool
    /// Where it happened, such as the job's address.
    public let place: String
    public let time: Timestamp

    public init(_ explanation: Explanation, isAudit: Bool, place: String, time: Timestamp) {
        self.explanation = explanation
        self.isAudit = isAudit
        self.place = place
        self.time = time
    }

    /// Canonical JSON: `text` for chat programs, `purser` for everything else.
    var body: [UInt8] {
        let purser: JSON = .object(present: [
            "event": .string(isAudit ? "would-deny" : "denied"),
            "time": .string(time.description),
            "place": .string(place),
            "subject": .string(explanation.subject),
            "rule": .string(explanation.rule),
            "message": .string(explanation.message),
            "evidence": .string(explanation.evidence),
            "allowedFrom": explanation.allowedFrom.map { .string($0.description) },
            "newestAllowed": explanation.newestAllowed.map(JSON.string),
            "exemption": .string(explanation.exemption),
        ])
        return JSON.object(["text": .string(text), "purser": purser]).canonicalBytes()
    }

    private var text: String {
        let word = isAudit ? "would deny" : "denied"
        let head = "Purser \(word) *\(Notice.escaped(explanation.subject))* by `\(explanation.rule)`"
        let lines =
            [head, Notice.escaped(explanation.message)]
            + explanation.rows.map { "\($0.label): \(Notice.escaped($0.text))" } + [Notice.escaped(place)]
        return lines.filter { !$0.isEmpty }.joined(separator: "\n")
    }

    /// Package names are other people's words: none may become a link or call a channel.
    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}
