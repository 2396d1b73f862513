import Core
import Policy
import Testing

@Suite struct NamespaceTests {
    private let policy = """
        mode: enforce
        rules: { namespace.internal: ["pkg:npm/@acme/*", "pkg:pypi/acme-*"] }
        """

    @Test(arguments: ["pkg:npm/%40acme/tool", "pkg:pypi/Acme_Core", "pkg:pypi/acme.core@99.0"])
    func anInternalNameIsNotForAPublicRegistry(_ purl: String) throws {
        let verdict = try loaded(policy).judgeName(facts(purl) { $0.isPublicOrigin = true })
        #expect(verdict.isDenied)
        #expect(verdict.findings.first?.rule == "namespace.internal")
    }

    @Test func itIsForARegistryOfOurOwn() throws {
        #expect(try loaded(policy).judgeName(facts("pkg:npm/%40acme/tool")).findings.isEmpty)
    }

    @Test(arguments: ["pkg:npm/acme", "pkg:npm/%40acme2/tool", "pkg:pypi/acmecore", "pkg:cargo/acme-core"])
    func otherNamesAreNotTouched(_ purl: String) throws {
        #expect(try loaded(policy).judgeName(facts(purl) { $0.isPublicOrigin = true }).findings.isEmpty)
    }

    @Test func namesAloneAreJudgedBeforeAnythingIsKnown() throws {
        let young = try facts("pkg:npm/left-pad", age: 60) { $0.isPublicOrigin = true }
        #expect(try loaded(policy).judgeName(young).findings.isEmpty)
        #expect(try loaded(policy).judge(young).isDenied)
        #expect(try !loaded("mode: enforce").guardsNames)
    }
}
