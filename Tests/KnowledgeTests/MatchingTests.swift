import Core
import Knowledge
import Testing

@Suite struct MatchingTests {
    @Test(arguments: [
        ("PyPI", "Foo.Bar_baz", "pkg:pypi/foo-bar-baz@1"), ("npm", "@acme/tool", "pkg:npm/%40acme/tool@1"),
        ("npm", "evil", "pkg:npm/evil@1"), ("crates.io", "evil", "pkg:cargo/evil@1"),
        ("Go", "github.com/Evil/mod", "pkg:golang/github.com/evil/mod@v1"),
        ("Maven", "com.evil:lib", "pkg:maven/com.evil/lib@1"),
        ("Maven:https://maven.google.com", "com.evil:lib", "pkg:maven/com.evil/lib@1"),
        ("RubyGems", "evil", "pkg:gem/evil@1"), ("NuGet", "Evil.Lib", "pkg:nuget/evil.lib@1"),
        ("Packagist", "evil/lib", "pkg:composer/evil/lib@1"), ("Debian:12", "evil", "pkg:deb/debian/evil@1?arch=amd64"),
        ("SwiftURL", "https://github.com/evil/kit.git", "pkg:swift/github.com/evil/kit@1"),
        ("Pub", "evil", "pkg:pub/evil@1"), ("Hex", "evil", "pkg:hex/evil@1"),
    ])
    func findsAPackageByItsEcosystemAndName(_ ecosystem: String, _ name: String, _ purl: String) throws {
        let scratch = try Scratch()
        let path = try scratch.write("a.json", record("MAL-2026-1", ecosystem, name))
        #expect(try AdvisorySnapshot.load(path: path).ids(purl) == ["MAL-2026-1"])
    }

    @Test func takesThePurlOfAnEcosystemItDoesNotKnow() throws {
        let scratch = try Scratch()
        let text = record("MAL-1", "Brandnew", "x\",\"purl\":\"pkg:brandnew/x")
        #expect(try AdvisorySnapshot.load(path: scratch.write("a.json", text)).ids("pkg:brandnew/x@3") == ["MAL-1"])
    }

    @Test(arguments: [
        ("\"versions\":[\"1.0\"]", ["1.0", "1.0.0"], ["1.0.1", "10"]),
        (events("{\"introduced\":\"0\"}"), ["0.0.1", "99", "banana"], []),
        (events("{\"introduced\":\"1.0\"},{\"fixed\":\"1.2\"}"), ["1.0", "1.1.9"], ["0.9", "1.2", "2"]),
        (events("{\"fixed\":\"1.2\"},{\"introduced\":\"1.0\"}"), ["1.0", "1.1.9"], ["0.9", "1.2", "2"]),
        (events("{\"introduced\":\"1.0\"},{\"last_affected\":\"1.2\"}"), ["1.0", "1.2"], ["0.9", "1.2.1"]),
        (
            events("{\"introduced\":\"0\"},{\"fixed\":\"1\"},{\"introduced\":\"2\"},{\"fixed\":\"3\"}"),
            ["0.5", "2.5"],
            ["1", "1.9", "3"]
        ),
        (events("{\"introduced\":\"0\"},{\"limit\":\"2\"}"), ["1.9"], ["2", "2.1"]),
        (events("{\"introduced\":\"1\"},{\"fixed\":\"2\"}"), ["banana"], []),
        ("\"versions\":[\"7\"]," + events("{\"introduced\":\"1\"},{\"fixed\":\"2\"}"), ["1.5", "7"], ["3"]),
        ("\"versions\":[]", ["1", "banana"], []),
        ("\"ranges\":[{\"type\":\"GIT\",\"repo\":\"x\",\"events\":[{\"introduced\":\"0\"}]}]", [], ["1"]),
    ])
    func decidesByVersionsAndRanges(_ affected: String, _ inside: [String], _ outside: [String]) throws {
        let scratch = try Scratch()
        let text = record("MAL-1", affected: affected)
        let snapshot = try AdvisorySnapshot.load(path: scratch.write("a.json", text))
        for version in inside { #expect(try snapshot.ids("pkg:npm/evil@\(version)") == ["MAL-1"], "\(version)") }
        for version in outside { #expect(try snapshot.ids("pkg:npm/evil@\(version)").isEmpty, "\(version)") }
    }

    @Test func putsTheLetterBeforeGoVersions() throws {
        let scratch = try Scratch()
        let listed = record("MAL-1", "Go", "example.org/a", affected: "\"versions\":[\"1.2.3\"]")
        let ranged = record(
            "MAL-2",
            "Go",
            "example.org/b",
            affected: events("{\"introduced\":\"1\"},{\"fixed\":\"2\"}")
        )
        let snapshot = try AdvisorySnapshot.load(path: scratch.write("a.json", "[\(listed),\(ranged)]"))
        #expect(try snapshot.ids("pkg:golang/example.org/a@v1.2.3") == ["MAL-1"])
        #expect(try snapshot.ids("pkg:golang/example.org/b@v1.5.0") == ["MAL-2"])
        #expect(try snapshot.ids("pkg:golang/example.org/b@v2.0.0").isEmpty)
    }

    @Test func namesAPackageWithoutVersionOnlyAsAWhole() throws {
        let scratch = try Scratch()
        let part = record("MAL-1", affected: "\"versions\":[\"1\"]")
        let whole = record("MAL-2")
        let snapshot = try AdvisorySnapshot.load(path: scratch.write("a.json", "[\(part),\(whole)]"))
        #expect(try snapshot.ids("pkg:npm/evil") == ["MAL-2"])
        #expect(try snapshot.ids("pkg:npm/evil@1") == ["MAL-1", "MAL-2"])
    }
}

private func events(_ events: String) -> String { "\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":[\(events)]}]" }
