import Core
import Policy
import Testing

@Suite struct LicenseTests {
    @Test(arguments: [
        ("MIT", true), ("mit", true), ("MIT License", true), ("(MIT)", true), ("MIT OR GPL-3.0-only", true),
        ("GPL-3.0-only OR MIT", true), ("MIT AND ISC", true), ("MIT AND GPL-3.0-only", false),
        ("MIT AND (ISC OR GPL-3.0-only)", true), ("(MIT AND GPL-3.0-only) OR ISC", true), ("MIT/Apache-2.0", true),
        ("Apache-2.0", false), ("Apache-2.0 WITH LLVM-exception", true), ("GPL-2.0", false), ("GPL-2.0+", true),
        ("GPL-2.0-or-later", true), ("LicenseRef-Own", true), ("ISC+", true), ("GPL-3.0-only and MIT", false),
    ])
    func allowsByExpression(_ license: String, _ isAllowed: Bool) throws {
        let list = "MIT, ISC, Apache-2.0 WITH LLVM-exception, GPL-2.0-or-later, LicenseRef-Own"
        let policy = try loaded("rules: { license.allow: { action: block, licenses: [\(list)] } }")
        let verdict = try policy.judge(facts("pkg:npm/a@1") { $0.release.license = license })
        #expect(verdict.findings.contains { $0.rule == "license.allow" } == !isAllowed, "\(verdict.findings)")
    }

    @Test(arguments: [
        ("AGPL-3.0-only", true), ("AGPL-3.0", true), ("AGPL-3.0-only OR MIT", false), ("AGPL-3.0-only AND MIT", true),
        ("MIT", false), ("GPL-2.0-only WITH Classpath-exception-2.0", true), ("GPL-3.0-only", false),
    ])
    func deniesByExpression(_ license: String, _ isDenied: Bool) throws {
        let policy = try loaded("rules: { license.deny: { action: block, licenses: [AGPL-3.0-only, GPL-2.0-only] } }")
        let verdict = try policy.judge(facts("pkg:npm/a@1") { $0.release.license = license })
        #expect(verdict.findings.contains { $0.rule == "license.deny" } == isDenied)
    }

    @Test(arguments: ["", "MIT AND", "(MIT", "MIT)", "MIT ISC", "UNLICENSED", "MIT WITH MIT", "OR", "see file", "()"])
    func callsWhatIsNoLicenceMissing(_ license: String) throws {
        let verdict = try Policy.builtIn.judge(facts("pkg:npm/a@1") { $0.release.license = license })
        #expect(verdict.findings.map(\.rule) == ["license.missing"])
    }

    @Test func survivesNonsense() throws {
        for text in [
            String(repeating: "(", count: 900), String(repeating: "MIT AND ", count: 120),
            String(repeating: "x", count: 5_000), "MIT\u{0}", "\u{202E}MIT",
        ] {
            let verdict = try Policy.builtIn.judge(facts("pkg:npm/a@1") { $0.release.license = text })
            #expect(verdict.findings.map(\.rule) == ["license.missing"])
        }
    }
}
