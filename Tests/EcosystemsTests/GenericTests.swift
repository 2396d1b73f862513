import Core
import Ecosystems
import Testing

@Suite struct GenericTests {
    private func intent(_ url: String, method: String = "GET") throws -> Intent? {
        try Generic().intent(of: Request(method: method, url: HTTPURL(url)))
    }

    @Test func takesEveryFileAndNothingElse() throws {
        let tool = Intent.artifact(ArtifactName(file: "tool-1.0.tar.gz"))
        #expect(try intent("https://example.com/releases/tool-1.0.tar.gz?token=x") == tool)
        #expect(try intent("https://example.com/releases/tool-1.0.tar.gz", method: "HEAD") == tool)
        for folder in ["https://example.com", "https://example.com/", "https://example.com/a/?b"] {
            #expect(try intent(folder) == .passThrough)
        }
        for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
            #expect(try intent("https://example.com/api", method: method) == .passThrough)
        }
        #expect(try intent("https://example.com/o/r.git/git-upload-pack", method: "POST") == .passThrough)
    }

    @Test func namesAFileByItsAddressWithoutItsSecrets() throws {
        let purl = Generic.purl(for: try HTTPURL("https://example.com/a%20b.sh?sig=s3cr3t#x"))
        #expect(!purl.description.contains("s3cr3t"))
        #expect(
            purl.description
                == "pkg:generic/a%20b.sh?download_url=https:%2F%2Fexample.com%2Fa%2520b.sh%3Fsig%3D%2A%2A%2A"
        )
        #expect(try Purl(parsing: purl.description) == purl)
        #expect(Generic.purl(for: try HTTPURL("https://example.com/")).name == "example.com")
    }

    @Test func ordersNothing() {
        #expect(Generic().compare("1", "2") == nil && Generic().compare("1", "1") == 0)
        #expect(Generic().hosts.isEmpty && !Generic().registryAssignsTimes)
    }

    private func settings(_ own: [String: String] = [:], clients: Set<String> = []) -> ClientSettings {
        let endpoint = Endpoint(
            mode: .intercept,
            host: "127.0.0.1",
            port: 9,
            secret: "S",
            folder: "/session",
            environment: own,
            clients: clients
        )
        return Generic().clientSettings(for: endpoint)
    }

    @Test func setsTheProxyInBothSpellingsAndTheCAUnderEveryName() {
        let environment = settings().environment
        for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
            #expect(environment[name] == "http://purser:S@127.0.0.1:9")
        }
        for name in ["SSL_CERT_FILE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO", "CARGO_HTTP_CAINFO", "NODE_EXTRA_CA_CERTS"] {
            #expect(environment[name] == "/session/ca-bundle.pem")
        }
        #expect(environment["NO_PROXY"] == "127.0.0.0/8,127.0.0.1,localhost,::1")
    }

    @Test func keepsOnlyTheExceptionsThatNameNeighbours() {
        let own =
            "docker,10.0.0.0/8,192.168.1.7:80,db.internal,fd00::1,*,.pypi.org,pypi.org,8.8.8.8,0.0.0.0/0,10.0.0.0/4,com,io,org:443,fdroid.org:443,a*b"
        let kept = settings(["no_proxy": own]).environment["no_proxy"]
        #expect(
            kept == "127.0.0.0/8,127.0.0.1,localhost,::1,docker,10.0.0.0/8,192.168.1.7:80,db.internal,fd00::1"
        )
    }

    @Test func writesWgetsFileOnlyWhereWgetIs() {
        #expect(settings().files.isEmpty)
        let found = settings(clients: ["wget"])
        #expect(found.files.map(\.contents) == ["ca_certificate = /session/ca-bundle.pem\n"])
        #expect(found.environment["WGETRC"] == "/session/wgetrc")
    }

    @Test func leadsWhatNoRegistrySettingLeadsByTheProxyInBothModes() {
        let endpoint = Endpoint(mode: .registry, host: "127.0.0.1", port: 9, secret: "S", folder: "/session")
        #expect(Generic().clientSettings(for: endpoint).environment["https_proxy"] == endpoint.proxy)
    }
}
