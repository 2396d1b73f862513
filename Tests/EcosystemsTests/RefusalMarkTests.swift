import Core
import Ecosystems
import Testing

/// A refused release that a lockfile pins stays listed, with the mark that keeps resolvers away, and no pointer leads to it.
@Suite struct RefusalMarkTests {
    private static let reason = "policy.denied min_age: it is \"young\" & <new>"
    private static let view = IndexView(
        keeps: { _, _ in true },
        refusal: { release, _ in release.purl.version == "2.0.0" ? reason : nil }
    )

    private func written(_ ecosystem: any Ecosystem, _ url: String, _ text: String, _ type: String = "application/json")
        throws -> String
    {
        let url = try HTTPURL(url)
        let request = Request(url: url)
        guard case .index(let scope)? = try ecosystem.intent(of: request) else { throw Malformed("no index") }
        let document = Document(Array(text.utf8), contentType: type, url: url)
        let printed = try ecosystem.writeIndex(document, for: request, scope: scope, view: Self.view)
        // A page that is led to us afterwards keeps its marks.
        let second = IndexView(keeps: { _, _ in true }, link: { "http://127.0.0.1:1/secret\($0.path)" })
        let led = try ecosystem.writeIndex(printed, for: request, scope: scope, view: second)
        let texts = [printed, led].map { String(decoding: $0.bytes, as: UTF8.self) }
        #expect(texts[1].contains("2.0.0"))
        return texts[0]
    }

    @Test func onPyPIItIsYankedInEveryRepresentation() throws {
        let html = """
            <!DOCTYPE html><html><body><a href="https://files.pythonhosted.org/demo-1.0.0.tar.gz">demo-1.0.0.tar.gz</a>
            <a href="https://files.pythonhosted.org/demo-2.0.0.tar.gz" data-yanked="">demo-2.0.0.tar.gz</a></body></html>
            """
        let page = try written(PyPI(), "https://pypi.org/simple/demo/", html, "text/html")
        #expect(page.ranges(of: "data-yanked").count == 1)
        #expect(
            page.contains("data-yanked=\"policy.denied min_age: it is &quot;young&quot; &amp; &lt;new&gt;\""),
            "\(page)"
        )
        func file(_ version: String) -> String {
            """
            {"filename":"demo-\(version).tar.gz","url":"https://files.pythonhosted.org/demo-\(version).tar.gz",\
            "digests":{},"yanked":false,"yanked_reason":null}
            """
        }
        let json = """
            {"info":{"name":"demo","version":"2.0.0"},"releases":{"1.0.0":[\(file("1.0.0"))],"2.0.0":[\(file("2.0.0"))]},\
            "urls":[\(file("2.0.0"))]}
            """
        let project = try written(PyPI(), "https://pypi.org/pypi/demo/json", json)
        #expect(project.contains(#""version":"1.0.0""#) && !project.contains(#""version":"2.0.0""#), "\(project)")
        #expect(
            project.contains(#""yanked":true"#) && project.contains(#""yanked_reason":"policy.denied"#),
            "\(project)"
        )
    }

    @Test func onNpmItIsDeprecatedAndNoTagLeadsThere() throws {
        func version(_ version: String) -> String {
            #""\#(version)":{"name":"demo","version":"\#(version)","dist":{"tarball":"https://registry.npmjs.org/demo/-/demo-\#(version).tgz"}}"#
        }
        let text = """
            {"name":"demo","dist-tags":{"latest":"2.0.0","next":"2.0.0","old":"1.0.0"},\
            "versions":{\(version("1.0.0")),\(version("1.1.0-rc.1")),\(version("2.0.0"))},\
            "time":{"1.0.0":"2024-01-01T00:00:00Z","2.0.0":"2024-01-02T00:00:00Z"}}
            """
        let printed = try written(Npm(), "https://registry.npmjs.org/demo", text)
        #expect(printed.contains(#""latest":"1.0.0""#) && printed.contains(#""old":"1.0.0""#), "\(printed)")
        #expect(!printed.contains(#""next""#))
        #expect(printed.contains(#""2.0.0":"2024-01-02T00:00:00Z""#))
        #expect(printed.ranges(of: #""deprecated":"policy.denied min_age"#).count == 1)
    }

    @Test func onNuGetItIsUnlisted() throws {
        let leaves = ["1.0.0", "2.0.0"].map { version in
            #"{"catalogEntry":{"id":"Demo","version":"\#(version)","listed":true},"packageContent":"https://api.nuget.org/v3-flatcontainer/demo/\#(version)/demo.\#(version).nupkg"}"#
        }
        let text = #"{"items":[{"items":[\#(leaves.joined(separator: ","))]}]}"#
        let url = "https://api.nuget.org/v3/registration5-gz-semver2/demo/index.json"
        let printed = try written(NuGet(), url, text)
        #expect(printed.contains(#""version":"2.0.0","listed":false"#), "\(printed)")
        #expect(printed.contains(#""version":"1.0.0","listed":true"#))
    }

    @Test func whereThereIsNoMarkItIsListedAsItWas() throws {
        let terraform = #"{"versions":[{"version":"1.0.0"},{"version":"2.0.0"}]}"#
        let url = "https://registry.terraform.io/v1/providers/demo/cloud/versions"
        #expect(try written(Terraform(), url, terraform) == terraform)
        let gem =
            "---\n1.0.0 |checksum:\(String(repeating: "a", count: 64))\n2.0.0 |checksum:\(String(repeating: "b", count: 64))\n"
        #expect(try written(RubyGems(), "https://index.rubygems.org/info/demo", gem, "text/plain") == gem)
    }
}
