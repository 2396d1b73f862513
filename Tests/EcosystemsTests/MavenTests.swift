import Core
import Testing

@testable import Ecosystems

@Suite struct MavenTests {
    static let maven = Maven()
    static let lang = Purl(type: "maven", namespace: "org.apache.commons", name: "commons-lang3")
    static let folder = "https://repo.maven.apache.org/maven2/org/apache/commons/commons-lang3"

    static func request(_ url: String, method: String = "GET") throws -> Request {
        Request(method: method, url: try HTTPURL(url), userAgent: "Apache-Maven/3.8.7")
    }

    static func release(_ url: String) throws -> String? {
        guard case .artifact(let name) = try maven.intent(of: request(url)) else { return nil }
        return name.release?.description
    }

    @Test(arguments: [
        ("/3.12.0/commons-lang3-3.12.0.jar", "@3.12.0"), ("/3.12.0/commons-lang3-3.12.0.pom", "@3.12.0?type=pom"),
        ("/3.12.0/commons-lang3-3.12.0.module", "@3.12.0?type=module"),
        ("/3.12.0/commons-lang3-3.12.0-sources.jar", "@3.12.0?classifier=sources"),
        ("/3.12.0/commons-lang3-3.12.0-bin.tar.gz", "@3.12.0?classifier=bin&type=tar.gz"),
        ("/3.12.0/commons-lang3-3.12.0.tar.gz", "@3.12.0?type=tar.gz"),
        ("/3.12.0/commons-lang3-3.12.0-jdk1.5.jar", "@3.12.0?classifier=jdk1.5"),
        (
            "/1.1-SNAPSHOT/commons-lang3-1.1-20261121.070414-12-tests.jar",
            "@1.1-20261121.070414-12?classifier=tests"
        ),
        ("/1.1-SNAPSHOT/commons-lang3-1.1-SNAPSHOT.war", "@1.1-SNAPSHOT?type=war"),
        ("/1.2%2Bb/commons-lang3-1.2+b.aar", "@1.2%2Bb?type=aar"),
    ])
    func namesTheReleaseOfAFileByItsPlace(path: String, tail: String) throws {
        #expect(try Self.release(Self.folder + path) == "pkg:maven/org.apache.commons/commons-lang3\(tail)")
    }

    @Test(arguments: [
        ("https://repo1.maven.org/maven2/a/b/c/1/c-1.jar", "pkg:maven/a.b/c@1"),
        (
            "https://plugins.gradle.org/m2/a/b/c/1/c-1.jar",
            "pkg:maven/a.b/c@1?repository_url=https:%2F%2Fplugins.gradle.org%2Fm2"
        ),
        (
            "https://dl.google.com/android/maven2/a/c/1/c-1.aar",
            "pkg:maven/a/c@1?repository_url=https:%2F%2Fdl.google.com%2Fandroid%2Fmaven2&type=aar"
        ),
        (
            "https://nexus.corp.example/repository/maven-public/a/b/c/1/c-1.jar",
            "pkg:maven/a.b/c@1?repository_url=https:%2F%2Fnexus.corp.example%2Frepository%2Fmaven-public"
        ),
        (
            "https://gitlab.example/api/v4/projects/g%2Fp/packages/maven/a/b/c/1/c-1.jar",
            "pkg:maven/a.b/c@1?repository_url=https:%2F%2Fgitlab.example%2Fapi%2Fv4%2Fprojects%2Fg%252Fp%2Fpackages%2Fmaven"
        ), ("https://own.example/a/b/c/1/c-1.jar", "pkg:maven/a.b/c@1?repository_url=https:%2F%2Fown.example"),
    ])
    func knowsWhereGroupsBegin(url: String, purl: String) throws { #expect(try Self.release(url) == purl) }

    @Test(arguments: [
        ("GET", "/maven-metadata.xml", Intent.index(.package(lang))),
        ("GET", "/maven-metadata.xml.sha512", .index(.package(lang))),
        ("GET", "/3.12.0/commons-lang3-3.12.0.jar.sha1", .index(.package(lang.at("3.12.0")))),
        (
            "GET", "/3.12.0/commons-lang3-3.12.0.jar.asc",
            .sidecar(release: lang.at("3.12.0"), file: "commons-lang3-3.12.0.jar.asc")
        ), ("GET", "/1.1-SNAPSHOT/maven-metadata.xml", .sidecar(release: nil, file: "maven-metadata.xml")),
        ("PUT", "/3.12.0/commons-lang3-3.12.0.jar", .publish(lang.at("3.12.0"))),
        ("PUT", "/maven-metadata.xml.md5", .publish(lang)), ("DELETE", "/", .yank(nil)), ("GET", "/", .passThrough),
    ])
    func readsWhatAClientWants(method: String, path: String, intent: Intent) throws {
        #expect(try Self.maven.intent(of: Self.request(Self.folder + path, method: method)) == intent)
    }

    @Test(arguments: [
        "https://repo1.maven.org/robots.txt", "https://dl.google.com/go/go1.22.linux-amd64.tar.gz",
        "https://repo1.maven.org/maven2/a/b/1/c-1.jar", "https://repo1.maven.org/maven2/a/b/1/b-2.jar",
        "https://repo1.maven.org/maven2/a/b/1/b-1", "https://repo1.maven.org/maven2/a/b.jar",
    ])
    func leavesAloneWhatIsNotLaidOutSo(url: String) throws {
        #expect(try Self.maven.intent(of: Self.request(url)) == nil)
    }

    @Test(arguments: [
        "/maven2/a/b%2fc/1/c-1.jar", "/maven2/a.b/c/1/c-1.jar", "/maven2/a/b/1/b-1.j%C3%A4r",
        "/maven2/a/b%20/1/b-1.jar",
        "/maven2/a/\(String(repeating: "n", count: 300))/1/b-1.jar",
    ])
    func refusesNamesThatCouldMeanAnother(path: String) {
        #expect(throws: Malformed.self) {
            try Self.maven.intent(of: Self.request("https://repo1.maven.org\(path)"))
        }
    }

