import Core
import Ecosystems
import Gateway
import TestKit
import Testing
import Upstream

/// Private registries of every type: credentials reach their own origin and path, and nothing else ever.
@Suite struct CredentialTests {
    private static let canary = "canary-5f1c"
    /// The fields of the clients, by which a leak is told.
    private static let fields = HeaderField.credentialFields.map { name in
        HeaderField(name, name == "Authorization" ? "Basic \(canary)-authorization" : "\(canary)-\(name)")
    }

    /// Below the prefix of a private registry: the prefix, an index, a file.
    private static let places: [String: (prefix: String, index: String?, file: String)] = [
        "pypi": ("/repository/py/", "simple/demo/", "packages/demo/1.0/demo-1.0-py3-none-any.whl"),
        "npm": ("/artifactory/api/npm/js/", "demo", "demo/-/demo-1.0.0.tgz"),
        "deb": ("/repository/apt/", "dists/stable/InRelease", "pool/main/d/demo/demo_1.0_amd64.deb"),
        "oci": ("/v2/", "team/demo/tags/list", "team/demo/blobs/sha256:\(String(repeating: "a", count: 64))"),
        "maven": ("/repository/java/", "com/demo/lib/maven-metadata.xml", "com/demo/lib/1.0/lib-1.0.jar"),
        "composer": ("/api/v4/group/42/-/packages/composer/", "p2/vendor/demo.json", "archives/demo-1.0.zip"),
        "nuget": ("/artifactory/api/nuget/v3/net/", "flat2/demo/index.json", "flat2/demo/1.0.0/demo.1.0.0.nupkg"),
        "helm": ("/artifactory/api/helm/charts/", "index.yaml", "demo-1.0.0.tgz"),
        "conda": ("/artifactory/api/conda/conda/", "noarch/repodata.json", "noarch/demo-1.0-0.conda"),
        "cargo": ("/artifactory/api/cargo/rust/index/", "de/mo/demo", "demo/1.0.0/download"),
        "golang": ("/repository/go/", "git.demo.example/lib/@v/list", "git.demo.example/lib/@v/v1.0.0.zip"),
        "terraform": (
            "/artifactory/api/terraform/tf/", "v1/providers/demo/cloud/versions", "files/demo_1.0.0_linux_amd64.zip"
        ),
        "gem": ("/repository/ruby/", "info/demo", "gems/demo-1.0.0.gem"),
        "rpm": ("/repository/yum/", "repodata/repomd.xml", "Packages/demo-1.0-1.noarch.rpm"),
        "hex": ("/repository/hex/", "packages/demo", "tarballs/demo-1.0.0.tar"),
        "pub": ("/repository/dart/", "api/packages/demo", "api/archives/demo-1.0.0.tar.gz"),
        "swift": ("/repository/swift/", "demo/lib", "demo/lib/1.0.0.zip"),
        "git": ("/group/", nil, "demo/raw/main/file.bin"),
        "generic": ("/repository/raw/", nil, "demo-1.0.bin"),
    ]

