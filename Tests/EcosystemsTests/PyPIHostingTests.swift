import Core
import Ecosystems
import Testing

@Suite struct PyPIHostingTests {
    static let sha256 = String(repeating: "a", count: 64)
    static let fields = [
        ":action": "file_upload", "protocol_version": "1", "metadata_version": "2.4", "name": "My.App",
        "version": "1.0.0",
        "filetype": "bdist_wheel", "pyversion": "py3", "sha256_digest": sha256, "requires_python": ">=3.9",
        "license_expression": "MIT", "blake2_256_digest": sha256,
    ]

    private func publish(_ changes: [String: String] = [:], file: String = "my_app-1.0-py3-none-any.whl") throws
        -> Publication
    {
        let fields = Self.fields.merging(changes) { _, new in new }.map { (name: $0.key, value: $0.value) }
        let digest = try #require(Digest(.sha256, hex: Self.sha256))
        let more = [(name: "classifiers", value: "a"), (name: "classifiers", value: "b")]
        return try PyPI().readPublication(
            PublicationForm(fields: fields + more, file: file, size: 7, digests: [digest])
        )
    }

    @Test func readsAnUploadOfTwine() throws {
        let publication = try publish()
        #expect(publication.release.purl.description == "pkg:pypi/my-app@1.0.0")
        #expect(publication.release.license == "MIT")
        #expect(publication.artifact.attributes["requires-python"] == ">=3.9")
        #expect(publication.artifact.size == 7 && publication.artifact.digests.map(\.hex) == [Self.sha256])
        let source = ["filetype": "sdist", "pyversion": "source"]
        #expect(try publish(source, file: "my_app-1.0.tar.gz").artifact.file == "my_app-1.0.tar.gz")
    }

    @Test(arguments: [
        ([":action": "submit"], "Invalid value for :action"), (["name": "-x"], "Invalid value for name"),
        (["name": ""], "This field is required"), (["version": "one"], "is an invalid version"),
        (["protocol_version": "2"], "Unknown protocol version"), (["filetype": "bdist_egg"], "Use a known file type"),
        (["filetype": "sdist"], "Use 'source'"), (["pyversion": ""], "Python version is required"),
        (["version": "1.1"], "Version in filename should be '1.1' not '1.0'"),
        (["name": "other"], "Start filename for 'other'"),
        (["sha256_digest": String(repeating: "b", count: 64)], "does not match a digest calculated"),
        (["sha256_digest": "zz"], "hex-encoded"), (["sha256_digest": ""], "Include a sha256_digest"),
        (["blake2_256_digest": "00"], "blake2_256_digest"),
    ])
    func refusesFieldsAsPyPIDoes(changes: [String: String], wording: String) {
        #expect { try publish(changes) } throws: { "\($0)".contains(wording) }
    }

    @Test(arguments: [
        ("../my_app-1.0-py3-none-any.whl", "'/' or '\\'"), ("a\\my_app-1.0-py3-none-any.whl", "'/' or '\\'"),
        ("my_app-1.0.exe", "Invalid file extension"), ("my_app-1.0-py3-none-any.whl\n.whl", "Invalid file extension"),
        ("my_app-1.0.whl", "Invalid wheel filename"), ("my_app-1.0.tar.gz", "does not belong to the file type"),
    ])
    func refusesFileNamesAsPyPIDoes(file: String, wording: String) {
        #expect { try publish(file: file) } throws: { "\($0)".contains(wording) }
    }

    @Test func refusesAFieldThatStandsThereTwice() throws {
        let fields = Self.fields.map { (name: $0.key, value: $0.value) } + [(name: "name", value: "other")]
        let form = PublicationForm(fields: fields, file: "my_app-1.0-py3-none-any.whl", size: 1, digests: [])
        #expect(throws: Malformed.self) { try PyPI().readPublication(form) }
    }

