import Core
import Ecosystems
import Foundation
import Testing

/// What requests of the distribution protocol mean, and what its documents say.
@Suite struct OCITests {
    private let oci = OCI()
    private let hub = "https://registry-1.docker.io"
    private static let digest = "sha256:44a6a983021b22e244ef6353f82f7636dfe06ccb595cbe6a1266b1a6343b620e"
    private static let imageType = "application/vnd.oci.image.manifest.v1+json"

    private func intent(_ target: String, _ method: String = "GET", at origin: String? = nil) throws -> Intent? {
        try oci.intent(of: Request(method: method, url: HTTPURL((origin ?? hub) + target)))
    }

    private func purl(_ intent: Intent?) -> String? {
        switch intent {
        case .index(.package(let purl)): purl.description
        case .artifact(let name): name.release?.description
        case .publish(let purl), .yank(let purl): purl?.description
        default: nil
        }
    }

    @Test func readsWhatAClientWants() throws {
        let farm = "repository_url=docker.io%2Flibrary%2Ffarm"
        #expect(try intent("/v2/") == .passThrough)
        #expect(try purl(intent("/v2/library/farm/manifests/latest")) == "pkg:oci/farm?\(farm)&tag=latest")
        #expect(try purl(intent("/v2/library/farm/manifests/latest", "HEAD")) == "pkg:oci/farm?\(farm)&tag=latest")
        #expect(try purl(intent("/v2/library/farm/manifests/\(Self.digest)")) == "pkg:oci/farm@\(Self.digest)?\(farm)")
        #expect(try purl(intent("/v2/library/farm/blobs/\(Self.digest)")) == "pkg:oci/farm@\(Self.digest)?\(farm)")
        #expect(try purl(intent("/v2/library/farm/tags/list?n=5")) == "pkg:oci/farm?\(farm)")
        let referrers = try intent("/v2/library/farm/referrers/\(Self.digest)")
        #expect(referrers == .index(.repository("referrers/\(Self.digest)")))
        // A repository may be called like the words between; a tag too.
        let place = "repository_url=docker.io%2Fa%2Fblobs%2Fuploads"
        #expect(try purl(intent("/v2/a/blobs/uploads/manifests/tags")) == "pkg:oci/uploads?\(place)&tag=tags")
        #expect(try intent("/v2/_catalog") == .search)
        #expect(try intent("/api/v1/repository") == nil)
    }

    @Test func readsWhatAPublisherWants() throws {
        for (method, target) in [
            ("POST", "/v2/lab/img/blobs/uploads/"), ("PATCH", "/v2/lab/img/blobs/uploads/1-2-3?_state=x"),
            ("PUT", "/v2/lab/img/blobs/uploads/1?digest=\(Self.digest)"), ("PUT", "/v2/lab/img/manifests/1.0"),
        ] {
            let name = "pkg:oci/img?repository_url=ghcr.io%2Flab%2Fimg"
            #expect(try purl(intent(target, method, at: "https://ghcr.io")) == name, "\(method) \(target)")
        }
        guard case .yank = try intent("/v2/lab/img/manifests/\(Self.digest)", "DELETE") else {
            Issue.record("a deleted manifest is taken back")
            return
        }
    }

