internal import Core

/// `version_jump`: a number far above all before it, as whoever wants to win over an internal package picks it.
struct VersionJumpRule: Rule {
    static let definition = RuleDefinition(
        .versionJump,
        "the first number of the version is far above that of every earlier release",
        action: .always(.warn),
        onMissingData: .always(.allow),
        [
            RuleParameter("majors", .number(1...1_000_000), .number(20), stricter: .smaller, "how far is far"),
            RuleParameter("within", .days, .number(90), stricter: .greater, "for how long a release counts as fresh"),
        ]
    )
    static let needs: RuleNeeds = .history

    private let action: Action
    private let majors: Int
    private let within: Int
    private let onMissingData: Action

    init?(_ setup: RuleSetup) {
        action = setup.action
        onMissingData = setup.onMissingData ?? .allow
        majors = setup.parameters.number("majors")
        within = setup.parameters.number("within")
    }

    func opinion(on facts: Facts, subject: Subject) throws(Undecidable) -> Opinion? {
        // Calendar versions start high and mean it.
        guard let version = subject.purl.version, let major = VersionJumpRule.major(of: version), major >= majors,
            !(1_990...2_199).contains(major), !(19_900_101...21_991_231).contains(major)
        else { return nil }
        guard let history = facts.history, let published = facts.release.published?.time else {
            return Opinion.missing(
                .versionJump,
                onMissingData,
                "has a high version, and nobody knows those before it",
                "no index told when the package's releases were published"
            )
        }
        guard try facts.age(of: published) <= Int64(within) * 86_400 else { return nil }
        let highest = history.highestMajor(before: published)
        // A number beyond measure is above every other.
        guard major == .max || major - (highest?.major ?? 0) > majors else { return nil }
        return Opinion(
            rule: .versionJump,
            action: action,
            message: highest.map { "jumps from \($0.version) by more than \(majors)" }
                ?? "is the first release, with a version above \(majors)",
            evidence: highest.map { "the highest release before it is \($0.version)" } ?? "no release came before it"
        )
    }

    /// The first number of a version, past an epoch or a leading `v`; nil where it starts with none.
    static func major(of version: String) -> Int? {
        var text = version[...]
        if let mark = text.firstIndex(where: { $0 == "!" || $0 == ":" }) { text = text[text.index(after: mark)...] }
        if text.first == "v" || text.first == "V" { text = text.dropFirst() }
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        return digits.isEmpty ? nil : Int(digits) ?? .max
    }
}