    @Test func asksForTheChecksumsBesideAFile() throws {
        let url = try HTTPURL(Self.folder + "/3.12.0/commons-lang3-3.12.0.pom")
        guard case .artifact(let name) = try Self.maven.intent(of: Request(url: url)) else {
            Issue.record("a pom is a file")
            return
        }
        let statements = Self.maven.statements(about: name, at: url)
        #expect(
            statements.map { "\($0.method) \($0.url.path.suffix(7))" } == [
                "GET om.sha1", "GET .sha256", "HEAD 2.0.pom",
            ]
        )
        let release = try #require(name.release)
        for statement in statements where statement.method == "GET" {
            #expect(try Self.maven.intent(of: statement) == .index(.package(release)))
        }
    }

    @Test(arguments: [
        ("/3.12.0/commons-lang3-3.12.0.jar.sha1", true), ("/3.12.0/commons-lang3-3.12.0.jar", true),
        ("/1.1-SNAPSHOT/commons-lang3-1.1-SNAPSHOT.jar.sha1", false), ("/maven-metadata.xml.sha1", false),
    ])
    func knowsWhatNeverChanges(path: String, isFinal: Bool) throws {
        #expect(Self.maven.isFinal(try Self.request(Self.folder + path)) == isFinal)
    }

    @Test func addsToWhatTheJobSetForItself() {
        let endpoint = Endpoint(
            mode: .intercept,
            host: "127.0.0.1",
            port: 9,
            secret: "s",
            folder: "/run/s",
            environment: ["MAVEN_ARGS": "-B", "GRADLE_OPTS": "-Xmx1g"],
            clients: ["java"]
        )
        let environment = Self.maven.clientSettings(for: endpoint).environment
        #expect(environment["MAVEN_ARGS"]?.hasPrefix("-B -Daether.") == true)
        #expect(environment["GRADLE_OPTS"] == "-Xmx1g -Dorg.gradle.daemon=false")
    }
}

@Suite struct MavenVersionTests {
    @Test func ordersVersionsAsMavenDoes() throws {
        let maven = Maven()
        let text = String(decoding: try Fixture.bytes("maven/versions.tsv"), as: UTF8.self)
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "\t").map(String.init)
            let expected = ["<": -1, "=": 0, ">": 1][parts[1]]
            #expect(maven.compare(parts[0], parts[2]) == expected, "\(line)")
            #expect(maven.compare(parts[2], parts[0]) == expected.map { -$0 }, "\(line)")
        }
    }

    @Test(arguments: [
        ("1.0", false), ("1.0-alpha-1", true), ("2.0.0.M5", true), ("2.0.0.RELEASE", false), ("1.0-SNAPSHOT", true),
        ("1.0.0.Final", false), ("31.1-jre", false), ("5.0.0-RC1", true), ("1.0-beta1", true), ("1.0-b01", true),
        ("3.0-m", false),
    ])
    func tellsWhatComesBeforeARelease(version: String, isPrerelease: Bool) {
        #expect(Maven().isPrerelease(version) == isPrerelease)
    }
}
