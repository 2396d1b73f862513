import Core
import Policy
import Testing

/// The table that the file's reader, the schema and the documentation share.
@Suite struct DefinitionTests {
    @Test func namesEveryRuleOnce() {
        let keys = RuleCatalog.definitions.map(\.key)
        #expect(Set(keys).count == keys.count)
        #expect(Set(keys) == Set(RuleKey.allCases))
    }

    @Test func saysWhatEachSettingMeans() {
        for rule in RuleCatalog.definitions {
            #expect(!rule.meaning.isEmpty && !rule.meaning.hasSuffix("."), "\(rule.key)")
            for parameter in rule.parameters {
                #expect(
                    !parameter.meaning.isEmpty && !parameter.meaning.hasSuffix("."),
                    "\(rule.key) \(parameter.name)"
                )
                #expect(!parameter.type.isEmpty)
                if parameter.isRequired { #expect(parameter.standardText == nil) }
            }
            #expect(Set(rule.keys).count == rule.keys.count)
        }
    }

    @Test func everyRuleCanBeSwitchedOffByItsAction() throws {
        for rule in RuleCatalog.definitions where rule.action != nil && !rule.parameters.contains(where: \.isRequired) {
            #expect(complaint("version: 1\nrules: { \(rule.key.rawValue): { action: allow } }") == nil, "\(rule.key)")
        }
    }

    @Test func defaultsThatAreWrittenOutChangeNothing() throws {
        for rule in RuleCatalog.definitions where !rule.parameters.contains(where: \.isRequired) {
            let settings = rule.parameters.compactMap { parameter in
                parameter.standardText.map { "\(parameter.name): \($0)" }
            }
            let text = "rules: { \(rule.key.rawValue): { \(settings.joined(separator: ", ")) } }"
            #expect(try loaded(text).digest == Policy.builtIn.digest, "\(text)")
        }
    }

    @Test(arguments: [
        ("min_age: { fallback: maybe }", "rules.min_age.fallback"), ("as_of: { time: soon }", "rules.as_of.time"),
        ("license.allow: [MITT]", "rules.license.allow[1]"), ("ioc: { digests: [abc] }", "rules.ioc.digests[1]"),
        ("vulnerability: { severity: grave }", "rules.vulnerability.severity"),
        ("license.deny: [MIT OR ISC]", "rules.license.deny[1]"), ("size: { growth: many }", "rules.size.growth"),
        ("trust.require: { least: provenance }", "rules.trust.require"), ("typosquatt: {}", "rules.typosquatt"),
        ("publisher.allow: { purls: [] }", "rules.publisher.allow"),
        ("license.overrides: { purls: { left-pad: MIT } }", "rules.license.overrides.purls.left-pad"),
    ])
    func namesTheSettingThatCannotBe(_ rule: String, _ place: String) {
        let problem = complaint("version: 1\nrules:\n  \(rule)\n")
        #expect(problem?.code == .usageInvalid)
        #expect(problem?.subject == "purser.yml line 3, \(place)", "\(problem?.description ?? "nothing")")
    }
}
