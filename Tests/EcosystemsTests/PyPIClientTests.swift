import Core
import Ecosystems
import Testing

@Suite struct PyPIClientTests {
    private func environment(_ mode: Endpoint.Mode, _ own: [String: String] = [:]) -> [String: String] {
        let endpoint = Endpoint(
            mode: mode,
            host: "127.0.0.1",
            port: 9,
            secret: "S",
            folder: "/session",
            environment: own
        )
        return PyPI().clientSettings(for: endpoint).environment
    }

    @Test func trustsTheSessionAndKeepsTheIndexesWhenIntercepting() {
        let environment = environment(.intercept, ["PIP_EXTRA_INDEX_URL": "https://x.example/simple"])
        #expect(environment["PIP_CERT"] == "/session/ca-bundle.pem")
        #expect(environment["REQUESTS_CA_BUNDLE"] == "/session/ca-bundle.pem")
        #expect(!environment.keys.contains { $0.contains("INDEX") || $0 == "PIP_PROXY" })
        #expect(
            self.environment(.intercept, ["PIP_PROXY": "http://corp.example"])["PIP_PROXY"]
                == "http://purser:S@127.0.0.1:9"
        )
    }

    @Test func leadsEveryIndexThroughUsInRegistryMode() {
        let environment = environment(
            .registry,
            [
                "PIP_EXTRA_INDEX_URL":
                    "https://u:p@a.example:8443/simple/ http://b.example/x http://127.0.0.1:8080/main"
            ]
        )
        #expect(environment["PIP_INDEX_URL"] == "http://127.0.0.1:9/S/pypi/simple/")
        #expect(environment["PDM_PYPI_URL"] == "http://127.0.0.1:9/S/pypi/simple/")
        #expect(
            environment["PIP_EXTRA_INDEX_URL"]
                == "http://u:p@127.0.0.1:9/S/pypi/-/https/a.example:8443/simple/ "
                + "http://127.0.0.1:9/S/pypi/-/http/b.example/x http://127.0.0.1:8080/main"
        )
    }

    @Test func theSecretIsAPasswordThatClientsDoNotPrint() {
        let own = self.environment(.registry, ["PIP_INDEX_URL": "https://nexus.example/pypi/simple"])
        #expect(own["PIP_INDEX_URL"] == "http://purser:S@127.0.0.1:9/pypi/-/https/nexus.example/pypi/simple")
        #expect(environment(.registry)["PIP_INDEX_URL"] == "http://purser:S@127.0.0.1:9/pypi/simple/")
    }

    @Test func leavesTheIndexesOfClientsThatWriteThemIntoLockfiles() {
        let environment = environment(.registry, ["UV_INDEX": "corp=https://c.example/simple"])
        #expect(!environment.keys.contains { $0.hasPrefix("UV_") })
        #expect(environment["REQUESTS_CA_BUNDLE"] == "/session/ca-bundle.pem")
    }

    @Test func tellsUVWhy() {
        let problem = Problem(
            .policyDenied,
            subject: "pkg:pypi/x@1",
            summary: "is 1 h old",
            remedy: "wait",
            rule: "min_age"
        )
        let document = PyPI().document(for: problem)
        #expect(document.contentType == "application/problem+json")
        let text = String(decoding: document.bytes, as: UTF8.self)
        #expect(text.contains(#""title":"policy.denied min_age""#) && text.contains(#""status":403"#))
        #expect(text.contains(#""detail":"pkg:pypi/x@1 is 1 h old; wait""#))
    }
}
