import Core
import Testing

@testable import Ecosystems

@Suite struct MavenIndexTests {
    static let maven = Maven()
    static let scope = IndexScope.package(MavenTests.lang)
    static let modified = Timestamp(rfc3339: "2026-11-20T10:00:00Z")

    static func document(_ text: String, _ url: String = MavenTests.folder + "/maven-metadata.xml") throws -> Document {
        Document(Array(text.utf8), contentType: "text/xml", url: try HTTPURL(url), modified: modified)
    }

    static func metadata() throws -> Document {
        try document(String(decoding: try Fixture.bytes("maven/commons-lang3.xml"), as: UTF8.self))
    }

    static func request() throws -> Request {
        try MavenTests.request(MavenTests.folder + "/maven-metadata.xml")
    }

    static func written(_ text: String, hiding hidden: Set<String>) throws -> String {
        let view = IndexView(keeps: { release, _ in !hidden.contains(release.purl.version ?? "") })
        let written = try maven.writeIndex(document(text), for: request(), scope: scope, view: view)
        return String(decoding: written.bytes, as: UTF8.self)
    }

    @Test func listsVersionsWithTheDatesOfTheNewest() throws {
        let metadata = try Self.metadata()
        let wanted = Self.maven.companions(of: metadata, for: try Self.request(), scope: Self.scope)
        #expect(wanted.count == 4)
        #expect(wanted.contains { $0.url.path.hasSuffix("/3.99.0/commons-lang3-3.99.0.pom") })
        let young = try Self.document("<project/>", MavenTests.folder + "/3.99.0/commons-lang3-3.99.0.pom")
        let index = try Self.maven.readIndex(metadata, companions: [young], for: Self.request(), scope: Self.scope)
        #expect(index.releases.map(\.purl.version) == ["debian", "3.x", "3.12.0", "3.99.0"])
        #expect(index.releases.last?.published == Self.modified.map { PublishTime($0, basis: .lastModified) })
        #expect(index.releases.first?.published == nil)
    }

    @Test func hidesAVersionAndLeadsPointersToTheNewestStableOne() throws {
        let text = String(decoding: try Fixture.bytes("maven/commons-lang3.xml"), as: UTF8.self)
        let expected = text.replacing("\n      <version>3.99.0</version>", with: "")
            .replacing("<latest>3.99.0", with: "<latest>3.12.0").replacing("<release>3.99.0", with: "<release>3.12.0")
        #expect(try Self.written(text, hiding: ["3.99.0"]) == expected)
        #expect(try Self.written(text, hiding: []) == text)
    }

