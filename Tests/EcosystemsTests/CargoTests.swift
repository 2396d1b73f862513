import Core
import JSONText
import Testing

@testable import Ecosystems

@Suite struct CargoTests {
    static let cargo = Cargo()

    static func crate(_ name: String, _ version: String? = nil) -> Purl {
        Purl(type: "cargo", name: name, version: version)
    }

    private func intent(_ url: String, method: String = "GET") throws -> Intent? {
        try Self.cargo.intent(of: Request(method: method, url: try HTTPURL(url)))
    }

    @Test(arguments: [
        ("GET", "https://index.crates.io/config.json", Intent.index(.repository("config.json"))),
        ("GET", "https://index.crates.io/1/a", .index(.package(crate("a")))),
        ("GET", "https://index.crates.io/2/ab", .index(.package(crate("ab")))),
        ("GET", "https://index.crates.io/3/a/abc", .index(.package(crate("abc")))),
        ("GET", "https://index.crates.io/in/fl/inflector", .index(.package(crate("inflector")))),
        ("GET", "https://index.crates.io/do/wn/download", .index(.package(crate("download")))),
        ("GET", "https://crates.example/git/index/se/rd/serde_json", .index(.package(crate("serde_json")))),
        ("GET", "https://crates.io/api/v1/crates?q=serde&per_page=10", .search),
        ("GET", "https://crates.io/api/v1/crates/serde/owners", .passThrough),
        ("GET", "https://crates.io/crates/serde", .passThrough),
        ("PUT", "https://crates.io/api/v1/crates/new", .publish(nil)),
        ("DELETE", "https://crates.io/api/v1/crates/serde/1.0.0/yank", .yank(crate("serde", "1.0.0"))),
        ("PUT", "https://crates.io/api/v1/crates/serde/1.0.0/unyank", .yank(crate("serde", "1.0.0"))),
        ("PUT", "https://crates.io/api/v1/crates/serde/owners", .tag(crate("serde"))),
        ("PUT", "https://crates.io/api/v1/trusted_publishing/tokens", .credential),
    ])
    func readsWhatAClientWants(method: String, url: String, intent: Intent) throws {
        #expect(try self.intent(url, method: method) == intent)
    }

    @Test(arguments: [
        ("https://static.crates.io/crates/foo-1/1.0.0-rc.1+x.2/download", "foo-1", "1.0.0-rc.1+x.2"),
        ("https://static.crates.io/crates/foo-1/1.0.0%2Bx/download", "foo-1", "1.0.0+x"),
        ("https://crates.io/api/v1/crates/Inflector/0.11.4/download", "Inflector", "0.11.4"),
        ("https://static.crates.io/crates/foo-1/foo-1-1.0.0.crate", "foo-1", "1.0.0"),
        ("https://dl.example/any/where/a_b-0.1.0-alpha-2.crate", "a_b", "0.1.0-alpha-2"),
    ])
    func namesTheReleaseOfEveryAddress(url: String, name: String, version: String) throws {
        let artifact = ArtifactName(release: Self.crate(name, version), file: "\(name)-\(version).crate")
        #expect(try intent(url) == .artifact(artifact))
        let url = try HTTPURL(url)
        #expect(Self.cargo.candidates(forFile: url.file, at: url) == [Self.crate(name, version)])
    }

    @Test(arguments: [
        "/se/rd/serde%2fx", "/se/rd/serde%252fx", "/se/xx/serde", "/3/b/abc", "/serde", "/", "/s%C3%AB/rd/s%C3%ABrde",
        "/-a/bc/-abcd", "/aa/aa/" + String(repeating: "a", count: 10_000 / 2),
    ])
    func refusesWhatIsNoPlaceInTheIndex(path: String) {
        #expect(throws: Malformed.self) { try intent("https://index.crates.io" + path) }
    }

