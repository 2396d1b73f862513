import Core
import Policy
import Testing

/// Who must have signed, and what happens where nobody can tell.
@Suite struct SignatureTests {
    private static let maker = SignatureMaker(
        identity: "https://github.com/acme/demo/.github/workflows/release.yml@refs/tags/v1",
        issuer: "https://token.actions.githubusercontent.com",
        repository: "https://github.com/acme/demo"
    )

    private static func verdict(_ rules: String, _ check: SignatureCheck?, file: Bool = true) throws -> Verdict {
        let digest = try #require(Digest(.sha256, hex: String(repeating: "1", count: 64)))
        return try loaded("mode: enforce\nrules: { \(rules) }").judge(
            facts("pkg:npm/demo@1.0.0") { facts in
                if file { facts.artifact = Artifact(file: "demo-1.0.0.tgz") }
                facts.claims = [DigestClaim(by: "index", digest: digest)]
                facts.signatures = check.map { SignatureFindings(attestation: $0, registry: $0) }
            }
        )
    }

    @Test(arguments: [
        ("", true), ("signers: { \"pkg:npm/demo\": \"https://github.com/acme/demo\" }", true),
        ("signers: { \"pkg:npm/demo\": \"https://github.com/acme/*\" }", true),
        ("signers: { \"pkg:npm/demo\": \"https://github.com/acme/demo/.github/workflows/*\" }", true),
        ("signers: { \"pkg:npm/demo\": \"https://github.com/acme\" }", false),
        // An entry about other packages says nothing of this one; of several about it one suffices.
        ("signers: { \"pkg:npm/other\": \"https://github.com/other/*\" }", true),
        ("signers: { \"pkg:npm/*\": \"https://github.com/x/*\", \"pkg:npm/demo\": \"*/acme/demo\" }", true),
        ("issuers: [https://token.actions.githubusercontent.com, https://gitlab.com]", true),
        ("issuers: [https://gitlab.com]", false),
    ])
    func theSignerMustBeWhoMay(_ settings: String, _ isGood: Bool) throws {
        let rule = "trust.verify: { purls: [\"pkg:npm/*\"]\(settings.isEmpty ? "" : ", \(settings)") }"
        let verdict = try Self.verdict(rule, .good(Self.maker))
        #expect(verdict.isDenied != isGood, "\(verdict.findings)")
        if !isGood { #expect(verdict.findings.first?.evidence.contains(Self.maker.identity) == true) }
    }

    @Test(arguments: ["trust.verify", "signature.require"])
    func whatIsBadIsDeniedAndWhatIsUnknownIsAsPolicySays(_ rule: String) throws {
        let plain = "\(rule): [\"pkg:npm/*\"]"
        #expect(try Self.verdict(plain, .good(Self.maker)).findings.isEmpty)
        let bad = try Self.verdict(plain, .bad("has a signature that does not fit"))
        #expect(bad.problem(subject: "x").code == .policyDenied)
        let unknown = try Self.verdict(plain, .unknown("has no signature"))
        #expect(unknown.isDenied && unknown.problem(subject: "x").code == .policyUndecidable)
        let mild = "\(rule): { purls: [\"pkg:npm/*\"], on_missing_data: warn }"
        #expect(try Self.verdict(mild, .unknown("has no signature")).outcome == .warn)
        #expect(try Self.verdict(mild, .bad("has a signature that does not fit")).isDenied)
        // An index is judged before anybody looks; other packages are none of its business.
        #expect(try Self.verdict(plain, nil).findings.isEmpty)
        #expect(try Self.verdict("\(rule): [\"pkg:pypi/*\"]", .bad("x")).findings.isEmpty)
    }

    @Test func onlyWhatRulesAskForIsLookedAt() throws {
        let policy = try loaded(
            "rules: { trust.verify: [\"pkg:npm/@acme/*\"], signature.require: [\"pkg:npm/*\"] }"
        )
        func asked(_ purl: String) throws -> SignatureKinds {
            policy.signatures(askedOf: try Purl(parsing: purl), compare: dotted)
        }
        #expect(try asked("pkg:npm/@acme/a@1") == [.attestation, .registry])
        #expect(try asked("pkg:npm/b@1") == [.registry])
        #expect(try asked("pkg:pypi/b@1") == [])
        #expect(try Policy.builtIn.signatures(askedOf: Purl(parsing: "pkg:npm/b@1"), compare: dotted) == [])
    }

    // Names from a list.

    @Test func namesOfAListAreWorthImitating() throws {
        let file = try PolicyFile.parse("version: 1\nrules: { typosquat: { action: block } }", name: "purser.yml")
        let list = "# our own\npkg:npm/acme-widgets   # the library\n\npkg:pypi/acme-tools\n"
        let policy = try file.guarding(namesIn: list, of: "names.txt").policy
        #expect(try file.policy.judge(facts("pkg:npm/acme-widget@1.0.0")).outcome < .block)
        #expect(try policy.judge(facts("pkg:npm/acme-widget@1.0.0")).outcome == .block)
        #expect(try policy.judge(facts("pkg:npm/acme-widgets@1.0.0")).outcome < .block)
        #expect(policy.digest != file.policy.digest)
        #expect(try PolicyFile.names(in: list, of: "names.txt") == ["pkg:npm/acme-widgets", "pkg:pypi/acme-tools"])
    }

    @Test(arguments: ["lodash", "pkg:npm/a b", "pkg:npm/*"])
    func aListNamesItsWrongLine(_ line: String) throws {
        let file = try PolicyFile.parse("version: 1", name: "purser.yml")
        do throws(Problem) {
            _ = try file.guarding(namesIn: "pkg:npm/good\n\(line)\n", of: "names.txt")
            Issue.record("was taken")
        } catch {
            #expect(error.subject == "names.txt line 2")
            #expect(error.code == .configUnreadable)
        }
    }
}
