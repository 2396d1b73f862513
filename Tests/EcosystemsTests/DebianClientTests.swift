import Core
import Testing

@testable import Ecosystems

@Suite struct DebianClientTests {
    static let debian = Debian()

    @Test func ordersVersionsAsDpkgDoes() throws {
        let text = String(decoding: try Fixture.bytes("deb/versions.tsv"), as: UTF8.self)
        let rows = text.split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
        #expect(rows.count == 582)
        for row in rows {
            let expected = ["lt": -1, "eq": 0, "gt": 1][row[1]]
            #expect(Self.debian.compare(row[0], row[2]) == expected, "\(row)")
        }
    }

    @Test(arguments: ["", "a", ":1", "x:1", "1-", "1_2", "1 2", "99999999999:1", "-1", "1:"])
    func refusesWhatIsNoVersion(text: String) { #expect(Self.debian.compare(text, "1") == nil) }

    @Test func pinsTheListsOfApt() throws {
        let bytes = try Fixture.bytes("deb/bookworm/updates_Packages.lz4")
        let name = "deb.debian.org_debian_dists_bookworm-updates_main_binary-amd64_Packages.lz4"
        let pins = try Self.debian.pins(in: bytes, named: name)
        #expect(pins.count > 20)
        #expect(pins.allSatisfy { $0.digests.first?.algorithm == .sha256 && $0.file != nil })
        #expect(pins.allSatisfy { $0.url?.path.hasPrefix("/debian/pool/") == true })
        #expect(try Self.debian.pins(in: bytes, named: "deb.debian.org_debian_dists_sid_InRelease").isEmpty)
    }

    @Test(arguments: [
        ("host.org_repo%5fx_._Packages", "http://host.org/repo_x/p1_1_all.deb"),
        ("localhost:8080_debian_dists_x_main_binary-all_Packages", "http://localhost:8080/debian/p1_1_all.deb"),
    ])
    func findsTheAddressInAListsName(name: String, url: String) throws {
        let text = "Package: p1\nVersion: 1\nArchitecture: all\nFilename: p1_1_all.deb\n"
        #expect(try Self.debian.pins(in: Array(text.utf8), named: name).map(\.url?.description) == [url])
    }

    static func endpoint(_ clients: Set<String>, own: [String: String] = [:]) -> Endpoint {
        Endpoint(
            mode: .intercept,
            host: "127.0.0.1",
            port: 9,
            secret: "s",
            folder: "/run/s",
            environment: own,
            clients: clients
        )
    }

    @Test func letsNothingOfTheSystemOverruleTheProxy() throws {
        let settings = Self.debian.clientSettings(for: Self.endpoint(["apt-get"]))
        #expect(settings.environment == ["APT_CONFIG": "/run/s/apt.conf"])
        let file = try #require(settings.files.first)
        #expect(file.name == "apt.conf")
        #expect(
            file.contents.split(separator: "\n").prefix(5) == [
                #"#include "/etc/apt/apt.conf.d/";"#, #"Dir::Etc::parts "/dev/null";"#,
                #"Dir::Etc::main "/dev/null";"#, #"Acquire::http::Proxy "http://purser:s@127.0.0.1:9";"#,
                #"Acquire::https::Proxy "http://purser:s@127.0.0.1:9";"#,
            ]
        )
        #expect(file.contents.contains(#"Acquire::https::CaInfo "/run/s/ca-bundle.pem";"#))
    }

    @Test func readsTheUsersOwnConfigurationFirst() throws {
        let own = Self.debian.clientSettings(for: Self.endpoint(["apt"], own: ["APT_CONFIG": "/home/me/apt.conf"]))
        #expect(own.files.first?.contents.hasPrefix("#include \"/home/me/apt.conf\";\n") == true)
        let odd = Self.debian.clientSettings(for: Self.endpoint(["apt"], own: ["APT_CONFIG": "/x\";\nOwn \"1"]))
        #expect(odd.files.first?.contents.contains("Own") == false)
        #expect(Self.debian.clientSettings(for: Self.endpoint(["pip"])) == ClientSettings())
    }

    static let control = "Package: attr\nVersion: 1:2.5.1-4\nArchitecture: amd64\nDescription: x\n Package: y\n"

    @Test func saysWhoAPackageIs() throws {
        let file = "attr_2.5.1-4_amd64.deb"
        #expect(Self.debian.inspection(ofFile: file)?.format == .deb)
        #expect(Self.debian.inspection(ofFile: "attr_2.5.1-4.dsc") == nil)
        let inside = try Self.debian.identity(ofFile: file, entries: ["control": Array(Self.control.utf8)])
        for vendor in ["debian", "ubuntu"] {
            #expect(Self.debian.agrees(inside, with: DebianTests.purl("attr", "1:2.5.1-4", "amd64", vendor: vendor)))
        }
        #expect(!Self.debian.agrees(inside, with: DebianTests.purl("attr", "2.5.1-4", "amd64")))
        #expect(!Self.debian.agrees(inside, with: DebianTests.purl("attr", "1:2.5.1-4", "i386")))
        #expect(!Self.debian.agrees(inside, with: DebianTests.purl("other", "1:2.5.1-4", "amd64")))
    }

    @Test(arguments: ["attr_2.5.1-5_amd64.deb", "attr_2.5.1-4_i386.deb", "other_2.5.1-4_amd64.deb"])
    func refusesAPackageUnderAnotherName(file: String) {
        #expect(throws: Malformed.self) {
            try Self.debian.identity(ofFile: file, entries: ["control": Array(Self.control.utf8)])
        }
    }

    @Test(arguments: ["", "Package: a1\n", "Package: a1\nPackage: b1\nVersion: 1\nArchitecture: all\n", "noise"])
    func refusesAControlThatDoesNotSayWhoItIs(text: String) {
        #expect(throws: Malformed.self) {
            try Self.debian.identity(ofFile: "a1.deb", entries: ["control": Array(text.utf8)])
        }
    }
}
