import Core
import JSONText
import Testing

@testable import Ecosystems

@Suite struct ComposerTests {
    static let composer = Composer()
    static let route = Purl(type: "composer", namespace: "nikic", name: "fast-route")
    static let scope = IndexScope.package(route)

    static func request(_ url: String = "https://repo.packagist.org/p2/nikic/fast-route.json", _ method: String = "GET")
        throws -> Request
    {
        Request(method: method, url: try HTTPURL(url), userAgent: "Composer/2.5.5")
    }

    static func document(_ name: String) throws -> Document {
        Document(try Fixture.bytes("composer/\(name)"), contentType: "application/json", url: try request().url)
    }

    static func written(_ document: Document, hiding hidden: Set<String>, _ scope: IndexScope = scope) throws -> JSON {
        let view = IndexView(keeps: { release, _ in !hidden.contains(release.purl.version ?? "") })
        let written = try composer.writeIndex(document, for: request(), scope: scope, view: view)
        return try JSON(parsing: written.bytes)
    }

    @Test(arguments: [
        ("GET", "https://repo.packagist.org/packages.json", Intent.index(.repository("packages.json"))),
        ("GET", "https://repo.packagist.org/p2/nikic/fast-route.json", .index(scope)),
        ("GET", "https://repo.packagist.org/p2/nikic/fast-route~dev.json", .index(scope)),
        ("GET", "https://gitlab.example/api/v4/group/1/-/packages/composer/p2/Nikic/fast-route.json", .index(scope)),
        (
            "GET", "https://api.github.com/repos/nikic/FastRoute/zipball/a6434a",
            .artifact(ArtifactName(file: "FastRoute-a6434a.zip"))
        ), ("GET", "https://satis.example/dist/x/x-1.zip", .artifact(ArtifactName(file: "x-1.zip"))),
        ("GET", "https://packagist.org/search.json?q=x", .search),
        ("POST", "https://packagist.org/api/security-advisories/", .passThrough),
        ("POST", "https://packagist.org/downloads/", .passThrough),
        ("POST", "https://packagist.org/api/update-package?username=me", .publish(nil)),
        ("GET", "https://packagist.org/packages/list.json", .sidecar(release: nil, file: "list.json")),
    ])
    func readsWhatAClientWants(method: String, url: String, intent: Intent) throws {
        #expect(try Self.composer.intent(of: Self.request(url, method)) == intent)
    }

    @Test(arguments: [
        "https://api.github.com/repos/nikic/FastRoute", "https://api.github.com/users/x",
        "https://packagist.org/packages/x/y",
    ])
    func leavesAloneWhatIsNotItsProtocol(url: String) throws {
        #expect(try Self.composer.intent(of: Self.request(url)) == nil)
    }

