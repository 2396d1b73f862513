import Core
import Manifest
import Testing

@testable import Session

@Suite("Registries that nobody declared")
struct UndeclaredRegistryTests {
    private func fetch(_ address: String, _ client: String?) throws -> RunReport.Fetch {
        let url = try HTTPURL(address)
        let purl = Purl(type: "generic", name: url.file, qualifiers: ["download_url": url.description])
        return RunReport.Fetch(purl: purl, file: url.file, source: "network", asked: RunReport.Asked(client: client))
    }

    @Test func areNamedWithTheOptionThatDeclaresThem() throws {
        let npm = "npm/10.8.2 node/v20.20.2 linux x64 workspaces/false"
        let fetches = try [
            fetch("https://nexus.acme.example/repository/npm/debug", npm),
            fetch("https://nexus.acme.example/repository/npm/@acme%2fx", npm),
            fetch("https://pypi.acme.example/simple/demo/", "pip/23.2 {\"ci\":true}"),
        ]
        let notices = UndeclaredRegistries.notices(fetches, [])
        #expect(notices.count == 2)
        #expect(notices[0].hasSuffix("--origin npm=https://nexus.acme.example/repository/npm/"))
        #expect(notices[1].hasSuffix("--origin pypi=https://pypi.acme.example/simple/"))
        // Refused is asked, too.
        var denial = RunReport.Denial(subject: fetches[0].purl.description, rule: "unclaimed", message: "has no digest")
        denial.asked = RunReport.Asked(client: npm)
        #expect(UndeclaredRegistries.notices([], [denial]).count == 1)
    }

    @Test func areNoFilesByAddress() throws {
        let fetches = try [
            fetch("https://codeload.github.com/acme/x/tar.gz/abc", "npm/10.8.2"),
            fetch("https://files.acme.example/x-1.0-py3-none-any.whl", "pip/23.2"),
            fetch("https://files.acme.example/anything", "curl/7.88.1"),
            fetch("https://files.acme.example/anything", nil),
        ]
        #expect(UndeclaredRegistries.notices(fetches, []).isEmpty)
    }
}
