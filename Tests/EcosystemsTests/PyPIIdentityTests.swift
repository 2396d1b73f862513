import Core
import Ecosystems
import Testing

@Suite struct PyPIIdentityTests {
    private func identity(_ file: String, _ entries: [String: String]) throws -> String {
        try PyPI().identity(ofFile: file, entries: entries.mapValues { Array($0.utf8) }).description
    }

    @Test func asksForTheMetadataAlone() throws {
        let wheel = try #require(PyPI().inspection(ofFile: "a-1.0-py3-none-any.whl"))
        #expect(wheel.format == .zip && !wheel.allowsDataDescriptors)
        #expect(wheel.wants("a-1.0.dist-info/METADATA") && !wheel.wants("x/a-1.0.dist-info/METADATA"))
        #expect(!wheel.wants("a/METADATA") && !wheel.wants("/a-1.0.dist-info/METADATA"))
        let source = try #require(PyPI().inspection(ofFile: "a-1.0.tar.gz"))
        #expect(source.format == .tar && source.wants("a-1.0/PKG-INFO") && source.wants("./a-1.0/PKG-INFO"))
        #expect(!source.wants("a-1.0/a.egg-info/PKG-INFO"))
        #expect(PyPI().inspection(ofFile: "a-1.0.zip")?.format == .zip)
        #expect(PyPI().inspection(ofFile: "install.sh") == nil)
    }

    @Test func readsWhoAnArchiveSaysItIs() throws {
        let metadata = "Metadata-Version: 2.1\r\nName: Zope.Interface\r\nVersion:  5.0.0 \r\n\r\nName: other\n"
        #expect(
            try identity("zope.interface-5.0-py3-none-any.whl", ["zope.interface-5.0.dist-info/METADATA": metadata])
                == "pkg:pypi/zope-interface@5.0"
        )
        #expect(
            try identity("zope_interface-5.0.0.tar.gz", ["x/PKG-INFO": metadata]) == "pkg:pypi/zope-interface@5.0.0"
        )
    }

    @Test func tellsAnotherIdentityThanTheNameOutside() throws {
        let metadata = "Name: evil\nVersion: 6.6.6\n"
        #expect(try identity("a-1.0.tar.gz", ["a-1.0/PKG-INFO": metadata]) == "pkg:pypi/evil@6.6.6")
        #expect(try identity("evil-1.0.tar.gz", ["a-1.0/PKG-INFO": metadata]) == "pkg:pypi/evil@6.6.6")
    }

    @Test(arguments: [
        [:], ["a-1.0.dist-info/METADATA": "Name: a\n"], ["a-1.0.dist-info/METADATA": ""],
        ["a-1.0.dist-info/METADATA": "Name: a\nname: b\nVersion: 1.0\n"],
        ["a-1.0.dist-info/METADATA": "\nName: a\nVersion: 1.0\n"],
        ["b-1.0.dist-info/METADATA": "Name: a\nVersion: 1.0\n"],
        ["a-1.0.dist-info/METADATA": "Name: a\nVersion: 1.0\n", "b-1.0.dist-info/METADATA": "Name: a\nVersion: 1.0\n"],
    ])
    func refusesMetadataThatTwoReadersCouldReadDifferently(entries: [String: String]) {
        #expect(throws: Malformed.self) { try identity("a-1.0-py3-none-any.whl", entries) }
    }
}
