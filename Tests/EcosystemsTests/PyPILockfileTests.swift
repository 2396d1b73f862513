import Core
import Ecosystems
import Testing

@Suite struct PyPILockfileTests {
    static let a = String(repeating: "a", count: 64)
    static let b = String(repeating: "b", count: 64)

    private func pins(_ text: String, _ name: String) throws -> [Pin] {
        try PyPI().pins(in: Array(text.utf8), named: name)
    }

    private static func digest(_ hex: String) throws -> Digest { try #require(Digest(.sha256, hex: hex)) }

    @Test func readsHashedRequirements() throws {
        let text = """
            # via pip-compile
            --index-url https://pypi.org/simple
            Zope.Interface[test] == 5.0 ; python_version > "3" \\
                --hash=sha256:\(Self.a) \\
                --hash=sha256:\(Self.b)\r
                # via demo
            demo @ https://host.example/x/demo-1.0-py3-none-any.whl#sha256=\(Self.a)
            six==1.16.0
            -e git+https://x.example/y#egg=z
            loose>=1.0 --hash=sha256:\(Self.a)
            """
        let zope = Purl(type: "pypi", name: "zope-interface", version: "5.0")
        let pins = try pins(text, "requirements-dev.txt")
        let demo = Purl(type: "pypi", name: "demo", version: "1.0")
        // A version without hashes pins the release, whatever its bytes are.
        #expect(pins.map(\.release) == [zope, zope, demo, Purl(type: "pypi", name: "six", version: "1.16.0")])
        let (a, b) = (try Self.digest(Self.a), try Self.digest(Self.b))
        #expect(pins.map(\.digests) == [[a], [b], [a], []])
        #expect(pins.map(\.file) == [nil, nil, "demo-1.0-py3-none-any.whl", nil])
        #expect(pins[2].url?.description == "https://host.example/x/demo-1.0-py3-none-any.whl")
    }

    @Test func readsUVsLock() throws {
        let text = """
            version = 1
            requires-python = ">=3.11"

            [[package]]
            name = "six"
            version = "1.16.0"
            source = { registry = "https://pypi.org/simple" }
            sdist = { url = "https://files.pythonhosted.org/packages/71/six-1.16.0.tar.gz", hash = "sha256:\(Self.a)", size = 34041, upload-time = "2021-05-05T14:18:18.379Z" }
            wheels = [
                { url = "https://files.pythonhosted.org/packages/d9/six-1.16.0-py2.py3-none-any.whl", hash = "sha256:\(Self.b)", size = 11053 }, # last
            ]

            [[package]]
            name = "app"
            version = "0.1.0"
            source = { editable = "." }
            dependencies = [{ name = "six", marker = "python_full_version >= '3.11'" }]

            [package.metadata]
            requires-dist = [{ name = "six" }]
            """
        let pins = try pins(text, "uv.lock")
        #expect(pins.map(\.file) == ["six-1.16.0.tar.gz", "six-1.16.0-py2.py3-none-any.whl"])
        #expect(pins.allSatisfy { $0.release == Purl(type: "pypi", name: "six", version: "1.16.0") })
        #expect(pins[0].published?.time.description == "2021-05-05T14:18:18Z" && pins[1].published == nil)
        #expect(pins[1].digests == [try Self.digest(Self.b)])
        #expect(pins[0].url?.description == "https://files.pythonhosted.org/packages/71/six-1.16.0.tar.gz")
    }

    @Test func readsPoetrysLockOfBothShapes() throws {
        let files = "[{file = \"six-1.16.0.tar.gz\", hash = \"sha256:\(Self.a)\"}]"
        let new =
            "[[package]]\nname = \"six\"\nversion = \"1.16.0\"\nfiles = \(files)\n[metadata]\nlock-version = \"2.0\"\n"
        let old = "[[package]]\nname = \"six\"\nversion = \"1.16.0\"\n[metadata.files]\nsix = \(files)\n"
        for text in [new, old] {
            let pins = try pins(text, "poetry.lock")
            #expect(pins.map(\.release.description) == ["pkg:pypi/six@1.16.0"] && pins[0].file == "six-1.16.0.tar.gz")
        }
        #expect(try pins(new, "pdm.lock").count == 1)
    }

    @Test func readsPylock() throws {
        let text = """
            lock-version = '1.0'
            [[packages]]
            name = "Six"
            version = "1.16.0"
            index = "https://pypi.org/simple"
            [[packages.wheels]]
            name = "six-1.16.0-py2.py3-none-any.whl"
            url = "https://files.pythonhosted.org/x/six-1.16.0-py2.py3-none-any.whl"
            upload-time = 2021-05-05T14:18:17Z
            [packages.wheels.hashes]
            sha256 = "\(Self.a)"
            [packages.sdist]
            name = "six-1.16.0.tar.gz"
            hashes = {sha256 = "\(Self.b)"}
            """
        let pins = try pins(text, "pylock.dev.toml")
        #expect(pins.map(\.file) == ["six-1.16.0.tar.gz", "six-1.16.0-py2.py3-none-any.whl"])
        #expect(pins[1].published?.time.description == "2021-05-05T14:18:17Z")
    }

    @Test func readsPipenvsLock() throws {
        let text = """
            {"_meta": {"hash": {"sha256": "x"}}, "default": {"Six": {"hashes": ["sha256:\(Self.a)", "sha256:\(Self.b)"],
            "version": "==1.16.0"}, "git": {"ref": "x"}}, "develop": {}}
            """
        let pins = try pins(text, "Pipfile.lock")
        #expect(pins.map(\.release.description) == ["pkg:pypi/six@1.16.0", "pkg:pypi/six@1.16.0"])
        #expect(pins.flatMap(\.digests).map(\.hex) == [Self.a, Self.b])
    }

    /// A name of one's own registry is nobody else's business.
    @Test func saysWhichRegistryAReleaseIsFrom() throws {
        func poetry(_ source: String) throws -> [Purl] {
            let files = "files = [{file = \"demo-1-py3-none-any.whl\", hash = \"sha256:\(Self.a)\"}]"
            let text = "[[package]]\nname = \"demo\"\nversion = \"1\"\n\(files)\n\(source)"
            return try pins(text, "poetry.lock").map(\.release)
        }
        let bare = Purl(type: "pypi", name: "demo", version: "1")
        let own = bare.with(["repository_url": "https://pypi.acme.example/simple"])
        #expect(try poetry("") == [bare])
        #expect(
            try poetry("[package.source]\ntype = \"legacy\"\nurl = \"https://pypi.acme.example/simple\"\n") == [own]
        )
        let text = """
            {"_meta": {"sources": [{"name": "pypi", "url": "https://pypi.org/simple"},
            {"name": "acme", "url": "https://pypi.acme.example/simple"}]}, "default": {
            "demo": {"hashes": ["sha256:\(Self.a)"], "index": "acme", "version": "==1"},
            "six": {"hashes": ["sha256:\(Self.a)"], "index": "pypi", "version": "==1"}}}
            """
        let six = Purl(type: "pypi", name: "six", version: "1")
        #expect(Set(try pins(text, "Pipfile.lock").map(\.release)) == [own, six])
    }

