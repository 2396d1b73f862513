import Core
import JSONText
import Testing

@testable import Ecosystems

@Suite struct NpmIndexTests {
    static let npm = Npm()
    static let scope = IndexScope.package(NpmTests.async)
    static let abbreviated = "application/vnd.npm.install-v1+json"

    static func document(_ name: String, _ type: String = "application/json") throws -> Document {
        Document(try Fixture.bytes("npm/\(name)"), contentType: type, url: try NpmTests.url("/async"))
    }

    static func view(hiding versions: Set<String>, link: (@Sendable (HTTPURL) -> String)? = nil) -> IndexView {
        IndexView(keeps: { release, _ in !versions.contains(release.purl.version ?? "") }, link: link)
    }

    static func document(versions: [String], latest: String) throws -> Document {
        var members: [String: JSON] = [:]
        for version in versions {
            members[version] = [
                "name": "async", "version": .string(version), "dist": ["tarball": "https://x.org/a.tgz"],
            ]
        }
        let tags: JSON = ["latest": .string(latest), "next": .string(versions[versions.count - 1])]
        let json: JSON = ["name": "async", "dist-tags": tags, "versions": .object(members)]
        return Document(json.canonicalBytes(), contentType: "application/json", url: try NpmTests.url("/async"))
    }

    @Test func readsTheFactsOfAFullIndex() throws {
        let request = try NpmTests.request("/async")
        let index = try Self.npm.readIndex(
            Self.document("async/full.json"),
            companions: [],
            for: request,
            scope: Self.scope
        )
        #expect(index.releases.map(\.purl.version) == ["0.8.0", "0.8.1"])
        let old = try #require(index.releases.first)
        #expect(old.published?.time.description == "2023-09-29T15:05:16Z")
        #expect(old.published?.basis == .registryTime)
        #expect(old.evidence?.kind == .provenance)
        #expect(index.releases[1].evidence?.kind == PublisherEvidence.Kind.none)
        #expect(old.license == "MIT")
        #expect(old.runsInstallScript == false)
        #expect(old.deprecated == nil)
        let artifact = try #require(old.artifacts.first)
        #expect(artifact.file == "async-0.8.0.tgz")
        #expect(artifact.url?.description == "https://registry.npmjs.org/async/-/async-0.8.0.tgz")
        #expect(artifact.digests.map(\.algorithm) == [.sha512, .sha1])
        #expect(artifact.size == nil)
    }

    @Test func takesTimesAndEvidenceOfAnAbbreviatedIndexFromTheFullOne() throws {
        let request = try NpmTests.request("/async")
        let short = try Self.document("async/abbreviated.json", Self.abbreviated)
        let wanted = Self.npm.companions(of: short, for: request, scope: Self.scope)
        #expect(wanted.map(\.url) == [request.url] && wanted.map(\.accept) == ["application/json"])
        let full = try Self.document("async/full.json")
        #expect(Self.npm.companions(of: full, for: request, scope: Self.scope).isEmpty)
        let alone = try Self.npm.readIndex(short, companions: [], for: request, scope: Self.scope)
        #expect(alone.releases.allSatisfy { $0.published == nil })
        let both = try Self.npm.readIndex(short, companions: [full], for: request, scope: Self.scope)
        #expect(both == (try Self.npm.readIndex(full, companions: [], for: request, scope: Self.scope)))
    }