    @Test(
        arguments: [
            (["1.0", "2.0-rc1", "2.0"], "2.0", ["2.0"], "1.0"), (["1.9", "1.10", "1.11"], "1.11", ["1.11"], "1.10"),
            (["1.0-alpha", "1.0"], "1.0", ["1.0"], nil), (["1.0", "2.0"], "1.0", ["1.0"], "2.0"),
        ] as [([String], String, Set<String>, String?)]
    )
    func neverLeadsToAPrerelease(versions: [String], latest: String, hidden: Set<String>, left: String?) throws {
        let list = versions.map { "<version>\($0)</version>" }.joined()
        let text =
            "<metadata><versioning><latest>\(latest)</latest><versions>\(list)</versions></versioning></metadata>"
        let written = try XMLDocument(Array(try Self.written(text, hiding: hidden).utf8))
        #expect(written.elements(at: "versioning", "latest").map(\.text).first == left)
        #expect(
            written.elements(at: "versioning", "versions", "version").map(\.text)
                == versions.filter { !hidden.contains($0) }
        )
    }

    @Test func passesTheMetadataOfAGroup() throws {
        let text = "<metadata><plugins><plugin><name>x</name><prefix>x</prefix></plugin></plugins></metadata>"
        #expect(try Self.written(text, hiding: ["x"]) == text)
    }

    @Test(arguments: [
        "6fb3d4ff7f20f866da518de77ed192486ce786ab",
        "6FB3D4FF7F20F866DA518DE77ED192486CE786AB  commons-lang3-3.12.0.pom\n",
        "SHA1(commons-lang3-3.12.0.pom)= 6fb3d4ff7f20f866da518de77ed192486ce786ab\n",
    ])
    func readsAChecksumAsAFactOfItsFile(text: String) throws {
        let url = MavenTests.folder + "/3.12.0/commons-lang3-3.12.0.pom.sha1"
        let request = try MavenTests.request(url)
        guard case .index(let scope) = try Self.maven.intent(of: request) else {
            Issue.record("a checksum is an index")
            return
        }
        let document = try Self.document(text, url)
        let index = try Self.maven.readIndex(document, companions: [], for: request, scope: scope)
        // A digest alone is no release that policy could be asked about.
        #expect(index.releases.isEmpty)
        let file = try HTTPURL(String(url.dropLast(".sha1".count)))
        #expect(index.vouches[file]?.map(\.description) == ["sha1:6fb3d4ff7f20f866da518de77ed192486ce786ab"])
        let view = IndexView(keeps: { _, _ in false })
        #expect(try Self.maven.writeIndex(document, for: request, scope: scope, view: view) == document)
    }

    @Test func takesTheDateOfAFileFromItsHead() throws {
        let url = MavenTests.folder + "/3.12.0/commons-lang3-3.12.0.pom"
        let release = MavenTests.lang.at("3.12.0").with(["type": "pom"])
        let head = Document([], url: try HTTPURL(url), modified: Self.modified)
        let request = try MavenTests.request(url, method: "HEAD")
        let index = try Self.maven.readIndex(head, companions: [], for: request, scope: .package(release))
        #expect(index.releases.first?.purl == release)
        #expect(index.releases.first?.artifacts.first?.published?.time == Self.modified)
        #expect(throws: Malformed.self) {
            try Self.maven.readIndex(head, companions: [], for: MavenTests.request(url), scope: .package(release))
        }
    }

    @Test func letsAChecksumVouchForMetadata() throws {
        let request = try MavenTests.request(MavenTests.folder + "/maven-metadata.xml.sha1")
        let sum = try #require(Self.maven.checksum(about: request))
        #expect(sum.index == (try Self.request().url) && sum.checksum == request.url && sum.algorithm == .sha1)
        #expect(Self.maven.checksum(about: try Self.request()) == sum)
        let document = try Self.document("6fb3d4ff7f20f866da518de77ed192486ce786ab", request.url.description)
        let index = try Self.maven.readIndex(document, companions: [], for: request, scope: Self.scope)
        #expect(index.vouches[sum.index]?.map(\.algorithm) == [.sha1])
    }

    @Test(arguments: [
        "", "<", "<a", "<a>", "<a></b>", "<a/><b/>", "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "<a>&x;</a>",
        "<a>&#xD800;</a>",
        "<a b='1' b='2'/>", "<a b=1/>", "text", "<a><![CDATA[</a>", "<a>\u{0}</a", "</a>",
        String(repeating: "<a>", count: 100),
    ])
    func refusesWhatIsNoPlainXML(text: String) {
        #expect(throws: Malformed.self) { try XMLDocument(Array(text.utf8)) }
    }

    @Test func readsPlainXML() throws {
        let text = "\u{FEFF}<?xml version=\"1.0\"?><!-- <a> --><x:a q:b='&lt;1&#x41;'> <![CDATA[<]]>&amp; <c/></x:a>\n"
        let document = try XMLDocument(Array(text.utf8))
        #expect(document.root.name == "a" && document.root.attributes == ["b": "<1A"])
        #expect(document.root.text == "<&")
        #expect(document.children(of: document.root, named: "c").count == 1)
    }

    @Test func survivesDamagedMetadata() throws {
        var noise = Noise(seed: 5)
        let good = try Fixture.bytes("maven/commons-lang3.xml")
        let view = IndexView(keeps: { release, _ in release.purl.version != "3.12.0" })
        for _ in 0..<500 {
            let document = Document(noise.damaged(good), contentType: "text/xml", url: try Self.request().url)
            _ = try? Self.maven.readIndex(document, companions: [document], for: Self.request(), scope: Self.scope)
            _ = try? Self.maven.writeIndex(document, for: Self.request(), scope: Self.scope, view: view)
        }
    }

    @Test func readsPinsOfGradle() throws {
        let lock = """
            # This is a Gradle generated file for dependency locking.
            org.apache.commons:commons-lang3:3.12.0=compileClasspath,runtimeClasspath
            empty=annotationProcessor
            """
        let pins = try Self.maven.pins(in: Array(lock.utf8), named: "gradle.lockfile")
        #expect(pins == [Pin(release: MavenTests.lang.at("3.12.0"))])
        let sha256 = String(repeating: "ab", count: 32)
        let verification = """
            <?xml version="1.0" encoding="UTF-8"?>
            <verification-metadata xmlns="https://schema.gradle.org/dependency-verification">
             <configuration><verify-metadata>true</verify-metadata></configuration>
             <components><component group="org.apache.commons" name="commons-lang3" version="3.12.0">
              <artifact name="commons-lang3-3.12.0.jar"><sha256 value="\(sha256)" origin="Generated by Gradle"/>
               <md5 value="00"/><sha512 value="\(sha256)\(sha256)"><also-trust value="\(sha256)\(sha256)"/></sha512></artifact>
              <artifact name="commons-lang3-3.12.0.pom"><pgp value="A"/></artifact>
             </component></components>
            </verification-metadata>
            """
        let verified = try Self.maven.pins(in: Array(verification.utf8), named: "verification-metadata.xml")
        #expect(verified.map(\.file) == ["commons-lang3-3.12.0.jar"])
        #expect(verified.first?.digests.map(\.description) == ["sha256:\(sha256)"])
        #expect(verified.first?.release == MavenTests.lang.at("3.12.0"))
        #expect(throws: Malformed.self) { try Self.maven.pins(in: [0xFF], named: "gradle.lockfile") }
        #expect(throws: Malformed.self) {
            try Self.maven.pins(in: Array("<a/>".utf8), named: "verification-metadata.xml")
        }
    }
}