    @Test(arguments: [
        "a = ", "a", "[a", "a = \"x", "a = [1, 2", "a = {b = 1", "[[a]]\n[a.b]\nc=1\nc=2", "a = 1\na = 2", "a = 1\n[a]",
        "a = 1\n[[a]]",
        "a = 1 b = 2", "a = '''x", "a = \"\\x\"", "a = \"\\uD800\"", "a = \"\\u12", "= 1", "a.b = 1\na.b = 2",
    ])
    func refusesTextThatIsNoTOML(text: String) {
        #expect(throws: Malformed.self) { try pins(text, "uv.lock") }
    }

    @Test func readsTOMLsOddCorners() throws {
        let text = """
            "quo.ted" = 1 # comment
            a.b.'c' = [ [1, 2], ['x'], [{}], ] # nested
            long = \"\"\"
            one \\
               two\"\"\"
            raw = '''
            '' no escape \\n '''
            [ x . "y" ]
            z = {d = 1, e = {f = "g"}}
            [[package]]
            name = "s\\u0069x"
            version = "1.0"
            files = [{file = "six-1.0.zip", hash = "sha256:\(Self.a)"}]
            """
        #expect(try pins(text, "poetry.lock").map(\.release.description) == ["pkg:pypi/six@1.0"])
    }

    @Test func refusesDeepNesting() {
        let text = "a = " + String(repeating: "[", count: 100_000)
        #expect(throws: Malformed.self) { try pins(text, "uv.lock") }
    }
}
