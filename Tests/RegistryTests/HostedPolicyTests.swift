import Core
import Foundation
import JSONText
import Storage
import Testing

@testable import Registry

/// What is found out about a hosted release after its promotion counts at the next look at it.
@Suite(.serialized) struct HostedPolicyTests {
    private static let advisory = """
        {"id": "MAL-2026-7", "summary": "steals", "modified": "2026-01-01T00:00:00Z",
         "affected": [{"package": {"ecosystem": "PyPI", "name": "app"}, "versions": ["1.0"]}]}
        """

    /// A registry that hosts `app` 1.0 and 1.1, under these rules.
    private func withRegistry(
        _ rules: String,
        _ body: @escaping @Sendable (RegistryScratch) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/purser-rules-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data("version: 1\n\(rules)".utf8).write(to: URL(filePath: folder + "/policy.yml"))
        try Data(Self.advisory.utf8).write(to: URL(filePath: folder + "/osv.json"))
        try await RegistryScratch.with(policy: folder + "/policy.yml") { scratch in
            for version in ["1.0", "1.1"] {
                let form = UploadForm("app", version, content: wheel("app", version))
                #expect(try await scratch.upload(form, token: scratch.admin).status == 200)
            }
            try await body(scratch)
        }
    }

    private func file(_ version: String) -> String {
        let hex = Digest.sha256(of: wheel("app", version)).hex
        return "/main/dev/pypi/files/\(hex)/app-\(version)-py3-none-any.whl"
    }

    private func shown(_ scratch: RegistryScratch) async throws -> [String] {
        let json = ["Accept": "application/vnd.pypi.simple.v1+json"]
        let page = try await scratch.get("/main/dev/pypi/simple/app/", token: scratch.admin, headers: json)
        #expect(page.status == 200)
        return page.json?["files"]?.array?.compactMap { $0["filename"]?.string } ?? []
    }

    private static let blocking = "rules: { block: [\"pkg:pypi/app@1.0\"], min_age: { days: 300 } }\n"

    @Test(arguments: [
        (blocking, "block"), ("data: { osv: osv.json }\nrules: { min_age: { days: 300 } }\n", "malware"),
    ])
    func aReleaseThatIsRefusedByNowIsHiddenAndItsFilesAreForbidden(rules: String, rule: String) async throws {
        try await withRegistry("mode: enforce\n" + rules) { scratch in
            // The other release is of today: how old it is is nobody's concern.
            let files = try await shown(scratch)
            #expect(files == ["app-1.1-py3-none-any.whl"])
            let page = try await scratch.get("/main/dev/pypi/simple/app/", token: scratch.admin)
            #expect(page.text.contains("app-1.1") && !page.text.contains("app-1.0"))
            #expect(try await scratch.get(file("1.1"), token: scratch.admin).body == wheel("app", "1.1"))
            for path in [file("1.0"), file("1.0") + ".metadata"] {
                let denied = try await scratch.get(path, token: scratch.admin)
                #expect(denied.status == 403)
                #expect(denied.reason.hasPrefix("policy.denied \(rule)"), "\(denied.reason)")
                #expect(denied.reason.contains("pkg:pypi/app@1.0"))
                #expect(denied.body != wheel("app", "1.0"))
            }
            #expect(try await scratch.send("HEAD", file("1.0"), token: scratch.admin).status == 403)
        }
    }

    @Test func inAuditModeNothingIsHidden() async throws {
        try await withRegistry("mode: audit\n" + Self.blocking) { scratch in
            let files = try await shown(scratch)
            #expect(files.count == 2)
            #expect(try await scratch.get(file("1.0"), token: scratch.admin).status == 200)
        }
    }

    @Test func anExemptionLetsItThrough() async throws {
        let exemption =
            "exempt:\n  - { purl: \"pkg:pypi/app@1.0\", rule: block, reason: \"ours\", until: 2999-01-01 }\n"
        try await withRegistry("mode: enforce\n" + Self.blocking + exemption) { scratch in
            let files = try await shown(scratch)
            #expect(files.count == 2)
        }
    }

    @Test func aNameWhoseReleasesAreAllHiddenIsStillAskedOfNobodyElse() async throws {
        try await withRegistry("mode: enforce\nrules: { block: [\"pkg:pypi/app\"] }\n") { scratch in
            let files = try await shown(scratch)
            #expect(files.isEmpty)
        }
    }

    @Test func aBuildOfWhichAReleaseIsRefusedIsNotPromoted() async throws {
        try await withRegistry("mode: enforce\nrules: { block: [\"pkg:pypi/bad\"] }\n") { scratch in
            let build = try SampleBuild("bad", "1.0")
            #expect(try await scratch.push(build, token: scratch.admin).status == 201)
            let path = "/api/v1/builds/\(build.id)/promote"
            let answer = try await scratch.post(path, ["to": "staging"], token: scratch.admin)
            #expect(answer.status == 403)
            #expect(answer.text.contains("the registry's policy denies pkg:pypi/bad@1.0: block"), "\(answer.text)")
        }
    }
}
