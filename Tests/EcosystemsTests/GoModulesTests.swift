import Core
import Ecosystems
import Testing

/// How Go's documents and names are read.
@Suite struct GoModulesTests {
    private let codec = GoModules()

    private func request(_ path: String, host: String = "proxy.golang.org") throws -> Request {
        Request(url: try HTTPURL("https://\(host)\(path)"))
    }

    private func intent(_ path: String, host: String = "proxy.golang.org") throws -> Intent? {
        try codec.intent(of: try request(path, host: host))
    }

    private static let toml = Purl(type: "golang", namespace: "github.com/BurntSushi", name: "toml")

    @Test func readsThePathsOfTheProxyProtocol() throws {
        let module = "/github.com/%21burnt%21sushi/toml"
        #expect(try intent("\(module)/@v/list") == .index(.package(Self.toml)))
        #expect(try intent("/github.com/!burnt!sushi/toml/@latest") == .index(.package(Self.toml)))
        #expect(try intent("\(module)/@v/v1.2.0.info") == .index(.package(Self.toml.at("v1.2.0"))))
        #expect(try intent("\(module)/@v/master.info") == .index(.package(Self.toml)))
        #expect(try intent("\(module)/@v/v1.2.0.mod") == .sidecar(release: Self.toml.at("v1.2.0"), file: "v1.2.0.mod"))
        let zip = ArtifactName(release: Self.toml.at("v1.2.0"), file: "v1.2.0.zip")
        #expect(try intent("\(module)/@v/v1.2.0.zip") == .artifact(zip))
        let docker = Purl(type: "golang", namespace: "github.com/docker", name: "docker")
        let version = "v24.0.7+incompatible"
        #expect(
            try intent("/github.com/docker/docker/@v/\(version).zip")
                == .artifact(ArtifactName(release: docker.at(version), file: "\(version).zip"))
        )
        let toolchain = Purl(type: "golang", namespace: "golang.org", name: "toolchain").at(
            "v0.0.1-go1.27.3.linux-amd64"
        )
        #expect(
            try intent("/golang.org/toolchain/@v/v0.0.1-go1.27.3.linux-amd64.zip")
                == .artifact(ArtifactName(release: toolchain, file: "v0.0.1-go1.27.3.linux-amd64.zip"))
        )
    }

    @Test func readsThePathsOfTheChecksumDatabase() throws {
        let lookup = "lookup/github.com/%21burnt%21sushi/toml@v1.2.0"
        for (path, host) in [("/sumdb/sum.golang.org/\(lookup)", "proxy.golang.org"), ("/\(lookup)", "sum.golang.org")]
        {
            #expect(try intent(path, host: host) == .index(.package(Self.toml.at("v1.2.0"))))
        }
        for part in ["supported", "latest", "tile/8/0/000.p/7", "tile/8/data/000"] {
            #expect(try intent("/sumdb/sum.golang.org/\(part)") == .sidecar(release: nil, file: part))
        }
    }

    @Test func aProxyOfOnesOwnMayLieBelowAPrefix() throws {
        let path = "/api/v4/projects/7/packages/go/gitlab.example/group/mod/@v/list"
        let module = Purl(type: "golang", namespace: "gitlab.example/group", name: "mod")
        #expect(try intent(path, host: "gitlab.example") == .index(.package(module)))
        let zip = try HTTPURL("https://gitlab.example/go/gitlab.example/group/mod/@v/v1.0.0.zip")
        let name = ArtifactName(release: module.at("v1.0.0"), file: "v1.0.0.zip")
        // Nobody but the module's own proxy hears its name.
        #expect(codec.statements(about: name, at: zip).map(\.url.path).allSatisfy { $0.hasSuffix("/v1.0.0.info") })
    }

    @Test(arguments: [
        "/example.com/Upper/@v/list", "/example.com/!1/@v/list", "/example.com/a!/@v/list", "/nodot/@v/list",
        "/example.com/a%2fb/@v/list", "/example.com/a%252fb/@v/list", "/example.com/a%20b/@v/list",
        "/example.com/.hidden/@v/list", "/EXAMPLE.com/a/@v/list", "/example.com/%C3%BC/@v/list",
        "/example.com/a/@v/v1.0.zip", "/example.com/a/@v/master.mod", "/example.com/a/@v/v1.0.0+meta.zip",
        "/@v/list", "/sumdb/sum.golang.org/lookup/example.com/a@master", "/-a.com/b/@v/list",
    ])
    func refusesNamesThatAreNoModules(_ path: String) throws {
        #expect(throws: Malformed.self) { try intent(path) }
    }

    @Test func refusesAModulePathOfTenKilobytes() throws {
        let long = String(repeating: "a", count: 4_000)
        #expect(throws: Malformed.self) { try intent("/example.com/\(long)/@v/list") }
    }

    private func list(_ text: String, hiding hidden: Set<String>) throws -> String {
        let request = try request("/example.com/a/@v/list")
        let document = Document(Array(text.utf8), contentType: "text/plain")
        let scope = IndexScope.package(Purl(type: "golang", namespace: "example.com", name: "a"))
        let view = IndexView(keeps: { release, _ in !hidden.contains(release.purl.version ?? "") })
        return String(
            decoding: try codec.writeIndex(document, for: request, scope: scope, view: view).bytes,
            as: UTF8.self
        )
    }

    @Test func aListIsShownWithoutWhatIsHidden() throws {
        #expect(try list("v1.0.0\nv1.1.0\n", hiding: []) == "v1.0.0\nv1.1.0\n")
        #expect(try list("v1.0.0\nv1.1.0\n", hiding: ["v1.1.0"]) == "v1.0.0\n")
        #expect(try list("v1.0.0", hiding: ["v1.0.0"]) == "")
        #expect(try list("", hiding: []) == "")
        // What cannot be judged cannot be shown.
        #expect(try list("v1.0.0 extra\nnonsense\nv2\n", hiding: []) == "v1.0.0\n")
    }

    @Test func datesTheNewestReleasesOfAList() throws {
        let request = try request("/example.com/a/@v/list")
        let scope = IndexScope.package(Purl(type: "golang", namespace: "example.com", name: "a"))
        let lines = (0..<40).map { "v1.\($0).0\n" }.joined() + "v1.40.0-RC1\n"
        let document = Document(Array(lines.utf8))
        let wanted = codec.companions(of: document, for: request, scope: scope).map(\.url.path)
        #expect(wanted.count == 17 && wanted.first == "/example.com/a/@v/v1.40.0-%21r%21c1.info")
        #expect(wanted.last == "/example.com/a/@v/v1.39.0.mod")
        let info = Document(Array(#"{"Version":"v1.39.0","Time":"2026-11-17T08:00:00Z"}"#.utf8))
        let index = try codec.readIndex(document, companions: [info, Document([1])], for: request, scope: scope)
        let dated = index.releases.filter { $0.published != nil }
        #expect(dated.map(\.purl.version) == ["v1.39.0"] && dated.first?.published?.basis == .authorTime)
    }

    @Test func theNewestReleaseSaysWhatWasTakenBack() throws {
        let text = """
            // Deprecated: use example.com/b instead,
            // which is faster.
            //
            // More words.
            module example.com/a // Nothing

            go 1.21

            retract v1.0.0 // lost data

            // A range.
            retract [v1.2.0, v1.3.0]
            retract (
            \t"v1.5.0"
            \t[v1.6.0,v1.7.0] // broken build
            \tnonsense
            )
            retracted v1.4.0
            """
        let request = try request("/example.com/a/@v/list")
        let scope = IndexScope.package(Purl(type: "golang", namespace: "example.com", name: "a"))
        let list = Document(Array((0..<9).map { "v1.\($0).0\n" }.joined().utf8))
        let file = Document(Array(text.utf8), url: try HTTPURL("https://proxy.golang.org/example.com/a/@v/v1.8.0.mod"))
        let releases = try codec.readIndex(list, companions: [file], for: request, scope: scope).releases
        let reasons = releases.map { $0.yanked?.reason ?? "" }
        #expect(
            reasons == ["lost data", "", "A range.", "A range.", "", "retracted", "broken build", "broken build", ""]
        )
        #expect(releases.allSatisfy { $0.deprecated?.reason == "use example.com/b instead, which is faster." })
        let noise = [UInt8](repeating: 0xFF, count: 40) + Array("\nretract [,\nretract\nmodule\n)".utf8)
        let bad = Document(noise, url: file.url)
        #expect(try codec.readIndex(list, companions: [bad], for: request, scope: scope).releases.count == 9)
    }

    @Test func aDocumentOfOneReleaseIsAboutThatRelease() throws {
        let release = Purl(type: "golang", namespace: "example.com", name: "a").at("v1.0.0")
        let request = try request("/example.com/a/@v/v1.0.0.info")
        func read(_ text: String) throws -> PackageIndex {
            try codec.readIndex(Document(Array(text.utf8)), companions: [], for: request, scope: .package(release))
        }
        #expect(try read(#"{"Version":"v1.0.0","Time":"2026-01-10T08:00:00Z"}"#).releases.map(\.purl) == [release])
        for text in [#"{"Version":"v1.0.1"}"#, "{}", "[]", "", #"{"Version":"master"}"#] {
            #expect(throws: Malformed.self) { try read(text) }
        }
    }

    @Test func readsARecordOfTheChecksumDatabase() throws {
        let text = """
            7
            github.com/BurntSushi/toml v1.2.0 h1:t6JiXgmwXMjEs8VusXIJk2BXHsn+wx8BZdTaoZ5fu7I=
            github.com/BurntSushi/toml v1.2.0/go.mod h1:TIyPZe4MgqvfeYDBFedMoGGpEw/LqOeaOT+nhxU+yHo=

            go.sum database tree
            67
            7pI7LmVMUTRD6Xye6rP8FjXrYNokmd/V6LH+iLG44oc=

            — sum.golang.org zcZMIvAu
            """
        let release = Self.toml.at("v1.2.0")
        let request = try request("/sumdb/sum.golang.org/lookup/github.com/!burnt!sushi/toml@v1.2.0")
        let document = Document(Array(text.utf8))
        let index = try codec.readIndex(document, companions: [], for: request, scope: .package(release))
        #expect(index.releases.first?.artifacts.map(\.file) == ["v1.2.0.zip", "v1.2.0.mod"])
        #expect(
            index.releases.first?.artifacts.first?.digests.map(\.description)
                == ["h1:t6JiXgmwXMjEs8VusXIJk2BXHsn+wx8BZdTaoZ5fu7I="]
        )
        let view = IndexView(keeps: { _, _ in true })
        #expect(try codec.writeIndex(document, for: request, scope: .package(release), view: view) == document)
        let other = Document(Array(text.replacing("toml v1.2.0 ", with: "toml v1.2.1 ").utf8))
        #expect(throws: Malformed.self) {
            try codec.readIndex(other, companions: [], for: request, scope: .package(release))
        }
    }

    @Test func pinsBothLinesOfGoSum() throws {
        let text = """
            github.com/BurntSushi/toml v1.2.0 h1:t6JiXgmwXMjEs8VusXIJk2BXHsn+wx8BZdTaoZ5fu7I=
            github.com/BurntSushi/toml v1.2.0/go.mod h1:TIyPZe4MgqvfeYDBFedMoGGpEw/LqOeaOT+nhxU+yHo=
            example.com/m v0.0.0-20240101120000-abcdef123456/go.mod h1:TIyPZe4MgqvfeYDBFedMoGGpEw/LqOeaOT+nhxU+yHo=
            example.com/m v1.0.0 h9:later

            """
        for name in codec.lockfileNames {
            let pins = try codec.pins(in: Array(text.utf8), named: name)
            #expect(pins.map(\.file) == ["v1.2.0.zip", "v1.2.0.mod", "v0.0.0-20240101120000-abcdef123456.mod"])
            #expect(pins.first?.release == Self.toml.at("v1.2.0"))
        }
        #expect(throws: Malformed.self) { try codec.pins(in: Array("a.b/c v1.0.0\n".utf8), named: "go.sum") }
    }

    @Test func aReleaseWithoutAnAddressIsStatedBesideItsList() throws {
        let list = try HTTPURL("https://proxy.golang.org/github.com/!burnt!sushi/toml/@v/list")
        let release = try Purl(parsing: "pkg:golang/github.com/BurntSushi/toml@v1.0.0-RC1")
        let asked = codec.statements(about: ArtifactName(release: release, file: ""), at: list).map(\.url.description)
        #expect(asked.first == "https://proxy.golang.org/github.com/!burnt!sushi/toml/@v/v1.0.0-%21r%21c1.info")
        #expect(asked.count == 2 && asked.last?.contains("/lookup/") == true)
        let other = try Purl(parsing: "pkg:golang/example.test/other@v1.0.0")
        #expect(codec.statements(about: ArtifactName(release: other, file: ""), at: list).isEmpty)
    }

    @Test func ordersVersionsAsGoDoes() throws {
        let ordered = [
            "v0.0.0-20190101000000-000000000000", "v0.0.0-20240101120000-abcdef123456", "v0.1.0", "v1.0.0-alpha",
            "v1.0.0-alpha.1", "v1.0.0-beta.2", "v1.0.0-beta.11", "v1.0.0", "v1.2.0", "v1.10.0", "v2.0.0+incompatible",
        ]
        for (position, one) in ordered.enumerated() {
            for (place, other) in ordered.enumerated() {
                #expect(codec.compare(one, other) == (position < place ? -1 : position > place ? 1 : 0))
            }
            #expect(codec.isPrerelease(one) == one.contains("-"))
        }
        for text in ["1.0.0", "v1", "v1.2", "v01.0.0", "v1.0.0-", "v1.0.0-01", "v1.0.0+", "vv1.0.0", ""] {
            #expect(codec.compare(text, "v1.0.0") == nil)
        }
    }

    @Test func leavesPrivateModulesToTheirOwnOrigin() {
        func settings(_ mode: Endpoint.Mode, _ environment: [String: String]) -> [String: String] {
            let endpoint = Endpoint(
                mode: mode,
                host: "127.0.0.1",
                port: 1,
                secret: "s",
                folder: "/f",
                environment: environment
            )
            return codec.clientSettings(for: endpoint).environment
        }
        #expect(settings(.intercept, [:]).isEmpty)
        #expect(settings(.registry, [:]) == ["GOPROXY": "http://127.0.0.1:1/s/golang", "GONOPROXY": "none"])
        #expect(settings(.registry, ["GOPRIVATE": "corp.example"]) == ["GOPROXY": "http://127.0.0.1:1/s/golang"])
        #expect(settings(.registry, ["GOPROXY": "off"]).isEmpty)
    }
}
