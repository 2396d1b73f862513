/// What is to happen to a release or artifact. A lattice: the strictest opinion wins.
public enum Action: Int, Comparable, Sendable, CaseIterable {
    case allow, report, warn, block

    /// The word that policy files and reports use.
    public var word: String {
        switch self {
        case .allow: "allow"
        case .report: "report"
        case .warn: "warn"
        case .block: "block"
        }
    }

    public init?(word: some StringProtocol) {
        guard let action = Action.allCases.first(where: { $0.word == word }) else { return nil }
        self = action
    }

    public static func < (a: Action, b: Action) -> Bool { a.rawValue < b.rawValue }
}
