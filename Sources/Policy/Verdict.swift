public import Core

/// One rule's view of a release or artifact.
public struct Finding: Hashable, Sendable {
    /// The rule's key in `rules:`.
    public let rule: String
    /// `allow` for a finding that an exemption or the allow list has lifted.
    public let action: Action
    /// Reads on from the subject: `is 5 h old; policy asks for 3 d`.
    public let message: String
    /// The fact it rests on, for example `published 2026-11-21T09:00:00Z (upload-time)`.
    public let evidence: String
    /// From when on the rule has nothing to say any more; nil where time does not help.
    public let allowedFrom: Timestamp?
    /// A line for `exempt:` in the policy file, ready but for the reason.
    public let exemption: String
    /// True where data was missing and `on_missing_data` spoke.
    public let isMissingData: Bool
    /// True where a denial leaves the release in the index, so that a resolver that picks it is told why.
    public let staysListed: Bool
    /// True where the rule could not decide at all, so that what it judged is refused.
    public var isUndecided = false
    /// True for what is refused in audit mode, too.
    public var holdsInAudit = false

    public init(
        rule: String,
        action: Action,
        message: String,
        evidence: String,
        allowedFrom: Timestamp? = nil,
        exemption: String = "",
        isMissingData: Bool = false,
        staysListed: Bool = false
    ) {
        self.rule = rule
        self.action = action
        self.message = message
        self.evidence = evidence
        self.allowedFrom = allowedFrom
        self.exemption = exemption
        self.isMissingData = isMissingData
        self.staysListed = staysListed
    }
}

/// What policy says about a release or artifact.
public struct Verdict: Hashable, Sendable {
    /// Worst first; empty when no rule had anything to say.
    public let findings: [Finding]
    public let mode: Policy.Mode
    /// The exemptions that lifted a finding.
    public let exemptions: [Exemption]

    public static func of(_ findings: [Finding], _ mode: Policy.Mode) -> Verdict {
        Verdict(findings: findings, mode: mode, exemptions: [])
    }

    /// Without what was only found because a fact is not known.
    public var withoutMissingData: Verdict {
        Verdict(findings: findings.filter { !$0.isMissingData }, mode: mode, exemptions: exemptions)
    }

    public var outcome: Action { findings.first?.action ?? .allow }
    /// True where the client must not get it.
    public var isDenied: Bool {
        outcome == .block && (mode == .enforce || findings.contains { $0.action == .block && $0.holdsInAudit })
    }
    /// True where indexes must not show it.
    public var isHidden: Bool {
        isDenied && findings.contains { $0.action == .block && !$0.staysListed }
    }
    /// True where it would be denied if the mode were `enforce`.
    public var wouldBlock: Bool { outcome == .block && !isDenied }
    public var exempt: Exemption? { exemptions.first }

    /// The denial as people see it. `newestAllowed` names the release that policy would let through, where one is known.
    public func problem(subject: String, newestAllowed: String? = nil) -> Problem {
        guard let worst = findings.first else {
            return Problem(
                .bug,
                subject: subject,
                summary: "was refused although no rule spoke",
                remedy: "report this"
            )
        }
        var ways: [String] = []
        if let newestAllowed { ways.append("take \(newestAllowed), which policy allows") }
        if let time = worst.allowedFrom { ways.append("wait until \(time)") }
        if worst.isMissingData { ways.append("provide the missing data") }
        ways.append("add this line to `exempt:` in the policy file:\n\(worst.exemption)")
        let others = findings.dropFirst().filter { $0.action > .allow }
            .map { "\($0.action.word) \($0.rule): \($0.message)" }
        let remedy = ways.joined(separator: "; or ")
        let also = others.isEmpty ? "no other rule objects" : others.joined(separator: "\n")
        let details: KeyValuePairs<String, String> =
            if let newestAllowed {
                ["evidence": worst.evidence, Verdict.newestAllowedLabel: newestAllowed, "also": also]
            } else {
                ["evidence": worst.evidence, "also": also]
            }
        return Problem(
            worst.isMissingData || worst.isUndecided ? .policyUndecidable : .policyDenied,
            subject: subject,
            summary: worst.message,
            remedy: remedy,
            details: details,
            rule: worst.rule,
            hint: hint(for: worst, newestAllowed)
        )
    }

    private func hint(for worst: Finding, _ newestAllowed: String?) -> String {
        if let time = worst.allowedFrom { return "wait until \(time) or exempt it in the policy file" }
        if let newestAllowed { return "take \(newestAllowed) or exempt it in the policy file" }
        return worst.isMissingData
            ? "provide the data or exempt it in the policy file" : "take another or exempt it in the policy file"
    }
}
