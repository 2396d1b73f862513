import Core
import Ecosystems
import Testing

@Suite struct PyPIBadIndexTests {
    private func read(_ text: String, _ contentType: String) throws -> [Release] {
        let request = Request(url: try HTTPURL("https://pypi.org/simple/demo/"))
        let document = Document(Array(text.utf8), contentType: contentType, url: request.url)
        let scope = IndexScope.package(Purl(type: "pypi", name: "demo"))
        return try PyPI().readIndex(document, companions: [], for: request, scope: scope).releases
    }

    @Test(arguments: [
        ("", "text/html"), ("", "application/json"), ("<html>", "application/json"), ("{}", "text/html"),
        ("hello", "text/plain"), ("{\"files\":{}}", "application/json"), ("{}", "application/json"),
        ("{\"files\":[],\"files\":[]}", "application/json"), ("{\"files\":[]", "application/json"),
        ("{\"name\":\"other\",\"files\":[]}", "application/json"),
        ("{\"meta\":{\"api-version\":\"2.0\"},\"files\":[]}", "application/json"),
        ("<html><body><a href=demo-1.tar.gz>", "text/html"),
        ("<meta name=pypi:repository-version content=2.0><a href=demo-1.tar.gz>", "text/html"),
        ("<base href=javascript:0><a href=demo-1.tar.gz>", "text/html"),
        ("{\"info\":{\"name\":\"other\"},\"urls\":[]}", "application/json"),
        ("<html><title>Login</title>Please log in</html>\n", "text/html"),
    ])
    func refusesAPageThatIsNotWhatItSays(text: String, contentType: String) {
        #expect(throws: Malformed.self) { try read(text, contentType) }
    }

    @Test(arguments: [
        "<title>Links for Demo</title>", "<meta name=pypi:repository-version content=1.0>", "<a href=../>up</a>",
    ])
    func takesAPageOfNoFilesThatSaysWhatItIs(text: String) throws {
        #expect(try read("<html>\(text)</html>", "text/html").isEmpty)
    }

    @Test(arguments: [
        #"{"filename":"demo-1.0.tar.gz","url":"https://f.example/demo-2.0.tar.gz"}"#,
        #"{"filename":"demo-1.0.tar.gz"}"#, #"{"filename":7,"url":"demo-1.0.tar.gz"}"#, "7", "null", "[]",
        #"{"filename":"other-1.0.tar.gz","url":"other-1.0.tar.gz"}"#, #"{"url":"demo-1.0.tar.gz"}"#,
        #"{"filename":"demo-1.0.tar.gz","url":"javascript:0//demo-1.0.tar.gz"}"#,
        #"{"filename":"../demo-1.0.tar.gz","url":"x"}"#,
    ])
    func hidesAnEntryThatClientsCouldReadDifferently(entry: String) throws {
        #expect(try read(#"{"name":"demo","files":[\#(entry)]}"#, "application/json").isEmpty)
    }

    @Test func takesOnlyTheFirstOfTwoEntriesForOneFile() throws {
        let entry = #"{"filename":"demo-1.0.zip","url":"https://a.example/demo-1.0.zip","hashes":{}}"#
        let other = entry.replacing("a.example", with: "b.example")
        let releases = try read(#"{"files":[\#(entry),\#(other)]}"#, "application/json")
        #expect(releases.flatMap { $0.artifacts.map { $0.url?.origin.host } } == ["a.example"])
    }

    @Test func hidesAFileThatStandsUnderAnotherVersion() throws {
        let file = #"{"filename":"demo-2.0.zip","url":"https://a.example/demo-2.0.zip"}"#
        let page =
            #"{"info":{"name":"demo","version":"1.0"},"releases":{"1.0":[\#(file)],"2.0":[\#(file)]},"urls":[\#(file)]}"#
        #expect(try read(page, "application/json").map(\.purl.version) == ["2.0"])
    }

    @Test func tellsWhatTheIndexSaysAboutTheProject() throws {
        let page =
            #"{"project-status":{"status":"archived","reason":"moved"},"files":[{"filename":"demo-1.zip","url":"demo-1.zip"}]}"#
        #expect(try read(page, "application/json").first?.deprecated == Withdrawal(reason: "archived: moved"))
    }

    @Test func survivesDamagedPages() throws {
        var noise = Noise(seed: 3)
        let pages = [
            (try Fixture.bytes("pypi/simple-html-with-traps/input.html"), "text/html"),
            (try Fixture.bytes("pypi/simple-json-with-young-release/input.json"), "application/json"),
            (try Fixture.bytes("pypi/project-json-with-hidden-newest/input.json"), "application/json"),
        ]
        let request = Request(url: try HTTPURL("https://pypi.org/simple/demo/"))
        for (bytes, contentType) in pages {
            for _ in 0..<150 {
                let document = Document(noise.damaged(bytes), contentType: contentType, url: request.url)
                for name in ["demo", "iniconfig"] {
                    let scope = IndexScope.package(Purl(type: "pypi", name: name))
                    let view = IndexView(
                        keeps: { _, artifact in artifact.file.utf8.count.isMultiple(of: 2) },
                        link: { "/\($0)" }
                    )
                    _ = try? PyPI().readIndex(document, companions: [document], for: request, scope: scope)
                    _ = try? PyPI().writeIndex(document, for: request, scope: scope, view: view)
                }
            }
        }
    }

    @Test func readsAPageOfManyUnclosedPartsInOneWalk() throws {
        let text = "<html><body>" + String(repeating: "<a href='demo-1.0.zip' <!-- <script <a x=\"", count: 20_000)
        #expect(throws: Malformed.self) { try read(text, "text/html") }
    }
}
