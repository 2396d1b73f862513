import Core
import Testing

@testable import Session

@Suite("The bundle of trusted certificates")
struct TrustBundleTests {
    @Test func whatTheUserNamedIsAdded() throws {
        let scratch = try Scratch()
        try scratch.write("own.pem", "OWN")
        try scratch.write("other.pem", "OTHER\n")
        let bundle = try TrustBundle.named(in: [
            "SSL_CERT_FILE": scratch.path("own.pem"), "PIP_CERT": scratch.path("own.pem"),
            "NODE_EXTRA_CA_CERTS": scratch.path("other.pem"), "CURL_CA_BUNDLE": "",
        ])
        let text = String(decoding: bundle, as: UTF8.self)
        #expect(text.hasSuffix("OWN\nOTHER\n"))
        #expect(text.ranges(of: "OWN").count == 1)
    }

    @Test func aFileThatCannotBeReadIsNamedWithItsVariable() {
        let found = problem { _ = try TrustBundle.named(in: ["REQUESTS_CA_BUNDLE": "/gone.pem"]) }
        #expect(found?.code == .configUnreadable)
        #expect(found?.subject == "REQUESTS_CA_BUNDLE=/gone.pem")
    }
}
