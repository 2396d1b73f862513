extension PolicyField {
    static let actions = Action.allCases.map(\.word)

    /// The keys of a policy file but `agent:`, in the order in which people write them.
    public static let file: [PolicyField] = [
        PolicyField("version", .number(1...1), .free, default: "1", "the format of the file; always 1").required,
        PolicyField(
            "mode",
            .choice(Policy.Mode.allCases.map(\.rawValue)),
            .later,
            default: "audit",
            "audit reports what enforce refuses"
        ),
        PolicyField("data", .fields(data), .free, "what rules look into"),
        PolicyField("rules", .fields(rules), .free, "the rules; one that is not named keeps its default"),
        PolicyField(
            "exempt",
            .list(.fields(exemption)),
            .unordered,
            default: "[]",
            "dated, reasoned exceptions from one rule"
        ),
        PolicyField("session", .fields(session), .free, "what holds for the job as a whole"),
        PolicyField(
            "loosenable",
            .list(.text),
            .free,
            default: "[]",
            "keys that lower layers may loosen, such as mode, rules.min_age.days or exempt.min_age"
        ),
    ]

    static let data: [PolicyField] = PolicyFile.Dataset.allCases.map {
        PolicyField($0.rawValue, .short(for: "path", snapshot), .free, $0.meaning)
    }

    /// Where data lies, and what is asked of it.
    private static let snapshot: [PolicyField] = [
        PolicyField("path", .text, .unordered, "a file or folder, relative to the policy file").required,
        PolicyField(
            "max_staleness",
            .duration,
            .smaller,
            "how old the data may be; beyond it on_missing_data speaks for what is not found"
        ),
    ]

    static let exemption: [PolicyField] = [
        PolicyField("purl", .pattern, .free, "what is exempt, as a purl pattern").required,
        PolicyField(
            "rule",
            .choice(RuleKey.exemptible.map(\.rawValue)),
            .free,
            "the one rule it lifts"
        )
        .required,
        PolicyField("reason", .text, .free, "why, for whoever reads it next").required,
        PolicyField("until", .date, .free, "its last day (UTC), or the time it ends"),
        PolicyField("advisory", .text, .free, "the one advisory that it lifts; for malware and vulnerability"),
    ]

    static let session: [PolicyField] = [
        PolicyField("expect", .list(.purlType), .more, default: "[]", "ecosystems that must have had traffic"),
        PolicyField("gaps", .choice(actions), .later, default: "report", "what the record cannot show amounts to this"),
        PolicyField(
            "restored_unverified",
            .choice(actions),
            .later,
            default: "warn",
            "packages of earlier runs that nobody could check amount to this"
        ),
        PolicyField(
            "isolation",
            .choice(SessionRules.Isolation.allCases.map(\.rawValue)),
            .later,
            default: "none",
            "the least isolation that the job must run in"
        ),
        PolicyField(
            "publish",
            .choice(SessionRules.Publishing.allCases.map(\.rawValue)),
            .later,
            byMode: ("allow", "block"),
            "whether the job may publish to a package registry"
        ),
    ]
}
