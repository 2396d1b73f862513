public import Core
internal import Policy

extension Refusal {
    /// The same facts that the client is shown, for everybody else who tells of it.
    public var explanation: Explanation {
        let first = verdict?.findings.first
        // A refusal by another rule than the policy's (`locked`) is lifted by no exemption and by no time.
        let worst = problem.rule.map { $0 == first?.rule } ?? true ? first : nil
        func detail(_ label: String) -> String? { problem.details.first { $0.label == label }?.text }
        return Explanation(
            subject: subject,
            rule: problem.rule ?? worst?.rule ?? problem.code.rawValue,
            message: problem.summary,
            evidence: worst?.evidence ?? detail("evidence") ?? "",
            allowedFrom: worst?.allowedFrom,
            newestAllowed: detail(Verdict.newestAllowedLabel),
            exemption: worst?.exemption ?? ""
        )
    }
}
