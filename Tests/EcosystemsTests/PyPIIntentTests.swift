import Core
import Ecosystems
import Testing

@Suite struct PyPIIntentTests {
    static let digest = String(repeating: "0", count: 60)

    private func intent(_ url: String, method: String = "GET", accept: String = "") throws -> Intent? {
        try PyPI().intent(of: Request(method: method, url: HTTPURL(url), accept: accept))
    }

    @Test(arguments: [
        ("https://pypi.org/simple/zope.interface/", "zope-interface"),
        ("https://pypi.org/simple/Zope_Interface", "zope-interface"),
        ("https://pypi.org/simple/simple/", "simple"),
        ("https://pypi.org/pypi/Django/json", "django"),
        ("https://pypi.org/pypi/simple/json", "simple"),
        ("http://devpi.example/root/pypi/+simple/six/", "six"),
        ("https://nexus.example/repository/pypi/simple/six/", "six"),
        ("https://gitlab.example/api/v4/projects/1/packages/pypi/simple/six", "six"),
        ("https://mirror.example/simple/simple/simple/", "simple"),
    ])
    func readsIndexes(url: String, name: String) throws {
        #expect(try intent(url) == .index(.package(Purl(type: "pypi", name: name))))
        #expect(try intent(url, method: "HEAD") == .index(.package(Purl(type: "pypi", name: name))))
    }

    @Test func takesAPrivatePathForAnIndexOnlyWhenTheClientSaysSo() throws {
        let accept = "application/vnd.pypi.simple.v1+json, text/html;q=0.01"
        let url = "https://download.example/whl/cu118/torch/"
        #expect(try intent(url, accept: accept) == .index(.package(Purl(type: "pypi", name: "torch"))))
        #expect(try intent(url) == .passThrough)
        let file = "https://download.example/whl/cu118/torch-2.0%2Bcu118-cp311-cp311-linux_x86_64.whl"
        let release = Purl(type: "pypi", name: "torch", version: "2.0+cu118")
        let name = "torch-2.0+cu118-cp311-cp311-linux_x86_64.whl"
        #expect(try intent(file, accept: accept) == .artifact(ArtifactName(release: release, file: name)))
    }

    @Test(arguments: [
        ("python-dateutil-2.9.0.tar.gz", "python-dateutil", "2.9.0"),
        ("six-1.16.0-py2.py3-none-any.whl", "six", "1.16.0"),
        ("zope.interface-5.0.0.zip", "zope-interface", "5.0.0"),
        ("foo_bar-1.0-1-cp311-abi3-linux_x86_64.whl", "foo-bar", "1.0"),
        ("local-1.0+cu118-py3-none-any.whl", "local", "1.0+cu118"), ("x-1!2.0.tar.gz", "x", "1!2.0"),
        ("Foo-1.0RC1.tar.bz2", "foo", "1.0rc1"), ("setuptools-0.6c11-py2.7.egg", "setuptools", "0.6rc11"),
        ("numpy-1.8.0.win32-py2.7.exe", "numpy", "1.8.0"),
    ])
    func namesTheReleaseThatAFileNameTells(file: String, name: String, version: String) throws {
        let release = Purl(type: "pypi", name: name, version: version)
        let url = "https://files.pythonhosted.org/packages/ab/cd/\(Self.digest)/\(file)"
        #expect(try intent(url) == .artifact(ArtifactName(release: release, file: file)))
        #expect(try intent(url + ".metadata") == .sidecar(release: release, file: file + ".metadata"))
        #expect(try intent(url + ".asc") == .sidecar(release: release, file: file + ".asc"))
        #expect(PyPI().candidates(forFile: file, at: try HTTPURL(url)) == [release])
    }

    @Test func leavesAnAmbiguousFileAnonymousAndNamesItsCandidates() throws {
        let url = try HTTPURL("https://files.pythonhosted.org/packages/x/foo-1-2.tar.gz")
        #expect(try intent("\(url)") == .artifact(ArtifactName(file: "foo-1-2.tar.gz")))
        #expect(
            PyPI().candidates(forFile: "foo-1-2.tar.gz", at: url) == [
                Purl(type: "pypi", name: "foo-1", version: "2"), Purl(type: "pypi", name: "foo", version: "1.post2"),
            ]
        )
    }

    @Test(arguments: ["a-b.whl", "noversion.tar.gz", "-1.0.tar.gz", "a-1.0-py3-none.whl", "a-b-c-d-e-f-g.whl", "x.txt"])
    func neverGuessesARelease(file: String) throws {
        let url = try HTTPURL("https://files.pythonhosted.org/packages/x/\(file)")
        #expect(try intent("\(url)") == .artifact(ArtifactName(file: file)))
        #expect(PyPI().candidates(forFile: file, at: url).isEmpty)
    }

    @Test func readsTheRestOfTheProtocol() throws {
        #expect(try intent("https://pypi.org/simple/") == .passThrough)
        #expect(try intent("https://pypi.org/") == .passThrough)
        #expect(try intent("https://pypi.org/rss/updates.xml") == .passThrough)
        #expect(try intent("https://pypi.org/project/six/") == .passThrough)
        let six = Purl(type: "pypi", name: "six", version: "1.16.0")
        #expect(
            try intent("https://pypi.org/integrity/Six/1.16.0/six-1.16.0.tar.gz/provenance")
                == .sidecar(release: six, file: "six-1.16.0.tar.gz.provenance")
        )
        #expect(try intent("https://upload.pypi.org/legacy/", method: "POST") == .publish(nil))
        #expect(try intent("https://pypi.org/pypi", method: "POST") == .search)
        #expect(try intent("https://pypi.org/_/oidc/audience") == .credential)
        #expect(try intent("https://pypi.org/_/oidc/mint-token", method: "POST") == .credential)
        #expect(try intent("https://devpi.example/root/dev/six/1.0", method: "DELETE") == .yank(nil))
        #expect(try intent("https://pypi.org/simple/six/", method: "TRACE") == nil)
    }

    @Test(arguments: ["/simple/-six/", "/simple/six%20/", "/simple/a%2Fb/", "/simple/%C3%BC/", "/pypi/a%2Fb/json"])
    func refusesWhatIsNoProjectName(path: String) throws {
        #expect(throws: Malformed.self) { try intent("https://pypi.org\(path)") }
    }

    @Test func refusesANameOfTenThousandBytes() throws {
        let name = String(repeating: "n", count: 8_000)
        #expect(throws: Malformed.self) { try intent("https://pypi.org/simple/\(name)/") }
    }

    @Test func asksTheIndexHostForTheFactsOfAFile() throws {
        let six = Purl(type: "pypi", name: "six", version: "1.16.0")
        let request = try #require(PyPI().indexRequest(for: six, at: Origin(.https, "files.pythonhosted.org")))
        #expect(request.url.description == "https://pypi.org/simple/six/")
        #expect(request.accept.hasPrefix("application/vnd.pypi.simple.v1+json"))
        #expect(try PyPI().intent(of: request) == .index(.package(six.package)))
    }
}
