import Core
import Ecosystems
import Testing

@Suite struct PyPIIndexTests {
    static let pypi = PyPI()
    static let json = "application/vnd.pypi.simple.v1+json"
    static let html = "text/html"

    private struct Page {
        let request: Request
        let scope: IndexScope
        let document: Document

        init(_ fixture: String, _ contentType: String, of name: String, at url: String) throws {
            try self.init(try Fixture.bytes("pypi/\(fixture)"), contentType, of: name, at: url)
        }

        init(_ bytes: [UInt8], _ contentType: String, of name: String, at url: String) throws {
            request = Request(url: try HTTPURL(url), accept: PyPIIndexTests.json)
            scope = .package(Purl(type: "pypi", name: name))
            document = Document(bytes, contentType: contentType, url: request.url)
        }

        func read(_ companions: [Document] = []) throws -> [Release] {
            try pypi.readIndex(document, companions: companions, for: request, scope: scope).releases
        }

        func written(
            _ link: (@Sendable (HTTPURL) -> String)? = nil,
            keeps: @escaping @Sendable (Release, Artifact) -> Bool
        )
            throws -> Document
        {
            try pypi.writeIndex(document, for: request, scope: scope, view: IndexView(keeps: keeps, link: link))
        }
    }

    private static func iniconfig(_ fixture: String, _ type: String, path: String = "/simple/iniconfig/") throws -> Page
    {
        try Page(fixture, type, of: "iniconfig", at: "https://pypi.org\(path)")
    }

