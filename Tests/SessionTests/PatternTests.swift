import Core
import Ecosystems
import Policy
import Testing

/// Patterns of policies by the version orders of the real codecs, which take far less for a version than a test's own.
@Suite("Patterns and the versions of real ecosystems")
struct PatternTests {
    private func outcome(_ pattern: String, _ purl: String) throws -> Action {
        let text = "version: 1\nrules: { min_age: { action: allow }, block: [\"\(pattern)\"] }"
        let policy = try PolicyFile.parse(text, name: "purser.yml").policy(overridingMode: nil)
        let purl = try Purl(parsing: purl)
        let codec = try #require(Catalog.all.first { $0.type == purl.type })
        let facts = Facts(
            release: Release(purl: purl),
            origin: Origin(.https, "registry.example"),
            type: purl.type,
            now: Timestamp(seconds: 1_795_000_000),
            compare: { codec.compare($0, $1) }
        )
        return policy.judge(facts).outcome
    }

    @Test(arguments: [
        // Numbers that are left out are zeros, also where all versions have three.
        ("pkg:npm/a@1.0", "pkg:npm/a@1.0.0", true), ("pkg:npm/a@1", "pkg:npm/a@1.0.0", true),
        ("pkg:npm/a@1.0", "pkg:npm/a@1.0.1", false), ("pkg:npm/a@v1.0.0", "pkg:npm/a@1.0.0", true),
        ("pkg:cargo/a@1.0", "pkg:cargo/a@1.0.0", true), ("pkg:cargo/a@1.0.0", "pkg:cargo/a@1.0.0%2Bbuild", true),
        ("pkg:nuget/A@13", "pkg:nuget/a@13.0.0", true), ("pkg:gem/a@1.0", "pkg:gem/a@1.0.0?platform=java", true),
        // Advisories and people write Go's versions without their letter.
        ("pkg:golang/x.test/a@1.3.0", "pkg:golang/x.test/a@v1.3.0", true),
        ("pkg:golang/x.test/a@>=1.3.0", "pkg:golang/x.test/a@v1.3.1", true),
        ("pkg:golang/x.test/a@<1.3", "pkg:golang/x.test/a@v1.3.1", false),
        ("pkg:golang/x.test/a@<v1.4", "pkg:golang/x.test/a@v1.3.1", true),
        ("pkg:golang/x.test/a@<2", "pkg:golang/x.test/a@v1.99.0", true),
        ("pkg:golang/x.test/a@vers:golang/>=1.3.0|<2.0.0", "pkg:golang/x.test/a@v1.3.1", true),
        ("pkg:golang/x.test/a@<20.10.0", "pkg:golang/x.test/a@v17.12.0%2Bincompatible", true),
        // A local label changes nothing unless it is named; an epoch changes all.
        ("pkg:pypi/a@1.0", "pkg:pypi/a@1.0%2Bcpu", true), ("pkg:pypi/a@<=1.0", "pkg:pypi/a@1.0.0%2Bcpu", true),
        ("pkg:pypi/a@1.0+cpu", "pkg:pypi/a@1.0%2Bcpu", true), ("pkg:pypi/a@1.0+cpu", "pkg:pypi/a@1.0", false),
        ("pkg:pypi/a@1.0", "pkg:pypi/a@1!1.0", false), ("pkg:pypi/a@1.0rc1", "pkg:pypi/a@1.0.0RC1", true),
        ("pkg:pypi/a@1.4.*", "pkg:pypi/a@1.4", true), ("pkg:pypi/a@1.4.*", "pkg:pypi/a@1.40", false),
        ("pkg:composer/a/b@6.1.9", "pkg:composer/a/b@v6.1.9", true),
        ("pkg:maven/a/b@1.0", "pkg:maven/a/b@1.0.0", true), ("pkg:maven/a/b@3.x", "pkg:maven/a/b@3.x", true),
        ("pkg:deb/debian/git@<1:2.40", "pkg:deb/debian/git@1:2.39.2-1?arch=amd64", true),
        ("pkg:deb/*/git", "pkg:deb/debian/git@1:2.39.2-1?arch=amd64", true),
    ])
    func mean(_ pattern: String, _ purl: String, _ isMeant: Bool) throws {
        #expect(try (outcome(pattern, purl) == .block) == isMeant)
    }

    @Test(arguments: [
        ("pkg:npm/a@^1.2", "range of a client's"), ("pkg:npm/a@~1.2", "range of a client's"),
        ("pkg:npm/a@1.x", "write 1.*"), ("pkg:cargo/a@1.2.X", "write 1.2.*"),
        ("pkg:deb/curl", "pkg:deb/*/curl"), ("pkg:maven/guava@1", "pkg:maven/*/guava"),
    ])
    func thatCouldMatchNothingAreErrors(_ pattern: String, _ words: String) {
        #expect {
            _ = try outcome(pattern, "pkg:npm/a@1.2.3")
        } throws: { error in
            (error as? Problem)?.summary.contains(words) == true
        }
    }
}
