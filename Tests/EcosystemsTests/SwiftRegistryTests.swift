import Core
import Ecosystems
import Testing

/// Swift package registries as SwiftPM 6.3 asks them.
@Suite struct SwiftRegistryTests {
    private static let swift = SwiftRegistry()
    private static let base = "https://swift.example/reg"
    private static let checksum = String(repeating: "ab", count: 32)
    private static let list = """
        {"releases":{"1.1.0":{"url":"\(base)/mona/LinkedList/1.1.0"},"1.0.0":{},"0.9.0":{"problem":{"status":410}}}}
        """

    private static func page(_ version: String, _ day: String) -> String {
        """
        {"id":"mona.LinkedList","version":"\(version)","publishedAt":"\(day)T08:00:00Z","metadata":{},
         "resources":[{"name":"source-archive","type":"application/zip","checksum":"\(checksum)"}]}
        """
    }

    private func request(_ path: String, method: String = "GET") throws -> Request {
        Request(method: method, url: try HTTPURL("\(Self.base)\(path)"))
    }

    private func document(_ text: String) -> Document { Document(Array(text.utf8), contentType: "application/json") }

    private let package = Purl(type: "swift", namespace: "swift.example/mona", name: "LinkedList")

    @Test func everyRequestOfAResolutionIsRead() throws {
        let swift = Self.swift
        #expect(try swift.intent(of: try request("/mona/LinkedList")) == .index(.package(package)))
        #expect(try swift.intent(of: try request("/mona/LinkedList.json")) == .index(.package(package)))
        let release = package.at("1.1.0")
        #expect(try swift.intent(of: try request("/mona/LinkedList/1.1.0")) == .index(.package(release)))
        #expect(
            try swift.intent(of: try request("/mona/LinkedList/1.1.0/Package.swift?swift-version=6"))
                == .sidecar(release: release, file: "Package.swift")
        )
        #expect(
            try swift.intent(of: try request("/mona/LinkedList/1.1.0.zip"))
                == .artifact(ArtifactName(release: release, file: "1.1.0.zip"))
        )
        #expect(try swift.intent(of: try request("/identifiers?url=https://x/y")) == .passThrough)
        #expect(try swift.intent(of: try request("/login", method: "POST")) == .credential)
        #expect(
            try swift.intent(of: try request("/mona/LinkedList/1.2.0", method: "PUT")) == .publish(package.at("1.2.0"))
        )
    }

    @Test(arguments: ["/mo--na/x", "/-a/b", "/mona/a%00", "/mona/%2e%2e%2fx", "/mona/a%252f", "/mona/ü"])
    func otherPathsAreRefused(_ path: String) {
        #expect(throws: Malformed.self) { try Self.swift.intent(of: try request(path)) }
    }

    @Test func timesAndChecksumsComeFromThePagesOfTheReleases() throws {
        let request = try request("/mona/LinkedList")
        let scope = IndexScope.package(package)
        let wanted = Self.swift.companions(of: document(Self.list), for: request, scope: scope)
        #expect(wanted.map(\.url.path) == ["/reg/mona/LinkedList/1.1.0", "/reg/mona/LinkedList/1.0.0"])
        let index = try Self.swift.readIndex(
            document(Self.list),
            companions: [document(Self.page("1.1.0", "2026-11-20"))],
            for: request,
            scope: scope
        )
        let newest = try #require(index.releases.first { $0.purl.version == "1.1.0" })
        #expect(newest.published?.time.description == "2026-11-20T08:00:00Z")
        #expect(newest.artifacts.first?.digests.map(\.hex) == [Self.checksum])
        #expect(newest.artifacts.first?.url?.description == "\(Self.base)/mona/LinkedList/1.1.0.zip")
        #expect(index.releases.first { $0.purl.version == "1.0.0" }?.published == nil)
        #expect(index.releases.first { $0.purl.version == "0.9.0" }?.yanked != nil)
    }

    @Test func aRefusedReleaseGetsAProblemThatTheResolverPassesOver() throws {
        let request = try request("/mona/LinkedList")
        let view = IndexView(keeps: { release, _ in release.purl.version != "1.1.0" })
        let written = try Self.swift.writeIndex(
            document(Self.list),
            for: request,
            scope: .package(package),
            view: view
        )
        let text = String(decoding: written.bytes, as: UTF8.self)
        #expect(text.contains(#""1.0.0":{}"#))
        #expect(text.contains("Refused by policy"))
        let all = try Self.swift.writeIndex(
            document(Self.list),
            for: request,
            scope: .package(package),
            view: IndexView(keeps: { _, _ in true })
        )
        #expect(all.bytes == Array(Self.list.utf8))
    }

    @Test func anArchiveIsStatedByThePageOfItsRelease() throws {
        let url = try HTTPURL("\(Self.base)/mona/LinkedList/1.1.0.zip")
        let name = ArtifactName(release: package.at("1.1.0"), file: "1.1.0.zip")
        let statement = try #require(Self.swift.statements(about: name, at: url).first)
        #expect(try Self.swift.intent(of: statement) == .index(.package(package.at("1.1.0"))))
        let index = try Self.swift.readIndex(
            document(Self.page("1.1.0", "2026-11-20")),
            companions: [],
            for: statement,
            scope: .package(package.at("1.1.0"))
        )
        #expect(index.releases.first?.artifacts.first?.url == url)
    }

    @Test func theProblemIsOneThatSwiftPMShows() {
        let problem = Problem(.policyDenied, subject: "x", summary: "is too young", remedy: "wait", rule: "min_age")
        let text = String(decoding: Self.swift.document(for: problem).bytes, as: UTF8.self)
        #expect(text.contains(#""detail":"policy.denied (rule min_age): x is too young. wait""#))
    }

    @Test func gitDependenciesOfPackageResolvedArePins() throws {
        let revision = String(repeating: "c", count: 40)
        let file = """
            {"pins":[{"identity":"swift-nio","kind":"remoteSourceControl","location":"https://github.com/Apple/swift-nio.git",
            "state":{"revision":"\(revision)","version":"2.65.0"}},
            {"identity":"mona.LinkedList","kind":"registry","location":"","state":{"version":"1.0.0"}}],"version":3}
            """
        let pins = try Git().pins(in: Array(file.utf8), named: "Package.resolved")
        #expect(pins.map(\.release.description) == ["pkg:github/apple/swift-nio@\(revision)"])
        let old = """
            {"object":{"pins":[{"package":"A","repositoryURL":"https://git.example/a.git","state":{"revision":"\(revision)"}}]},"version":1}
            """
        #expect(
            try Git().pins(in: Array(old.utf8), named: "Package.resolved").map(\.release.description)
                == ["pkg:git/git.example/a@\(revision)"]
        )
    }

    @Test func gitDependenciesOfOtherLockfilesArePins() throws {
        let commit = String(repeating: "c", count: 40)
        let texts = [
            ("Cargo.lock", "source = \"git+https://github.com/acme/demo.git?tag=v1#\(commit)\""),
            ("package-lock.json", "{\"resolved\": \"git+ssh://git@github.com/acme/demo.git#\(commit)\"}"),
            ("uv.lock", "source = { git = \"https://github.com/acme/demo?rev=main#\(commit)\" }"),
        ]
        for (name, line) in texts {
            let pins = try Git().pins(in: Array("\(line)\n\(line)\n".utf8), named: name)
            #expect(pins.map(\.release.description) == ["pkg:github/acme/demo@\(commit)"], "\(name)")
            #expect(pins.first?.digests.map(\.hex) == [commit])
        }
        let other = "checksum = \"https://h.org/a.tgz\"\n\"x#\(commit)\" \"git+file:///a#\(commit)\""
        #expect(try Git().pins(in: Array(other.utf8), named: "Cargo.lock").isEmpty)
    }
}