    @Test func readsDatesThatAMirrorAddsToItsLinks() throws {
        let page = try Self.iniconfig("simple-html-of-a-poor-mirror/input.html", Self.html)
        let releases = try page.read()
        #expect(releases.map(\.purl.version) == ["0.1", "2.0.0", "2.3.1"])
        #expect(
            releases[0].published
                == Timestamp(rfc3339: "2010-10-12T17:42:07Z").map { PublishTime($0, basis: .uploadTime) }
        )
        #expect(releases[2].artifacts.map(\.file) == ["iniconfig-2.3.1-py3-none-any.whl", "iniconfig-2.3.1.tar.gz"])
        #expect(releases[2].artifacts[0].attributes["requires-python"] == ">=3.10")
        #expect(releases[0].artifacts[0].digests.map(\.algorithm) == [.sha256])
        #expect(Self.pypi.companions(of: page.document, for: page.request, scope: page.scope).isEmpty)
    }

    @Test func printsACleanPageWithoutRefusedReleases() throws {
        let page = try Self.iniconfig("simple-html-of-a-poor-mirror/input.html", Self.html)
        let output = try page.written { release, _ in release.purl.version != "2.3.1" }
        try Fixture.expect(output.bytes, equals: "pypi/simple-html-of-a-poor-mirror/expected.html")
        #expect(output.contentType == "text/html; charset=utf-8")
    }

    @Test func letsNothingButLinksToFilesThrough() throws {
        let page = try Page(
            "simple-html-with-traps/input.html",
            Self.html,
            of: "demo",
            at: "https://index.example/simple/demo/"
        )
        let releases = try page.read()
        #expect(releases.map(\.purl.version) == ["1.0", "1.1", "1.2", "1.3+cu118"])
        #expect(releases[0].artifacts.map { $0.url?.description } == ["https://files.example/deep/demo-1.0.tar.gz"])
        #expect(releases[1].yanked == Withdrawal() && releases[1].artifacts[0].attributes["core-metadata"] == "true")
        #expect(releases[2].yanked == Withdrawal(reason: "a \"bad\" <build>"))
        #expect(releases[3].evidence == PublisherEvidence(.provenance))
        let output = try page.written { _, _ in true }
        try Fixture.expect(output.bytes, equals: "pypi/simple-html-with-traps/expected.html")
        let again = try Page(output.bytes, output.contentType, of: "demo", at: "https://index.example/simple/demo/")
        #expect(try again.read() == releases)
    }

    @Test func editsJSONInPlace() throws {
        let page = try Self.iniconfig("simple-json-with-young-release/input.json", Self.json)
        let releases = try page.read()
        #expect(releases.map(\.purl.version) == ["2.0.0", "2.3.1"])
        #expect(releases[1].evidence == PublisherEvidence(.provenance) && releases[0].evidence == nil)
        #expect(releases[1].artifacts[0].size == 7_552)
        #expect(releases[1].artifacts[0].attributes["core-metadata"]?.hasPrefix("sha256=aaaa") == true)
        let output = try page.written { release, _ in release.purl.version != "2.3.1" }
        try Fixture.expect(output.bytes, equals: "pypi/simple-json-with-young-release/expected.json")
        #expect(output.contentType == Self.json)
        // Nothing refused, nothing touched.
        #expect(try page.written { _, _ in true }.bytes == page.document.bytes)
    }

    @Test func leadsEveryLinkInRegistryMode() throws {
        let link: @Sendable (HTTPURL) -> String = {
            "http://127.0.0.1:9/s/pypi/-/\($0.origin.scheme)/\($0.origin.authority)\($0.path)"
        }
        let json = try Self.iniconfig("simple-json-with-young-release/input.json", Self.json).written(link) { _, _ in
            true
        }
        let html = try Self.iniconfig("simple-html-of-a-poor-mirror/input.html", Self.html).written(link) { _, _ in true
        }
        for document in [json, html] {
            let text = String(decoding: document.bytes, as: UTF8.self)
            #expect(!text.contains("\"https://files") && !text.contains("\"https://pypi.org/integrity"))
            #expect(text.contains("http://127.0.0.1:9/s/pypi/-/https/files.pythonhosted.org/packages/"))
        }
        #expect(String(decoding: html.bytes, as: UTF8.self).contains(".whl#sha256="))
    }

    @Test func hidesOneFileAndKeepsItsRelease() throws {
        let page = try Self.iniconfig("simple-json-with-young-release/input.json", Self.json)
        let output = try page.written { _, artifact in !artifact.file.hasSuffix(".whl") }
        let again = try Page(output.bytes, Self.json, of: "iniconfig", at: "https://pypi.org/simple/iniconfig/")
        #expect(
            try again.read().flatMap { $0.artifacts.map(\.file) } == [
                "iniconfig-2.0.0.tar.gz", "iniconfig-2.3.1.tar.gz",
            ]
        )
        #expect(String(decoding: output.bytes, as: UTF8.self).contains("\"versions\":[\"0.0\",\"2.0.0\",\"2.3.1\"]"))
    }

    @Test func filtersTheProjectPageAsItFiltersTheSimpleOne() throws {
        let page = try Self.iniconfig(
            "project-json-with-hidden-newest/input.json",
            "application/json",
            path: "/pypi/iniconfig/json"
        )
        #expect(try page.read().map(\.purl.version) == ["2.0.0", "2.3.1"])
        let output = try page.written { release, _ in release.purl.version != "2.3.1" }
        try Fixture.expect(output.bytes, equals: "pypi/project-json-with-hidden-newest/expected.json")
        let empty = try page.written { _, _ in false }
        #expect(!String(decoding: empty.bytes, as: UTF8.self).contains(".whl"))
    }

    @Test func takesMissingDatesFromTheProjectPage() throws {
        let html = String(decoding: try Fixture.bytes("pypi/simple-html-of-a-poor-mirror/input.html"), as: UTF8.self)
        let bare = Array(html.replacing(#/\ data-upload-time="[^"]*"/#, with: "").utf8)
        let page = try Page(bare, Self.html, of: "iniconfig", at: "https://pypi.org/simple/iniconfig/")
        #expect(try page.read().allSatisfy { $0.published == nil })
        let wanted = Self.pypi.companions(of: page.document, for: page.request, scope: page.scope)
        #expect(wanted.map(\.url.description) == ["https://pypi.org/pypi/iniconfig/json"])
        let companion = Document(
            try Fixture.bytes("pypi/project-json-with-hidden-newest/input.json"),
            contentType: "application/json",
            url: wanted.first?.url
        )
        let releases = try page.read([companion, Document(Array("{".utf8), contentType: "application/json")])
        #expect(releases.map { $0.published?.time.day } == [nil, "2023-01-07", "2026-10-06"])
        #expect(releases[2].artifacts[0].size == 7_552)
        // A client that only takes HTML: the JSON form of the same page is asked first.
        let old = Request(url: page.request.url, accept: "text/html")
        let more = Self.pypi.companions(of: page.document, for: old, scope: page.scope)
        #expect(more.map(\.url.path) == ["/simple/iniconfig/", "/pypi/iniconfig/json"])
    }

    @Test func resolvesLinksAgainstThePlaceThePageCameFrom() throws {
        let bytes = Array(#"{"name":"a","files":[{"filename":"a-1.zip","url":"../f/a-1.zip","hashes":{}}]}"#.utf8)
        let request = Request(url: try HTTPURL("https://pypi.org/simple/A/"))
        let moved = Document(bytes, contentType: Self.json, url: try HTTPURL("https://mirror.example/x/simple/a/"))
        let scope = IndexScope.package(Purl(type: "pypi", name: "a"))
        let output = try Self.pypi.writeIndex(
            moved,
            for: request,
            scope: scope,
            view: IndexView(keeps: { _, _ in true })
        )
        #expect(String(decoding: output.bytes, as: UTF8.self).contains("https://mirror.example/x/simple/f/a-1.zip"))
    }
}
