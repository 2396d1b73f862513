import Core
import Foundation
import Testing

@Suite struct HTTPURLTests {
    struct Attacks: Decodable { let urls: [String] }

    /// Well formed, but an address or name that only the dialler can refuse.
    static let refusedOnlyByAddress: Set<String> = [
        "http://169.254.169.254/latest/meta-data/", "http://169.254.170.2/v2/credentials",
        "http://[fd00:ec2::254]/latest/meta-data/", "http://metadata.google.internal/computeMetadata/v1/",
        "http://100.100.100.200/latest/meta-data/", "http://192.0.0.192/", "http://127.0.0.1/",
        "http://127.0.0.1:22/", "http://localhost/", "http://localhost.localdomain/", "http://ip6-localhost/",
        "http://[::1]/", "http://[::]/", "http://[0:0:0:0:0:ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/",
        "http://[::ffff:169.254.169.254]/", "http://[64:ff9b::a9fe:a9fe]/", "http://[2002:7f00:1::]/",
        "http://0.0.0.0/", "http://127.127.127.127/", "http://10.0.0.1/", "http://172.16.0.1/",
        "http://192.168.0.1/", "http://100.64.0.1/", "http://198.18.0.1/", "http://224.0.0.1/",
        "http://255.255.255.255/", "http://[fc00::1]/", "http://[ff02::1]/",
        // The host is the address before the fragment, and that is what is judged.
        "http://127.0.0.1#@registry.example/",
    ]
    /// Harmless once written in one way.
    static let normalised = ["http://PYPI.ORG/": "http://pypi.org/", "http://registry.example/a//b": nil]

    @Test func refusesByFormWhateverAnotherReaderCouldMistake() throws {
        let attacks = try JSONDecoder().decode(Attacks.self, from: Fixture.data("ssrf/ssrf-urls.json")).urls
        #expect(attacks.count == 80)
        for attack in attacks {
            let url = try? HTTPURL(attack)
            if Self.refusedOnlyByAddress.contains(attack) {
                #expect(url != nil, "\(attack)")
            } else if let expected = Self.normalised[attack] {
                #expect(url?.description == expected ?? attack)
            } else {
                #expect(url == nil, "\(attack)")
            }
        }
    }

    @Test(arguments: [
        ("c.whl", "https://a.example/x/c.whl"), ("../../c.whl", "https://a.example/c.whl"),
        ("/c.whl", "https://a.example/c.whl"), ("//b.example/c", "https://b.example/c"),
        ("https://c.example/d?e=f#g", "https://c.example/d?e=f"), ("./c/../d", "https://a.example/x/d"),
        ("?q", "https://a.example/x/y?q"),
    ])
    func resolvesReferencesAsABrowserWould(reference: String, expected: String) throws {
        let page = try HTTPURL("https://a.example/x/y")
        #expect(try page.resolving(reference).description == expected)
    }

    @Test(arguments: ["javascript:alert(1)", "file:///etc/passwd", "https://a@b/", "a b", "\\\\host\\share", "//[::1"])
    func refusesReferencesThatLeaveHTTP(reference: String) throws {
        let page = try HTTPURL("https://a.example/x/y")
        #expect(throws: Malformed.self) { try page.resolving(reference) }
    }

    @Test func redactsWhatSignedLinksCarry() throws {
        let url = try HTTPURL("https://a.example/f?X-Sig=abc&plain&0123456789012345678901234567890123#frag")
        #expect(url.redacted == "https://a.example/f?X-Sig=***&plain&***")
        #expect(url.fragment == "frag")
    }

    @Test func tellsTheFileName() throws {
        #expect(try HTTPURL("https://a.example/x/local-1.0%2Bcu118.whl?z").file == "local-1.0+cu118.whl")
        #expect(try HTTPURL("https://a.example/x/").file == "")
        #expect(try HTTPURL("https://a.example").file == "")
    }

    /// A code that is none once decoded ends the decoding; what was decoded until then is judged all the same.
    @Test(arguments: [
        "%25x%2f%2e%2e%2fetc", "%25x%2F..%2Fetc", "%25;%5c..%5cetc", "%25zz%2f.%2fa", "%25%2f..%2f%2565",
    ])
    func refusesADotSegmentBesideABrokenCode(path: String) {
        #expect(throws: Malformed.self) { try HTTPURL("https://files.example/\(path)") }
    }
}
