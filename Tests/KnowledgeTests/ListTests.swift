import Core
import Knowledge
import Testing

/// Lists that people put on disk, as they are published.
@Suite struct ListTests {
    private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test func forecastsAreFoundInAnyOrder() throws {
        let text = """
            #model_version:v2025.03.14,score_date:2026-11-20T00:00:00+0000
            cve,epss,percentile
            CVE-2026-10,0.00042,0.1
            CVE-1999-0001,0.97346,0.99\r
            CVE-2026-9,1,1
            CVE-2026-11,1e-05,0.01

            """
        let forecast = try ExploitForecast(parsing: Self.bytes(text))
        #expect(forecast.count == 4)
        #expect(forecast.date == Timestamp(rfc3339: "2026-11-20"))
        #expect(forecast.chance(of: "CVE-2026-10") == 4)
        #expect(forecast.chance(of: "CVE-1999-0001") == 9_735)
        #expect(forecast.chance(of: "CVE-2026-9") == 10_000)
        #expect(forecast.chance(of: "CVE-2026-11") == 0)
        for other in ["CVE-2026-1", "CVE-2026-010", "GHSA-1", "CVE-2026-", "", "CVE-2026-10-1"] {
            #expect(forecast.chance(of: other) == nil, "\(other)")
        }
    }

    @Test(arguments: [
        "", "cve,epss,percentile\n", "CVE-2026-1,2,0.1\n", "CVE-2026-1,-0.1,0.1\n", "CVE-2026-1,,\n", "CVE-2026-1\n",
        "CVE-26-1,0.1,0.1\n", "CVE-2026-1234567890123,0.1,0.1\n", "<html>\n", "CVE-2026-1,0.1x,1\n",
    ])
    func whatIsNoForecastIsRefused(_ text: String) {
        #expect(throws: Malformed.self) { try ExploitForecast(parsing: Self.bytes(text)) }
    }

    @Test func cardsAreOfTheirRepositoryInAnySpelling() throws {
        let text = """
            {"date":"2026-11-01","repo":{"name":"github.com/Acme/Thing"},"score":5.6,"checks":[{"name":"Fuzzing","score":-1}]}
            {"date":"2026-10-01","repo":{"name":"github.com/acme/thing"},"score":1.2}
            """
        let cards = try Scorecards(parsing: Self.bytes(text))
        #expect(cards.count == 1 && cards.date == Timestamp(rfc3339: "2026-11-01"))
        for spelling in [
            "https://github.com/acme/thing", "git+https://github.com/acme/thing.git", "git@github.com:acme/thing.git",
            "github:acme/thing", "acme/thing", "git://github.com/ACME/thing#main", "ssh://git@github.com/acme/thing",
            "https://www.github.com/acme/thing/tree/main/packages/a", "https://github.com:443/acme/thing",
        ] {
            #expect(cards.card(of: spelling)?.score == 56, "\(spelling)")
        }
        #expect(cards.card(of: "acme/thing")?.checks.isEmpty == true)
        for other in [
            "https://github.com/acme/thing2", "https://gitlab.com/acme/thing", "thing", "", "https://x", "a/b/c",
        ] {
            #expect(cards.card(of: other) == nil, "\(other)")
        }
        for broken in [
            "", "{}", "[]", "{\"repo\":{\"name\":\"github.com/a/b\"}}", "{\"repo\":{\"name\":\"x\"},\"score\":1}", "{",
        ] {
            #expect(throws: Malformed.self) { try Scorecards(parsing: Self.bytes(broken)) }
        }
    }

    @Test func figuresAreOfPackages() throws {
        let text = """
            {"purl":"pkg:npm/@acme/x","downloads":12,"repository":"acme/mono","date":"2026-11-02"}
            {"purl":"pkg:pypi/Foo_Bar","downloads":7}
            """
        let figures = try PackageFigures(parsing: Self.bytes(text))
        #expect(figures.count == 2 && figures.date == Timestamp(rfc3339: "2026-11-02"))
        #expect(figures.figures(of: try Purl(parsing: "pkg:pypi/foo-bar@1.0"))?.downloads == 7)
        #expect(figures.packages(from: "https://github.com/acme/mono").map(\.name) == ["x"])
        #expect(figures.figures(of: try Purl(parsing: "pkg:npm/x")) == nil)
        for broken in [
            "", "[]", "{\"downloads\":1}", "{\"purl\":\"x\"}", "{\"purl\":\"pkg:npm/a@1\"}",
            "{\"purl\":\"pkg:npm/a\",\"downloads\":-1}", "{\"purl\":\"pkg:npm/a\",\"downloads\":\"1\"}",
            "{\"rows\":[{\"project\":\"a\"}]}", "{\"purl\":\"pkg:npm/a\"}\n{",
        ] {
            #expect(throws: Malformed.self, "\(broken)") { try PackageFigures(parsing: Self.bytes(broken)) }
        }
    }

    @Test func theCatalogueOfExploitedFlawsSaysOfWhenItIs() throws {
        let text = "{\"dateReleased\":\"2026-11-01T12:00:00.000Z\",\"vulnerabilities\":[{\"cveID\":\"CVE-2026-1\"}]}"
        let flaws = try ExploitedFlaws(parsing: Self.bytes(text))
        #expect(flaws.ids == ["CVE-2026-1"] && flaws.date == Timestamp(rfc3339: "2026-11-01T12:00:00Z"))
    }
}
