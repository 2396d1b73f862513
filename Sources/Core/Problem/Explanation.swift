/// Why policy said no to something: the same facts wherever it is told, from the client's own error to a webhook.
public struct Explanation: Hashable, Sendable {
    /// A purl or a redacted URL.
    public let subject: String
    public let rule: String
    /// Reads on from the subject.
    public let message: String
    /// The fact it rests on; empty where there is none beside the message.
    public let evidence: String
    /// From when on the rule has nothing to say any more; nil where time does not help.
    public let allowedFrom: Timestamp?
    /// The newest release of the package that policy lets in, where the index was seen.
    public let newestAllowed: String?
    /// A line for `exempt:`, ready but for the reason; empty where nothing can be exempted.
    public let exemption: String

    public init(
        subject: String,
        rule: String,
        message: String,
        evidence: String = "",
        allowedFrom: Timestamp? = nil,
        newestAllowed: String? = nil,
        exemption: String = ""
    ) {
        self.subject = subject
        self.rule = rule
        self.message = message
        self.evidence = evidence
        self.allowedFrom = allowedFrom
        self.newestAllowed = newestAllowed
        self.exemption = exemption
    }

    /// What there is to say beside subject, message and rule, in this order: a label and its text.
    public var rows: [(label: String, text: String)] {
        var rows: [(label: String, text: String)] = []
        if !evidence.isEmpty { rows.append(("evidence", evidence)) }
        if let allowedFrom { rows.append(("allowed from", "\(allowedFrom)")) }
        if let newestAllowed { rows.append(("newest allowed", newestAllowed)) }
        if !exemption.isEmpty { rows.append(("to exempt it", exemption)) }
        return rows
    }
}
