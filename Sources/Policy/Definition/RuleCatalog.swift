/// Every rule, in the order in which findings of one weight are told.
public enum RuleCatalog {
    /// What may stand under `rules:`, for the schema and the documentation.
    public static let definitions: [RuleDefinition] = judges.map { $0.definition } + [AllowRule.definition]

    static let judges: [any Rule.Type] = [
        MalwareRule.self, NamespaceRule.self, BlockRule.self,
        VulnerabilityRule.self, AdvisoryIDsRule.self, YankedRule.self,
        MinAgeRule.self, AsOfRule.self, MaxAgeRule.self, LongGapRule.self, VersionJumpRule.self,
        UnclaimedRule.self,
    ]

    static func definition(of key: RuleKey) -> RuleDefinition? { table[key] }

    private static let table = Dictionary(uniqueKeysWithValues: definitions.map { ($0.key, $0) })
}