    @Test(arguments: [
        "a%2fb/c", "a/b%00", "-a/b", "a/b.", "a/%C3%A4", "a b/c", "a/\(String(repeating: "n", count: 300))",
    ])
    func refusesWhatIsNoPackageName(name: String) {
        #expect(throws: Malformed.self) {
            try Self.composer.intent(of: Self.request("https://repo.packagist.org/p2/\(name).json"))
        }
    }

    @Test func readsTheFactsOfAMinifiedIndex() throws {
        let index = try Self.composer.readIndex(
            Self.document("fast-route.json"),
            companions: [],
            for: Self.request(),
            scope: Self.scope
        )
        #expect(
            index.releases.map(\.purl.description) == [
                "pkg:composer/nikic/fast-route@1.3.1", "pkg:composer/nikic/fast-route@1.3.0",
            ]
        )
        let old = try #require(index.releases.last)
        #expect(old.published?.time.description == "2024-06-10T12:43:09Z")
        // What only the first object says holds for the second too.
        #expect(old.license == "BSD-3-Clause" && old.runsInstallScript == false)
        let artifact = try #require(old.artifacts.first)
        #expect(artifact.file == "nikic-fast-route-1.3.0.zip" && artifact.digests.isEmpty)
        #expect(
            artifact.url?.description
                == "https://api.github.com/repos/nikic/fast-route/zipball/7d5aa2ac914e27bfc968a6514517b9e4c5db021d"
        )
        #expect(artifact.attributes["reference"] == "7d5aa2ac914e27bfc968a6514517b9e4c5db021d")
    }

    @Test func hidesAVersionAndKeepsTheRestWhole() throws {
        let document = try Self.document("fast-route.json")
        let left = try Self.written(document, hiding: ["1.3.1"])
        let one = try #require(left["packages"]?["nikic/fast-route"]?.array)
        #expect(left["minified"]?.string == "composer/2.0" && one.count == 1)
        #expect(one[0]["version"]?.string == "1.3.0" && one[0]["license"] != nil && one[0]["require"] != nil)
        #expect(try Self.written(document, hiding: []) == JSON(parsing: document.bytes))
    }

    @Test func minifiesWhatItExpanded() throws {
        let objects: [[String: JSON]] = [
            ["name": "a/b", "version": "3", "x": ["y": 1]], ["name": "a/b", "version": "2"],
            ["name": "a/b", "version": "1", "x": ["y": 1], "z": true],
        ]
        let minified = ComposerMinified.minify(objects)
        #expect(minified[1] == ["version": "2", "x": "__unset"])
        #expect(ComposerMinified.expand(minified) == objects)
        let text: JSON = ["packages": ["a/b": .array(minified.map(JSON.object))], "minified": "composer/2.0"]
        let scope = IndexScope.package(Purl(type: "composer", namespace: "a", name: "b"))
        let left = try Self.written(Document(text.canonicalBytes()), hiding: ["2"], scope)
        let list = left["packages"]?["a/b"]?.array?.compactMap(\.members) ?? []
        #expect(ComposerMinified.expand(list) == [objects[0], objects[2]])
    }

    @Test func readsAndFiltersARepositoryInOneDocument() throws {
        let text =
            #"{"packages":{"a/b":{"1.0":{"name":"a/b","version":"1.0","dist":{"type":"zip","url":"https://x.org/a.zip","shasum":"\#(String(repeating: "ab", count: 20))"},"abandoned":"c/d"},"2.0":{"name":"a/b","version":"2.0"}},"c/d":{"dev-main":{"name":"c/d","version":"dev-main","source":{"type":"git","url":"https://x.org/c.git","reference":"0df9"}}}}}"#
        let document = Document(Array(text.utf8))
        let scope = IndexScope.repository("packages.json")
        let index = try Self.composer.readIndex(document, companions: [], for: Self.request(), scope: scope)
        #expect(index.releases.map(\.purl.version) == ["1.0", "2.0", "dev-main"])
        #expect(index.releases[0].deprecated?.reason == "abandoned, use c/d")
        #expect(index.releases[0].artifacts.first?.digests.map(\.algorithm) == [.sha1])
        #expect(index.releases[2].purl.qualifiers["vcs_url"] == "git+https://x.org/c.git@0df9")
        let left = try Self.written(document, hiding: ["1.0"], scope)
        #expect(left["packages"]?["a/b"]?.members?.keys.sorted() == ["2.0"])
    }

    @Test func hidesWhatSaysThatItIsAnother() throws {
        let text =
            #"{"packages":{"nikic/fast-route":[{"name":"nikic/other","version":"1"},{"name":"nikic/fast-route","version":"2"},{"version":3},7]}}"#
        let left = try Self.written(Document(Array(text.utf8)), hiding: [])
        #expect(left["packages"]?["nikic/fast-route"]?.array?.count == 1)
        let other = Document(Array(#"{"packages":{"a/b":[]}}"#.utf8))
        #expect(throws: Malformed.self) { try Self.written(other, hiding: []) }
    }

    @Test func aFolderOfTheProjectsOwnIsNoPin() throws {
        let text = #"{"packages":[{"name":"acme/own","version":"dev-main","dist":{"type":"path","url":"../own"}}]}"#
        #expect(try Self.composer.pins(in: Array(text.utf8), named: "composer.lock").isEmpty)
    }

    @Test func readsPinsOfALockfile() throws {
        let text =
            #"{"packages":[{"name":"Nikic/fast-route","version":"v1.3.0","dist":{"type":"zip","url":"https://api.github.com/repos/nikic/fast-route/zipball/7d","reference":"7d","shasum":""},"time":"2024-06-10T12:43:09+00:00"}],"packages-dev":[{"name":"a/b","version":"1","dist":{"type":"zip","url":"https://x.org/a.zip","shasum":"\#(String(repeating: "ab", count: 20))"}},{"version":"1"}]}"#
        let pins = try Self.composer.pins(in: Array(text.utf8), named: "composer.lock")
        #expect(pins.map(\.release.description) == ["pkg:composer/nikic/fast-route@v1.3.0", "pkg:composer/a/b@1"])
        #expect(pins[0].url?.path == "/repos/nikic/fast-route/zipball/7d" && pins[0].digests.isEmpty)
        #expect(pins[0].published?.time.description == "2024-06-10T12:43:09Z")
        #expect(pins[1].digests.map(\.algorithm) == [.sha1])
    }

    @Test(arguments: [
        (["d/composer.json": #"{"name":"Nikic/fast-route"}"#], true), (["d/composer.json": #"{"name":"x/y"}"#], false),
        (["d/composer.json": "{}"], true), ([:], true),
        (["composer.json": #"{"name":"x/y"}"#, "d/composer.json": #"{"name":"nikic/fast-route"}"#], false),
        (["d/composer.json": #"{"name":"x/y"}"#, "e/composer.json": #"{"name":"x/y"}"#], true),
    ])
    func readsWhoAnArchiveIs(files: [String: String], agrees: Bool) throws {
        let inspection = try #require(Self.composer.inspection(ofFile: "nikic-fast-route-1.3.0.zip"))
        #expect(files.keys.allSatisfy(inspection.wants) && !inspection.wants("d/e/composer.json"))
        let inside = try Self.composer.identity(ofFile: "a.zip", entries: files.mapValues { Array($0.utf8) })
        #expect(Self.composer.agrees(inside, with: Self.route.at("1.3.0")) == agrees)
    }

    @Test func survivesDamagedIndexes() throws {
        var noise = Noise(seed: 9)
        let good = try Fixture.bytes("composer/monolog.json")
        let view = IndexView(keeps: { release, _ in release.purl.version != "2.9.0" })
        for _ in 0..<300 {
            let document = Document(noise.damaged(good), contentType: "application/json")
            for scope in [Self.scope, .repository("packages.json")] {
                _ = try? Self.composer.readIndex(document, companions: [], for: Self.request(), scope: scope)
                _ = try? Self.composer.writeIndex(document, for: Self.request(), scope: scope, view: view)
            }
            _ = try? Self.composer.pins(in: document.bytes, named: "composer.lock")
        }
    }

    @Test func printsAProblemWhereComposerShowsIt() throws {
        let problem = Problem(
            .policyDenied,
            subject: "pkg:composer/a/b@1",
            summary: "is 5 h old",
            remedy: "Wait.",
            rule: "min_age"
        )
        let text = try JSON(parsing: Self.composer.document(for: problem).bytes)["warning"]?.string
        #expect(text == "policy.denied (rule min_age): pkg:composer/a/b@1 is 5 h old. Wait.")
    }
}

@Suite struct ComposerVersionTests {
    @Test func normalisesAndOrdersVersionsAsComposerDoes() throws {
        let composer = Composer()
        let text = String(decoding: try Fixture.bytes("composer/versions.tsv"), as: UTF8.self)
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            if parts[0] == "N" {
                #expect(ComposerVersion(parts[1])?.normalized == (parts[2] == "!" ? nil : parts[2]), "\(line)")
                #expect(composer.isPrerelease(parts[1]) == !["", "stable"].contains(parts[3]), "\(line)")
            } else {
                let expected = ["<": -1, "=": 0, ">": 1][parts[2]]
                #expect(composer.compare(parts[1], parts[3])?.signum() == expected, "\(line)")
                #expect(composer.compare(parts[3], parts[1])?.signum() == expected.map { -$0 }, "\(line)")
            }
        }
    }
}
