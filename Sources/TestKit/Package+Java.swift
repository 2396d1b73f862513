internal import Core
internal import Crypto
internal import Storage

extension Package {
    /// A Maven artifact with its metadata and the checksums beside everything.
    static func maven(_ name: String, _ one: Listed, _ all: [Listed]) -> Package {
        let folder = "/maven2/test/\(name)"
        func jar(_ version: String) -> String { "\(folder)/\(version)/\(name)-\(version).jar" }
        let versions = all.map { "<version>\($0.version)</version>" }.joined()
        let newest = all.last?.version ?? ""
        let metadata = """
            <metadata><groupId>test</groupId><artifactId>\(name)</artifactId><versioning><latest>\(newest)</latest>\
            <release>\(newest)</release><versions>\(versions)</versions></versioning></metadata>
            """
        let index = "\(folder)/maven-metadata.xml"
        var package = Package(
            kind: .maven,
            purl: "pkg:maven/test/\(name)@\(one.version)",
            file: "\(name)-\(one.version).jar",
            bytes: one.bytes,
            index: "https://repo.maven.apache.org\(index)",
            accept: "",
            url: "https://repo.maven.apache.org\(jar(one.version))",
            indexPath: "/maven\(index)",
            path: "/maven\(jar(one.version))",
            indexAnswer: FakeAnswer(metadata, type: "text/xml")
        )
        package.modified = Timestamp(rfc3339: one.published)?.httpDate
        package.beside = [("/maven\(index).sha1", FakeAnswer(sha1(Array(metadata.utf8)), type: "text/plain"))]
        for listed in all {
            let date = Timestamp(rfc3339: listed.published)?.httpDate ?? ""
            func add(_ file: String, _ text: String) {
                package.beside.append(("/maven\(file)", FakeAnswer(text, type: "text/plain")))
            }
            let file = jar(listed.version)
            add("\(file).sha1", sha1(listed.bytes))
            add("\(file).sha256", Core.Digest.sha256(of: listed.bytes).hex)
            let pom = FakeAnswer("<project/>", type: "text/xml").with("Last-Modified", date)
            package.beside.append(("/maven\(file.dropLast(4)).pom", pom))
            package.beside.append(("/maven\(file)", FakeAnswer(listed.bytes).with("Last-Modified", date)))
        }
        return package
    }

    private static func sha1(_ bytes: [UInt8]) -> String { Hex.encode(Array(Insecure.SHA1.hash(data: bytes))) }

    /// A Composer package, whose archive GitHub makes; nobody says what it hashes to.
    static func composer(_ name: String, _ one: Listed, _ all: [Listed]) -> Package {
        func archive(_ version: String) -> String { "/repos/test/\(name)/zipball/v\(version)" }
        let versions = all.map { listed in
            """
            {"name":"test/\(name)","version":"\(listed.version)","time":"\(listed.published)","dist":{"type":"zip",\
            "url":"https://api.github.com\(archive(listed.version))","reference":"v\(listed.version)","shasum":""}}
            """
        }
        let document = """
            {"packages":{"test/\(name)":[\(versions.joined(separator: ","))]},"minified":"composer/2.0"}
            """
        return Package(
            kind: .composer,
            purl: "pkg:composer/test/\(name)@\(one.version)",
            file: "test-\(name)-\(one.version).zip",
            bytes: one.bytes,
            index: "https://repo.packagist.org/p2/test/\(name).json",
            accept: "",
            url: "https://api.github.com\(archive(one.version))",
            indexPath: "/composer/p2/test/\(name).json",
            path: "/github\(archive(one.version))",
            indexAnswer: FakeAnswer(document, type: "application/json")
        )
    }
}