    private static func hosted() throws -> PackageIndex {
        let app = Purl(type: "pypi", name: "my-app")
        var old = Artifact(file: "my_app-0.9.tar.gz", url: try HTTPURL("http://us.example/files/9/my_app-0.9.tar.gz"))
        old.yanked = Withdrawal(reason: "\"<broken>\"")
        var new = Artifact(
            file: "my_app-1.0-py3-none-any.whl",
            url: try HTTPURL("http://us.example/files/1/my_app-1.0-py3-none-any.whl")
        )
        new.digests = [try #require(Digest(.sha256, hex: sha256))]
        new.size = 7
        new.published = PublishTime(Timestamp(seconds: 0), basis: .registryTime)
        new.attributes = ["requires-python": ">=3.9", "core-metadata": "sha256=\(sha256)"]
        return PackageIndex(
            scope: .package(app),
            releases: [Release(purl: app.at("0.9"), artifacts: [old]), Release(purl: app.at("1.0"), artifacts: [new])]
        )
    }

    @Test(arguments: [
        (
            "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01",
            "v1+json"
        ),
        (
            "application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01, application/vnd.pypi.simple.v1+json;q=0.1",
            "v1+html"
        ),
        ("text/html", "text/html; charset=utf-8"), ("", "text/html; charset=utf-8"),
        ("*/*", "text/html; charset=utf-8"),
        ("application/vnd.pypi.simple.v1+json;q=0, text/html;q=0.5", "text/html; charset=utf-8"),
        ("application/vnd.pypi.simple.latest+json", "v1+json"),
        ("application/vnd.pypi.simple.v1+json;q=x,text/html;q=-1", "text/html"),
    ])
    func printsWhatTheClientAsksFor(accept: String, contentType: String) throws {
        let request = Request(url: try HTTPURL("http://us.example/main/dev/pypi/simple/my-app/"), accept: accept)
        let view = IndexView(keeps: { _, _ in true }, link: { "/led\($0.path)" })
        let document = PyPI().printIndex(try Self.hosted(), for: request, view: view)
        #expect(document.contentType.contains(contentType))
        let printed = Document(document.bytes, contentType: document.contentType, url: request.url)
        let scope = IndexScope.package(Purl(type: "pypi", name: "my-app"))
        let releases = try PyPI().readIndex(printed, companions: [], for: request, scope: scope).releases
        #expect(releases.map(\.purl.version) == ["0.9", "1.0"])
        #expect(releases[0].yanked == Withdrawal(reason: "\"<broken>\""))
        #expect(releases[1].artifacts[0].digests.map(\.hex) == [Self.sha256])
        #expect(releases[1].artifacts[0].url?.path == "/led/files/1/my_app-1.0-py3-none-any.whl")
        #expect(
            releases[1].artifacts[0].attributes == [
                "requires-python": ">=3.9", "core-metadata": "sha256=\(Self.sha256)",
            ]
        )
    }

    @Test func hidesReleasesWithoutShownFiles() throws {
        let request = Request(
            url: try HTTPURL("http://us.example/simple/my-app/"),
            accept: "application/vnd.pypi.simple.v1+json"
        )
        let view = IndexView(keeps: { release, _ in release.purl.version == "1.0" })
        let text = String(decoding: PyPI().printIndex(try Self.hosted(), for: request, view: view).bytes, as: UTF8.self)
        #expect(text.contains("\"versions\":[\"1.0\"]") && !text.contains("0.9"))
    }

    @Test func printsTheCatalogueInBothForms() throws {
        let packages = [Purl(type: "pypi", name: "b"), Purl(type: "pypi", name: "a")]
        let url = try HTTPURL("http://us.example/simple/")
        let json = try #require(
            PyPI().printCatalogue(packages, for: Request(url: url, accept: "application/vnd.pypi.simple.v1+json"))
        )
        #expect(
            String(decoding: json.bytes, as: UTF8.self)
                == #"{"meta":{"api-version":"1.1"},"projects":[{"name":"a"},{"name":"b"}]}"#
        )
        let html = try #require(PyPI().printCatalogue(packages, for: Request(url: url)))
        #expect(String(decoding: html.bytes, as: UTF8.self).contains("<a href=\"a/\">a</a>"))
    }
}
