internal import Core

/// `size`: a file larger than any should be, or many times larger than that of the release before.
struct SizeRule: Rule {
    static let definition = RuleDefinition(
        .size,
        "a file larger than any should be, or many times that of the release before",
        action: .always(.warn),
        onMissingData: .always(.allow),
        [
            RuleParameter(
                "megabytes",
                .number(0...1_000_000),
                .number(0),
                stricter: .smaller,
                "the most; 0 asks for none"
            ),
            RuleParameter(
                "growth",
                .number(0...1_000),
                .number(10),
                stricter: .smaller,
                "how many times; 0 asks for none"
            ),
        ]
    )
    static let needs: RuleNeeds = .history

    private let action: Action
    private let onMissingData: Action
    private let most: Int64
    private let growth: Int64
    /// Of small files ten times is nothing.
    private static let notable: Int64 = 256 << 10

    init?(_ setup: RuleSetup) {
        action = setup.action
        onMissingData = setup.onMissingData ?? .allow
        most = Int64(setup.parameters.number("megabytes")) * 1_000_000
        growth = Int64(setup.parameters.number("growth"))
        if most == 0, growth == 0 { return nil }
    }

    func opinion(on facts: Facts, subject: Subject) -> Opinion? {
        guard let artifact = facts.artifact else { return nil }
        guard let size = facts.bytes?.size ?? artifact.size else {
            return Opinion.missing(.size, onMissingData, "has no size known in advance", "the index names none")
        }
        if most > 0, size > most {
            return opinion("is \(SizeRule.spoken(size)) large; policy takes \(SizeRule.spoken(most))", "\(size) bytes")
        }
        guard growth > 0, size >= SizeRule.notable, let published = facts.release.published?.time,
            let before = facts.history?.lastProper(before: published), let old = before.size, old > 0,
            size / old >= growth
        else { return nil }
        return opinion(
            "is \(size / old) times as large as \(before.version) before it",
            "\(size) bytes; \(before.version) had \(old)"
        )
    }

    private func opinion(_ message: String, _ evidence: String) -> Opinion {
        Opinion(rule: .size, action: action, message: message, evidence: evidence)
    }

    private static func spoken(_ bytes: Int64) -> String {
        bytes < 10_000_000 ? "\(bytes / 1_000) kB" : "\(bytes / 1_000_000) MB"
    }
}
