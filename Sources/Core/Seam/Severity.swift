/// How bad a flaw is, in the words that advisories share.
public enum Severity: String, Sendable, CaseIterable, Comparable {
    case low, medium, high, critical

    public static func < (a: Severity, b: Severity) -> Bool {
        (allCases.firstIndex(of: a) ?? 0) < (allCases.firstIndex(of: b) ?? 0)
    }

    /// The words that databases use, in any case: `MODERATE` is GitHub's for medium, `important` Red Hat's for high.
    public init?(word: String) {
        switch word.lowercased() {
        case "low", "negligible", "unimportant", "none": self = .low
        case "medium", "moderate": self = .medium
        case "high", "important": self = .high
        case "critical": self = .critical
        default: return nil
        }
    }

    /// The rating scale of CVSS; `tenths` is the score times ten.
    public init(tenths: Int) {
        switch tenths {
        case ..<40: self = .low
        case ..<70: self = .medium
        case ..<90: self = .high
        default: self = .critical
        }
    }
}
