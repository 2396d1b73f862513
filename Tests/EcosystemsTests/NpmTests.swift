import Core
import Testing

@testable import Ecosystems

@Suite struct NpmTests {
    static let npm = Npm()

    static func url(_ path: String) throws -> HTTPURL { try HTTPURL("https://registry.npmjs.org" + path) }

    static func request(_ path: String, method: String = "GET", userAgent: String = "npm/10.8.2") throws -> Request {
        Request(method: method, url: try url(path), userAgent: userAgent)
    }

    static let async = Purl(type: "npm", name: "async")
    static let scoped = Purl(type: "npm", namespace: "@babel", name: "core")

    @Test(arguments: ["/@babel%2fcore", "/@babel%2Fcore", "/@babel/core"])
    func readsAScopedNameInEverySpelling(path: String) throws {
        #expect(try Self.npm.intent(of: Self.request(path)) == .index(.package(Self.scoped)))
    }

    @Test(arguments: [
        "/@babel/core/-/core-7.0.0-rc.1.tgz", "/@babel%2fcore/-/core-7.0.0-rc.1.tgz",
        "/@babel/core/-/@babel/core-7.0.0-rc.1.tgz", "/api/npm/group/@babel/core/-/core-7.0.0-rc.1.tgz",
    ])
    func namesTheReleaseOfATarballByItsFile(path: String) throws {
        let name = ArtifactName(release: Self.scoped.at("7.0.0-rc.1"), file: "core-7.0.0-rc.1.tgz")
        #expect(try Self.npm.intent(of: Self.request(path)) == .artifact(name))
    }

    @Test func leavesATarballAnonymousWhoseNameIsNotItsPackages() throws {
        let intent = try Self.npm.intent(of: Self.request("/async/-/other-1.0.0.tgz"))
        #expect(intent == .artifact(ArtifactName(file: "other-1.0.0.tgz")))
    }

    @Test func readsThePackageCalledDash() throws {
        let dash = Purl(type: "npm", name: "-")
        #expect(try Self.npm.intent(of: Self.request("/-")) == .index(.package(dash)))
        let file = ArtifactName(release: dash.at("0.0.1"), file: "--0.0.1.tgz")
        #expect(try Self.npm.intent(of: Self.request("/-/-/--0.0.1.tgz")) == .artifact(file))
    }

    @Test(arguments: [
        ("GET", "/async/latest", Intent.index(.package(async.at("latest")))),
        ("GET", "/@babel%2fcore/7.0.0", .index(.package(scoped.at("7.0.0")))),
        ("GET", "/async?write=true", .passThrough),
        ("POST", "/-/npm/v1/security/advisories/bulk", .passThrough),
        ("GET", "/-/v1/search?text=x", .search),
        ("GET", "/-/npm/v1/keys", .sidecar(release: nil, file: "keys")),
        (
            "GET", "/-/npm/v1/attestations/@babel%2fcore@7.0.0",
            .sidecar(release: scoped.at("7.0.0"), file: "attestations")
        ),
        ("GET", "/-/ping?write=true", .passThrough), ("GET", "/-/whoami", .passThrough),
        ("PUT", "/-/user/org.couchdb.user:me", .credential), ("POST", "/-/v1/login", .credential),
        ("POST", "/-/npm/v1/oidc/token/exchange/package/async", .credential),
        ("PUT", "/@babel%2fcore", .publish(scoped)), ("PUT", "/-/package/async/dist-tags/beta", .tag(async)),
        ("PUT", "/async/-rev/3-0df9", .yank(async)), ("DELETE", "/async/-/async-0.8.1.tgz/-rev/3-0df9", .yank(async)),
    ])
    func readsWhatAClientWants(method: String, path: String, intent: Intent) throws {
        #expect(try Self.npm.intent(of: Self.request(path, method: method)) == intent)
    }

    @Test(arguments: [
        "/.hidden", "/_design", "/a%2fb", "/@scope", "/na%22me", "/" + String(repeating: "n", count: 215),
    ])
    func refusesWhatIsNoPackageName(path: String) throws {
        #expect(throws: Malformed.self) { try Self.npm.intent(of: Self.request(path)) }
    }

    @Test(arguments: ["/-/binary/x.tgz", "/async/1.0.0/extra", "/-/npm/v2/x"])
    func leavesAloneWhatIsNotItsProtocol(path: String) throws {
        #expect(try Self.npm.intent(of: Self.request(path)) == nil)
    }

    @Test func asksForTheFullIndex() throws {
        let origin = try #require(Self.npm.defaultOrigin)
        let request = try #require(Self.npm.indexRequest(for: Self.scoped.at("7.0.0"), at: origin))
        #expect(request.url.description == "https://registry.npmjs.org/@babel%2fcore")
        #expect(request.accept == "application/json")
    }

    @Test func offersEverySplitOfAForeignFileName() throws {
        let url = try HTTPURL("https://files.example.org/a-1-2.0.0-beta-1.0.0.tgz")
        let found = Self.npm.candidates(forFile: url.file, at: url).map(\.description)
        #expect(found == ["pkg:npm/a-1-2.0.0-beta@1.0.0", "pkg:npm/a-1@2.0.0-beta-1.0.0"])
        let github = try HTTPURL("https://npm.pkg.github.com/download/@babel/core/7.0.0/0df9")
        #expect(Self.npm.candidates(forFile: github.file, at: github) == [Self.scoped.at("7.0.0")])
    }

    @Test func saysWhoATarballIs() throws {
        let file = "async-0.8.1.tgz"
        let inspection = try #require(Self.npm.inspection(ofFile: file))
        #expect(inspection.wants("package/package.json") && inspection.wants("async/package.json"))
        #expect(!inspection.wants("package.json") && !inspection.wants("package/lib/package.json"))
        let bytes = try Fixture.bytes("npm/async/package.json")
        let purl = try Self.npm.identity(ofFile: file, entries: ["package/package.json": bytes])
        #expect(purl == Self.async.at("0.8.1"))
    }

    @Test func readsThePackageFilesThatNpmTakes() throws {
        let text =
            "\u{FEFF}{ \"x\": {\"name\": \"}\\\"\"}, \"x\": 1, \"n\\u0061me\": \"async\", \"version\": \" v1.0.0+b\" }\n"
        let purl = try Self.npm.identity(ofFile: "async-1.0.0.tgz", entries: ["p/package.json": Array(text.utf8)])
        #expect(purl == Self.async.at("1.0.0"))
    }

    @Test(arguments: [
        #"{"name":"a","name":"b","version":"1.0.0"}"#, #"{"name":"a"}"#, #"{"name":"a","version":"one"}"#, "[", "{\"",
        #"{"name":"#, "",
    ])
    func refusesAPackageFileThatDoesNotSayWhoItIs(text: String) {
        #expect(throws: Malformed.self) {
            try Self.npm.identity(ofFile: "a-1.0.0.tgz", entries: ["package/package.json": Array(text.utf8)])
        }
    }

    @Test func refusesATarballWithTwoIdentities() {
        let bytes = Array(#"{"name":"a","version":"1.0.0"}"#.utf8)
        #expect(throws: Malformed.self) {
            try Self.npm.identity(ofFile: "a-1.0.0.tgz", entries: ["a/package.json": bytes, "b/package.json": bytes])
        }
    }
}