    @Test func everyTypeIsHere() { #expect(Set(Self.places.keys) == Set(Catalog.all.map(\.type))) }

    /// A private registry that leads on to another origin with everything it is asked, and what both heard.
    private func withRegistries(
        _ type: String,
        ours secret: Secret? = nil,
        _ body: (Scene, _ corp: HTTPURL, _ other: FakeUpstream) async throws -> Void
    ) async throws {
        let place = try #require(Self.places[type])
        let (fake, other) = (try await FakeUpstream.start(), try await FakeUpstream.start())
        let target = other.origin
        fake.serve(below: "/") { _ in .redirect(to: "\(target)/else/where/file.bin") }
        other.serve(below: "/") { _ in FakeAnswer(Array("elsewhere".utf8), type: "application/octet-stream") }
        let corp = try HTTPURL("\(fake.origin)\(place.prefix)")
        let entries = secret.map { [Credentials.Entry(place: corp, authorization: $0)] } ?? []
        let elsewhere = try HTTPURL("\(other.origin)/else/")
        let setting = Scene.Setting {
            $0.declared = [
                .init(ecosystem: type, prefix: corp), .init(ecosystem: "generic", prefix: elsewhere),
            ]
            $0.credentials = Credentials(entries: entries)
            $0.tries = 1
        }
        try await Scene.with(setting, fake: fake) { scene async throws in try await body(scene, corp, other) }
        await fake.stop()
        await other.stop()
    }

    private func leaks(_ texts: [String]) -> [String] { texts.filter { $0.contains(Self.canary) } }

    /// All that a scene wrote down and said.
    private func words(_ scene: Scene, _ taken: [Taken]) -> [String] {
        scene.recorder.events.map { "\($0)" }
            + taken.flatMap { answer in
                [answer.text, answer.reason ?? "", answer.problem.map { "\($0)" } ?? ""]
                    + answer.headers.map { "\($0.name): \($0.value)" }
            }
    }

    @Test(arguments: Catalog.all.map(\.type))
    func theClientsOwnReachTheAskedOriginAndNoOther(type: String) async throws {
        let place = try #require(Self.places[type])
        try await withRegistries(type) { scene, corp, other in
            var taken: [Taken] = []
            for path in [place.index, place.file].compactMap(\.self) {
                taken.append(try await scene.ask("\(corp)\(path)", Self.fields))
                let heard = scene.fake.requests(for: "\(place.prefix)\(path)")
                let first = try #require(heard.first, "\(path) was not asked")
                for field in Self.fields { #expect(first.header(field.name) == field.value, "\(field.name)") }
            }
            #expect(!other.requests.isEmpty)
            for request in other.requests {
                #expect(leaks(request.headers.map { "\($0)" } + [request.target]).isEmpty, "\(request)")
            }
            #expect(leaks(words(scene, taken)).isEmpty)
        }
    }

    @Test(arguments: Catalog.all.map(\.type))
    func oursAreBoundToTheirPathAndCrossNoRedirect(type: String) async throws {
        let place = try #require(Self.places[type])
        let secret = Credentials.basic(user: "me", password: Self.canary)
        try await withRegistries(type, ours: secret) { scene, corp, other in
            var taken = [try await scene.ask("\(corp)\(place.file)")]
            let sibling = place.prefix.dropLast() + "-public/"
            taken.append(try await scene.ask("\(corp.origin)\(sibling)\(place.file)"))
            let heard = scene.fake.requests
            let below = heard.filter { $0.target.hasPrefix(place.prefix) }
            #expect(!below.isEmpty && below.allSatisfy { $0.header("Authorization") == secret.reveal() })
            let beside = heard.filter { !$0.target.hasPrefix(place.prefix) }
            #expect(!beside.isEmpty && beside.allSatisfy { $0.header("Authorization") == nil })
            #expect(other.requests.allSatisfy { $0.header("Authorization") == nil })
            let encoded = secret.reveal().dropFirst("Basic ".count)
            #expect(words(scene, taken).allSatisfy { !$0.contains(encoded) && !$0.contains(Self.canary) })
        }
    }

    /// An index may name documents and files anywhere; the client did not mean its credentials for those places.
    @Test func noDocumentBesideAnIndexGetsThemAtAnotherOrigin() async throws {
        try await withRegistries("pypi") { scene, corp, other in
            let page = """
                <!DOCTYPE html><html><body><a href="\(other.origin)/else/demo-1.0-py3-none-any.whl#sha256=\
                \(String(repeating: "a", count: 64))" data-dist-info-metadata="true">demo-1.0-py3-none-any.whl</a></body></html>
                """
            scene.fake.serve("/repository/py/simple/demo/", FakeAnswer(page, type: "text/html"))
            _ = try await scene.ask("\(corp)simple/demo/", Self.fields)
            _ = try await scene.ask("\(other.origin)/else/demo-1.0-py3-none-any.whl")
            for request in other.requests { #expect(leaks(request.headers.map { "\($0)" }).isEmpty) }
        }
    }

    @Test func aTokenInThePathOfAChannelIsNotRecorded() async throws {
        try await Scene.with { scene async throws in
            let path = "/t/\(Self.canary)/corp/noarch/repodata.json"
            scene.fake.serve("/conda\(path)", FakeAnswer(#"{"packages":{}}"#, type: "application/json"))
            #expect(try await scene.ask("https://conda.anaconda.org\(path)").status == 200)
            let missing = try await scene.ask("https://conda.anaconda.org/t/\(Self.canary)/corp/noarch/x-1.0-0.conda")
            #expect(missing.status != 200 && leaks([missing.text, missing.reason ?? ""]).isEmpty)
            #expect(scene.fake.count("/conda\(path)") == 1)
            let urls = scene.recorder.answers.map(\.request.url.redacted)
            #expect(urls.contains("https://conda.anaconda.org/t/***/corp/noarch/repodata.json"))
            #expect(leaks(urls).isEmpty)
        }
    }
}