    @Test func knowsTheTokenServersOfRegistries() throws {
        #expect(try intent("/token?service=registry.docker.io", at: "https://auth.docker.io") == .credential)
        #expect(try intent("/token?scope=repository:a:pull&service=ghcr.io", at: "https://ghcr.io") == .credential)
        #expect(try intent("/v2/auth?service=quay.io", at: "https://quay.io") == .credential)
        #expect(try intent("/service/token?service=harbor", at: "https://harbor.test") == .credential)
        #expect(try intent("/token", at: "https://ghcr.io") == nil)
        let answer = Document(Array(#"{"token":"a","access_token":"b","expires_in":300}"#.utf8))
        #expect(oci.tokens(in: answer) == ["a", "b"])
        #expect(oci.tokens(in: Document([1, 2])) == [])
    }

    @Test func promisesWhatTheAddressSays() throws {
        func promises(_ target: String) throws -> [String] {
            oci.promises(of: Request(url: try HTTPURL(hub + target))).map(\.description)
        }
        #expect(try promises("/v2/library/farm/manifests/\(Self.digest)") == [Self.digest])
        #expect(try promises("/v2/library/farm/manifests/sha256%3A\(Self.digest.dropFirst(7))") == [Self.digest])
        let long = "sha512:" + String(repeating: "a0", count: 64)
        #expect(try promises("/v2/library/farm/blobs/\(long)") == [long])
        #expect(try promises("/v2/library/farm/manifests/latest") == [])
        guard case .artifact(let name) = try intent("/v2/library/farm/blobs/\(Self.digest)") else {
            Issue.record("a blob is an artifact")
            return
        }
        #expect(name.digests.map(\.description) == [Self.digest])
    }

    @Test(arguments: [
        "/v2/Library/farm/manifests/latest", "/v2/library//farm/manifests/latest", "/v2/a%2Fb/manifests/latest",
        "/v2/a%252Fb/manifests/latest", "/v2/library/farm/manifests/.hidden", "/v2/library/farm/manifests/a%2Fb",
        "/v2/library/farm/manifests/latest/", "/v2/library/farm/manifests/sha256:abc", "/v2/-a/manifests/latest",
        "/v2/library/farm/blobs/md5:d41d8cd98f00b204e9800998ecf8427e", "/v2/a___b/manifests/latest",
        "/v2/library/farm/blobs/sha256:44A6A983021B22E244EF6353F82F7636DFE06CCB595CBE6A1266B1A6343B620E",
        "/v2/library/farm/manifests/%C3%BC", "/v2/library/farm/blobs/latest", "/v2/b%C3%BCx/manifests/latest",
        "/v2/" + String(repeating: "a", count: 256) + "/manifests/latest",
        "/v2/a/manifests/" + String(repeating: "a", count: 129),
    ])
    func refusesHostileNames(_ target: String) throws {
        let url = try HTTPURL(hub + target)
        #expect(throws: Malformed.self) { try oci.intent(of: Request(url: url)) }
    }

    @Test func namesARepositoryAsPeopleDo() throws {
        let place = try purl(intent("/v2/team/tool/manifests/2", at: "https://localhost:5000"))
        #expect(place == "pkg:oci/tool?repository_url=localhost:5000%2Fteam%2Ftool&tag=2")
        let other = try purl(intent("/v2/library/farm/manifests/1", at: "https://index.docker.io"))
        #expect(other == "pkg:oci/farm?repository_url=docker.io%2Flibrary%2Ffarm&tag=1")
        #expect(oci.mirroredHosts == ["registry-1.docker.io"])
    }
}

/// What manifests and lists of tags say.
@Suite struct OCIDocumentTests {
    private let oci = OCI()
    private static let digest = "sha256:44a6a983021b22e244ef6353f82f7636dfe06ccb595cbe6a1266b1a6343b620e"
    private static let imageType = "application/vnd.oci.image.manifest.v1+json"

    private func request(_ reference: String) throws -> Request {
        Request(url: try HTTPURL("https://registry-1.docker.io/v2/library/farm/manifests/\(reference)"))
    }

    private func read(
        _ text: [UInt8],
        type: String = imageType,
        _ reference: String = "latest",
        _ beside: [Document] = []
    )
        throws -> PackageIndex
    {
        let request = try request(reference)
        let document = Document(text, contentType: type, url: request.url, digest: Digest(Self.digest))
        guard case .index(let scope)? = try oci.intent(of: request) else { throw Malformed("no index") }
        return try oci.readIndex(document, companions: beside, for: request, scope: scope)
    }

    @Test func readsAnImageWithItsConfiguration() throws {
        let manifest = try Fixture.bytes("oci/farm/manifest.json")
        let request = try request("latest")
        let document = Document(manifest, contentType: Self.imageType, url: request.url)
        let wanted = oci.companions(of: document, for: request, scope: .package(Purl(type: "oci", name: "farm")))
        let config = "sha256:a459dacc79fed884e7ebcc57c768ae50e90aaac9bc8b34012ac7ba0c49d4ae2c"
        #expect(wanted.map(\.url.path) == ["/v2/library/farm/blobs/\(config)"])
        let index = try read(manifest, "latest", [Document(Fixture.bytes("oci/farm/config.json"))])
        let release = try #require(index.releases.first)
        #expect(
            release.purl.description
                == "pkg:oci/farm@\(Self.digest)?arch=amd64&repository_url=docker.io%2Flibrary%2Ffarm&tag=latest"
        )
        #expect(release.artifacts.map(\.file).first == "manifest")
        #expect(release.artifacts.first?.url == request.url)
        #expect(release.artifacts.first?.digests.map(\.description) == [Self.digest])
        #expect(release.artifacts.map(\.size) == [581, 263, 255, 376_203])
        #expect(release.artifacts[1].digests.map(\.description) == [config])
        #expect(release.artifacts[1].url?.path == "/v2/library/farm/blobs/\(config)")
        #expect(release.published == nil)
    }

    @Test func leavesManifestsAsTheyAre() throws {
        let manifest = try Fixture.bytes("oci/farm/manifest.json")
        let document = Document(manifest, contentType: Self.imageType)
        let view = IndexView(keeps: { _, _ in false }, link: { _ in "http://127.0.0.1/" })
        let written = try oci.writeIndex(
            document,
            for: request("latest"),
            scope: .package(Purl(type: "oci", name: "farm")),
            view: view
        )
        #expect(written == document)
    }

    @Test func takesTheBuildTimeAsAHint() throws {
        let manifest = try Fixture.bytes("oci/farm/manifest.json")
        func published(_ created: String) throws -> PublishTime? {
            try read(manifest, "latest", [Document(Array(#"{"created":"\#(created)"}"#.utf8))]).releases.first?
                .published
        }
        #expect(try published("2026-11-20T10:00:00.123456789Z")?.basis == .authorTime)
        #expect(try published("1970-01-01T00:00:00Z") == nil)
        #expect(try published("1980-01-01T00:00:01Z") == nil)
        let noted = """
            {"schemaVersion":2,"manifests":[],"annotations":{"org.opencontainers.image.created":"2026-11-20T10:00:00Z",
             "org.opencontainers.image.licenses":"Apache-2.0"}}
            """
        let release = try read(Array(noted.utf8), type: "application/vnd.oci.image.index.v1+json").releases.first
        #expect(release?.published?.time == Timestamp(rfc3339: "2026-11-20T10:00:00Z"))
        #expect(release?.license == "Apache-2.0")
    }

    @Test(arguments: [
        #"{"schemaVersion":2,"manifests":[],"layers":[]}"#, #"{"schemaVersion":2}"#, "[]", "", "not json",
        #"{"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}"#,
    ])
    func refusesADocumentOfTwoKinds(_ text: String) throws {
        #expect(throws: Malformed.self) { try read(Array(text.utf8)) }
    }

    @Test func hidesRefusedTagsFromTheList() throws {
        let request = Request(url: try HTTPURL("https://registry-1.docker.io/v2/library/farm/tags/list"))
        let scope = IndexScope.package(Purl(type: "oci", name: "farm"))
        let document = Document(try Fixture.bytes("oci/farm/tags.json"), contentType: "application/json")
        let index = try oci.readIndex(document, companions: [], for: request, scope: scope)
        #expect(index.releases.map { $0.purl.qualifiers["tag"] } == ["latest", "1.0"])
        let view = IndexView(keeps: { release, _ in release.purl.qualifiers["tag"] != "latest" })
        let written = try oci.writeIndex(document, for: request, scope: scope, view: view)
        #expect(String(decoding: written.bytes, as: UTF8.self).contains(#""tags":["1.0"]"#))
        let none = Document(Array(#"{"name":"library/farm","tags":null}"#.utf8))
        #expect(try oci.readIndex(none, companions: [], for: request, scope: scope).releases.isEmpty)
    }

    @Test func saysWhyInTheWordsOfRegistries() {
        let problem = Problem(
            .policyDenied,
            subject: "pkg:oci/farm",
            summary: "is too young",
            remedy: "Wait.",
            rule: "min_age"
        )
        let text = String(decoding: oci.document(for: problem).bytes, as: UTF8.self)
        #expect(
            text
                == #"{"errors":[{"code":"DENIED","message":"policy.denied (rule min_age): pkg:oci/farm is too young. Wait."}]}"#
        )
    }

    @Test func pingsAndTokensNeedNoNetwork() throws {
        let ping = Request(url: try HTTPURL("https://ghcr.io/v2/"))
        #expect(oci.ignorableAnswer(to: ping)?.bytes == Array("{}".utf8))
        let token = Request(url: try HTTPURL("https://auth.docker.io/token?service=x"))
        #expect(oci.ignorableAnswer(to: token).map { oci.tokens(in: $0) } == ["none", "none"])
        #expect(oci.ignorableAnswer(to: try request("latest")) == nil)
    }
}