    @Test func leavesAloneWhatIsNotItsProtocol() throws {
        #expect(try intent("https://static.crates.io/db-dump.tar.gz") == nil)
        #expect(try intent("https://static.crates.io/crates/serde/latest/download") == nil)
        #expect(try intent("https://crates.io/session", method: "POST") == nil)
        #expect(throws: Malformed.self) {
            try intent("https://crates.io/api/v1/crates/a%2fb/1.0.0/yank", method: "DELETE")
        }
    }

    @Test func asksTheIndexOfACrateByItsLowerName() throws {
        let origin = try #require(Self.cargo.defaultOrigin)
        let request = try #require(Self.cargo.indexRequest(for: Self.crate("Inflector", "1.0.0"), at: origin))
        #expect(request.url.description == "https://index.crates.io/in/fl/inflector")
        #expect(Self.cargo.indexRequest(for: Self.crate("a/b"), at: origin) == nil)
    }

    @Test func saysWhoACrateIs() throws {
        let inspection = try #require(Self.cargo.inspection(ofFile: "hex-0.4.3.crate"))
        #expect(inspection.wants("hex-0.4.3/Cargo.toml") && inspection.wants("./x/Cargo.toml"))
        #expect(!inspection.wants("hex-0.4.3/Cargo.toml.orig") && !inspection.wants("hex-0.4.3/fuzz/Cargo.toml"))
        let bytes = try Fixture.bytes("cargo/hex-0.4.3-Cargo.toml")
        let purl = try Self.cargo.identity(ofFile: "hex-0.4.3.crate", entries: ["hex-0.4.3/Cargo.toml": bytes])
        #expect(purl == Self.crate("hex", "0.4.3"))
        #expect(Self.cargo.agrees(purl, with: purl) && !Self.cargo.agrees(purl, with: Self.crate("Hex", "0.4.3")))
        #expect(!Self.cargo.agrees(Self.crate("a", "1.0.0+1"), with: Self.crate("a", "1.0.0+2")))
    }

    @Test(arguments: ["package", "project"])
    func readsTheManifestsOfOldCrates(table: String) throws {
        let text = "\u{FEFF}[\(table)]\nname = 'a'\ndescription = \"\"\"say \"a\"\"\"\"\nversion = \"0.1.0\" # first\n"
        let purl = try Self.cargo.identity(ofFile: "a-0.1.0.crate", entries: ["a-0.1.0/Cargo.toml": Array(text.utf8)])
        #expect(purl == Self.crate("a", "0.1.0"))
    }

    @Test(arguments: [
        "[package]\nname = \"a\"\nversion = \"0.1\"\n", "[package]\nname = \"../a\"\nversion = \"0.1.0\"\n",
        "[package]\nname = \"b\"\nversion = \"0.1.0\"\n", "[package]\nversion = \"0.1.0\"\n", "[package", "",
        "[package]\nname = \"a\"\nname = \"a\"\nversion = \"0.1.0\"\n",
    ])
    func refusesAManifestThatDoesNotSayWhoItIs(text: String) {
        let bytes = Array(text.utf8)
        #expect(throws: Malformed.self) {
            try Self.cargo.identity(ofFile: "a-0.1.0.crate", entries: ["a-0.1.0/Cargo.toml": bytes])
        }
    }

    @Test func refusesACrateOfTwoManifests() {
        let bytes = Array("[package]\nname = \"a\"\nversion = \"0.1.0\"\n".utf8)
        #expect(throws: Malformed.self) {
            try Self.cargo.identity(
                ofFile: "a-0.1.0.crate",
                entries: ["a-0.1.0/Cargo.toml": bytes, "b-0.1.0/Cargo.toml": bytes]
            )
        }
    }
}

@Suite struct SemanticVersionTests {
    private func isStrict(_ text: String) -> Bool { SemanticVersion(text) != nil }

    @Test func ordersVersionsAsNodeSemverDoesWhereBothTakeThem() throws {
        var count = 0
        for row in try NpmVersionTests.cases("comparisons") {
            let (a, b) = (row[0].string ?? "", row[1].string ?? "")
            guard isStrict(a), isStrict(b) else { continue }
            count += 1
            #expect(CargoTests.cargo.compare(a, b) == 1, "\(a) > \(b)")
            #expect(CargoTests.cargo.compare(b, a) == -1, "\(b) < \(a)")
        }
        #expect(count > 15)
    }

    @Test(arguments: [
        ("1.0.0+1", "1.0.0+2", 0), ("99999999999999999999.0.0", "99999999999999999998.9.9", 1),
        ("1.0.0-alpha.beta", "1.0.0-alpha.1", 1), ("1.0.0-1", "1.0.0-a", -1), ("1.0.0-a", "1.0.0-a.0", -1),
    ])
    func ordersWhatTheSpecificationOrders(a: String, b: String, order: Int) {
        #expect(CargoTests.cargo.compare(a, b) == order)
    }

    @Test(arguments: ["1", "1.0", "v1.0.0", "01.0.0", "1.0.0-01", "1.0.0-", "1.0.0+", "1.0.0-a..b", "", "1.0.0 ", "*"])
    func refusesWhatIsNoVersion(text: String) {
        #expect(!isStrict(text))
        #expect(!CargoTests.cargo.isPrerelease(text))
    }

    /// Tables are freed one within the other, and a stack ends.
    @Test(arguments: ["", "["]) func aKeyOfVeryManyPartsIsRefused(_ bracket: String) {
        let key = String(repeating: "a.", count: 200_000) + "a"
        let lock = Array("\(bracket)\(key)\(bracket.isEmpty ? " = 1" : "]")\n".utf8)
        #expect(throws: Malformed.self) { try Cargo().pins(in: lock, named: "Cargo.lock") }
    }
}
