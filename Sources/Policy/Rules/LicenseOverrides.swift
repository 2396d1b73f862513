/// `license.overrides`: what packages are under, whatever their index says. Not a judge of its own.
enum LicenseOverrides {
    static let definition = RuleDefinition(
        .licenseOverrides,
        "what packages are licensed under, whatever their index says",
        action: nil,
        [
            RuleParameter(
                "purls",
                .textByPattern,
                stricter: .unordered,
                "purl patterns, each with its SPDX expression"
            ).required
        ]
    )
}