    @Test func readsASingleManifestBesideTheFullIndex() throws {
        let request = try NpmTests.request("/async/latest")
        let scope = IndexScope.package(NpmTests.async.at("latest"))
        let full = try Self.document("async/full.json")
        let root = try JSONDocument(full.bytes).root
        let node = try #require(root["versions"]?["0.8.1"])
        let manifest = Document(Array(full.bytes[node.range]), contentType: "application/json", url: request.url)
        let wanted = Self.npm.companions(of: manifest, for: request, scope: scope)
        #expect(wanted.map(\.url.description) == ["https://registry.npmjs.org/async"])
        let index = try Self.npm.readIndex(manifest, companions: [full], for: request, scope: scope)
        #expect(index.releases.map(\.purl) == [NpmTests.async.at("0.8.1")])
        #expect(index.releases.first?.published != nil)
        #expect(throws: Malformed.self) {
            try Self.npm.writeIndex(manifest, for: request, scope: scope, view: Self.view(hiding: ["0.8.1"]))
        }
    }

    @Test func hidesAVersionFromVersionsTimesAndTags() throws {
        let written = try Self.npm.writeIndex(
            Self.document("async/full.json"),
            for: NpmTests.request("/async"),
            scope: Self.scope,
            view: Self.view(hiding: ["0.8.1"])
        )
        #expect(written.bytes == (try Fixture.bytes("npm/async/full.without-0.8.1.json")))
    }

    @Test func leavesADocumentAloneThatHidesNothing() throws {
        let document = try Self.document("async/full.json")
        let request = try NpmTests.request("/async")
        let view = Self.view(hiding: [], link: { "http://127.0.0.1:1/\($0.path)" })
        #expect(try Self.npm.writeIndex(document, for: request, scope: Self.scope, view: view) == document)
    }

    @Test(
        arguments: [
            // What is in the index, its latest, what is hidden, and the latest that is left.
            (["1.0.0", "1.1.0", "1.2.0"], "1.2.0", ["1.2.0"], "1.1.0"),
            (["1.9.0", "1.10.0", "1.11.0"], "1.11.0", ["1.11.0"], "1.10.0"),
            (["1.0.0", "2.0.0-rc.1", "2.0.0"], "2.0.0", ["2.0.0"], "1.0.0"),
            (["1.0.0", "1.1.0", "2.0.0"], "1.1.0", ["1.1.0"], "1.0.0"),
            (["1.0.0", "2.0.0"], "1.0.0", ["1.0.0"], "2.0.0"),
            (["1.0.0-a", "1.0.0"], "1.0.0", ["1.0.0"], nil), (["1.0.0"], "1.0.0", ["1.0.0"], nil),
            (["1.0.0", "1.1.0"], "1.0.0", ["1.1.0"], "1.0.0"),
        ] as [([String], String, Set<String>, String?)]
    )
    func movesLatestBackToAStableVersion(versions: [String], latest: String, hidden: Set<String>, left: String?) throws
    {
        let document = try Self.document(versions: versions, latest: latest)
        let view = Self.view(hiding: hidden)
        let written = try Self.npm.writeIndex(document, for: NpmTests.request("/async"), scope: Self.scope, view: view)
        let root = try JSON(parsing: written.bytes)
        let kept = root["versions"]?.members ?? [:]
        #expect(root["dist-tags"]?["latest"]?.string == left)
        #expect((root["dist-tags"]?["next"] == nil) == hidden.contains(versions[versions.count - 1]))
        #expect(Set(kept.keys) == Set(versions).subtracting(hidden))
    }

    @Test(arguments: [
        ("npm/10.8.2 node/v20", false), ("yarn/1.22.19 npm/? node/v20", false), ("got (https://github.com/x)", true),
        ("pnpm/9.1.0 npm/? node/v20", true), ("Bun/1.1.0", true), ("Deno/2.9.8", true), ("", true),
    ])
    func leadsLinksOnlyWhereNoLockfileKeepsThem(userAgent: String, isLed: Bool) throws {
        let request = try NpmTests.request("/async", userAgent: userAgent)
        let view = Self.view(hiding: [], link: { "http://127.0.0.1:1/s/npm\($0.path)" })
        let written = try Self.npm.writeIndex(
            Self.document("async/full.json"),
            for: request,
            scope: Self.scope,
            view: view
        )
        let tarball = try JSON(parsing: written.bytes)["versions"]?["0.8.1"]?["dist"]?["tarball"]?.string
        let host = isLed ? "http://127.0.0.1:1/s/npm" : "https://registry.npmjs.org"
        #expect(tarball == host + "/async/-/async-0.8.1.tgz")
    }

    @Test func hidesAVersionThatLiesAboutItself() throws {
        let text = """
            {"name":"async","dist-tags":{"latest":"2.0.0"},"versions":{"1.0.0":{"name":"async","version":"1.0.0"},\
            "2.0.0":{"name":"async","version":"1.9.9"},"3.0.0":{"name":"other","version":"3.0.0"},"4.0.0":null}}
            """
        let document = Document(Array(text.utf8), contentType: "application/json", url: try NpmTests.url("/async"))
        let request = try NpmTests.request("/async")
        let index = try Self.npm.readIndex(document, companions: [], for: request, scope: Self.scope)
        #expect(index.releases.map(\.purl.version) == ["1.0.0"])
        let written = try Self.npm.writeIndex(document, for: request, scope: Self.scope, view: Self.view(hiding: []))
        let root = try JSON(parsing: written.bytes)
        #expect(root["versions"]?.members?.keys.sorted() == ["1.0.0"])
        #expect(root["dist-tags"]?["latest"] == "1.0.0")
    }

    @Test(arguments: [
        (#""license":"MIT""#, "MIT"), (#""license":{"type":"ISC"}"#, "ISC"), (#""license":1"#, nil),
        (#""licenses":[{"type":"MIT"},{"type":"GPL-2.0"}]"#, "MIT OR GPL-2.0"),
    ])
    func readsALicenseInEveryForm(member: String, license: String?) throws {
        #expect(try Self.release(with: member).license == license)
    }

    @Test(arguments: [
        (#""deprecated":"old""#, Withdrawal(reason: "old")), (#""deprecated":"""#, nil), (#""deprecated":false"#, nil),
        (#""deprecated":true"#, Withdrawal()),
    ])
    func readsADeprecation(member: String, withdrawal: Withdrawal?) throws {
        #expect(try Self.release(with: member).deprecated == withdrawal)
    }

    @Test(arguments: [
        (#""hasInstallScript":true"#, true), (#""scripts":{"postinstall":"x"}"#, true), (#""gypfile":true"#, true),
        (#""scripts":{"test":"x"}"#, false),
    ])
    func seesCodeThatRunsAtInstall(member: String, runs: Bool) throws {
        #expect(try Self.release(with: member).runsInstallScript == runs)
    }

    @Test func ranksATrustedPublisherAboveProvenance() throws {
        let member = #""_npmUser":{"trustedPublisher":{"id":"github"}},"dist":{"attestations":{}}"#
        #expect(try Self.release(with: member).evidence?.kind == .trustedPublisher)
    }

    static func release(with member: String) throws -> Release {
        let text = #"{"name":"async","versions":{"1.0.0":{"name":"async","version":"1.0.0","# + member + "}}}"
        let document = Document(Array(text.utf8), contentType: "application/json")
        let index = try npm.readIndex(document, companions: [], for: NpmTests.request("/async"), scope: scope)
        return try #require(index.releases.first)
    }

    @Test(arguments: [
        "", "[]", "{}", #"{"name":"other","versions":{}}"#, #"{"name":"async"}"#, #"{"name":"async","versions":[]}"#,
        #"{"name":"async","name":"async","versions":{}}"#, "{\"name\":\"async\",\"versions\":{",
        String(repeating: #"{"versions":"#, count: 10_000), #"{"error":"not_found"}"#,
    ])
    func refusesAnIndexThatIsNone(text: String) throws {
        let document = Document(Array(text.utf8), contentType: "application/json")
        let request = try NpmTests.request("/async")
        #expect(throws: Malformed.self) {
            try Self.npm.readIndex(document, companions: [], for: request, scope: Self.scope)
        }
        #expect(throws: Malformed.self) {
            try Self.npm.writeIndex(document, for: request, scope: Self.scope, view: Self.view(hiding: []))
        }
    }

    @Test func readsAnUnpublishedPackageAsEmpty() throws {
        let text = #"{"name":"async","time":{"unpublished":{"time":"2020-01-01T00:00:00.000Z"}}}"#
        let document = Document(Array(text.utf8), contentType: "application/json")
        let request = try NpmTests.request("/async")
        let index = try Self.npm.readIndex(document, companions: [], for: request, scope: Self.scope)
        #expect(index.releases.isEmpty)
    }
}
