/// Every rule, in the order in which findings of one weight are told.
public enum RuleCatalog {
    /// What may stand under `rules:`, for the schema and the documentation.
    public static let definitions: [RuleDefinition] =
        judges.map { $0.definition } + [AllowRule.definition, LicenseOverrides.definition, LockfileClean.definition]

    static let judges: [any Rule.Type] = [
        AsOfRule.self, MalwareRule.self, SuspectedMalwareRule.self, NamespaceRule.self, BlockRule.self,
        ArchiveSafetyRule.self, KnownBadRule.self, ChangedContentRule.self, VulnerabilityRule.self,
        AdvisoryIDsRule.self, YankedRule.self,
        NoDowngradeRule.self, TrustRequireRule.self, TrustVerifyRule.self, SignatureRequireRule.self,
        PublisherAllowRule.self, PublisherDenyRule.self,
        PublisherChangedRule.self, PlainHTTPRule.self, OriginAllowRule.self, TyposquatRule.self,
        MinAgeRule.self, MaxAgeRule.self, LongGapRule.self, VersionJumpRule.self,
        BinaryOnlyRule.self, SourceOnlyRule.self, InstallScriptsRule.self, SizeRule.self,
        UnclaimedRule.self, DirectURLRule.self, LicenseAllowRule.self, LicenseDenyRule.self, LicenseMissingRule.self,
        UnknownRule.self, StarjackingRule.self, MinDownloadsRule.self, MinVersionsRule.self, YankRatioRule.self,
        ScorecardRule.self, MaxDependenciesRule.self, RepositoryRule.self, HomepageRule.self, ReadmeRule.self,
        AuthorEmailRule.self,
    ]

    static func definition(of key: RuleKey) -> RuleDefinition? { table[key] }

    private static let table = Dictionary(uniqueKeysWithValues: definitions.map { ($0.key, $0) })
}
