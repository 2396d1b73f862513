public import Core

extension Verdict {
    /// How a problem's detail with the newest release that policy lets in is called.
    public static let newestAllowedLabel = "newest allowed"

    /// The worst finding, with everything that is told of a denial.
    public func explanation(subject: String, newestAllowed: String? = nil) -> Explanation {
        let worst = findings.first
        return Explanation(
            subject: subject,
            rule: worst?.rule ?? "",
            message: worst?.message ?? "",
            evidence: worst?.evidence ?? "",
            allowedFrom: worst?.allowedFrom,
            newestAllowed: newestAllowed,
            exemption: worst?.exemption ?? ""
        )
    }
}
