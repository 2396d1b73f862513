import Core
import Ecosystems
import Foundation
import Gateway
import JSONText
import Storage
import TestKit
import Testing
import Upstream

@testable import Registry

/// A registry whose public index is another one on loopback, with two releases of one project.
@Suite(.serialized) struct PublicIndexTests {
    private static let json = ["Accept": "application/vnd.pypi.simple.v1+json"]

    private func withRegistry(
        policy: String?,
        webhook: HTTPURL? = nil,
        _ body: @escaping @Sendable (RegistryScratch) async throws -> Void
    ) async throws {
        try await RegistryScratch.with(gateway: SmallIndex()) { mirror in
            try await mirror.administration.createRepository("mirror", isPublic: true, pullsThrough: true)
            let rules = mirror.folder + "-policy"
            defer { try? FileManager.default.removeItem(atPath: rules) }
            try FileManager.default.createDirectory(atPath: rules, withIntermediateDirectories: true)
            try Data((policy ?? "").utf8).write(to: URL(filePath: rules + "/policy.yml"))
            try Data(SmallIndex.advisory.utf8).write(to: URL(filePath: rules + "/osv.json"))
            var outside = RegistryConfiguration.Outside(
                upstreams: ["pypi": try HTTPURL(mirror.address + "/mirror/dev/pypi")]
            )
            outside.webhook = webhook.map { ($0, Secret("s3cret")) }
            try await RegistryScratch.with(outside: outside, policy: policy.map { _ in rules + "/policy.yml" }, body)
        }
    }

    private func versions(_ scratch: RegistryScratch) async throws -> [String] {
        let page = try await scratch.get("/main/dev/pypi/simple/lib/", token: scratch.admin, headers: Self.json)
        return page.json?["files"]?.array?.compactMap { $0["filename"]?.string } ?? []
    }

    private func path(_ version: String) -> String {
        "/main/dev/pypi/-/https/files.pythonhosted.org/packages/aa/bb/\(SmallIndex.file(version))"
    }

    @Test func withoutAPolicyFileNothingIsRefused() async throws {
        try await withRegistry(policy: nil) { scratch in
            let shown = try await versions(scratch)
            let file = try await scratch.get(path("2.0"), token: scratch.admin)
            #expect(shown.count == 2)
            #expect(file.body == SmallIndex.content("2.0"))
        }
    }

    @Test(arguments: ["rules:\n  block: [\"pkg:pypi/lib@2.0\"]\n", "data: { osv: osv.json }\n"])
    func aReleaseThatTheRegistrysPolicyDeniesIsHiddenAndRefused(rules: String) async throws {
        try await withRegistry(policy: "version: 1\nmode: enforce\n" + rules) { scratch in
            #expect(try await versions(scratch) == [SmallIndex.file("1.0")])
            #expect(try await scratch.get(path("1.0"), token: scratch.admin).status == 200)
            let denied = try await scratch.get(path("2.0"), token: scratch.admin)
            #expect(denied.status == 403)
            #expect(denied.reason.hasPrefix("policy.denied"))
            #expect(denied.text.contains("lib"))
            #expect(denied.body != SmallIndex.content("2.0"))
        }
    }

    /// The registry's own gateway looks into every kind of data that a policy names, signatures among them.
    @Test(arguments: [true, false])
    func theRegistryVerifiesWhatPublishersSigned(isGood: Bool) async throws {
        let fake = try await FakeUpstream.start()
        let instance = try SigstoreInstance()
        let file = "demo-1.0.0-py3-none-any.whl"
        let place = "integrity/demo/1.0.0/\(file)/provenance"
        var listed = Listed("1.0.0", bytes: Package.bytes(.pypi, "demo", "1.0.0", 900))
        listed.more = ",\"provenance\":\"https://pypi.org/\(place)\""
        let package = Package.make(.pypi, "demo", listed, [listed])
        package.serve(on: fake)
        let bytes = isGood ? package.bytes : [1]
        fake.serve(
            "/pypi/\(place)",
            FakeAnswer(try instance.attestations(.pypi, of: file, bytes: bytes), type: "application/json")
        )
        let folder = FileManager.default.temporaryDirectory.path + "/purser-verify-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data(instance.trustedRoot).write(to: URL(filePath: folder + "/root.json"))
        let policy =
            "version: 1\nmode: enforce\ndata: { trusted_root: root.json }\nrules: { min_age: { action: allow }, trust.verify: [\"pkg:pypi/*\"] }\n"
        try Data(policy.utf8).write(to: URL(filePath: folder + "/policy.yml"))
        let outside = RegistryConfiguration.Outside(
            upstreams: ["pypi": try HTTPURL("\(fake.origin)/pypi"), "pypi:files": try HTTPURL("\(fake.origin)/files")]
        )
        try await RegistryScratch.with(outside: outside, policy: folder + "/policy.yml") { scratch in
            _ = try await scratch.get("/main/dev/pypi/simple/demo/", token: scratch.admin, headers: Self.json)
            let path = "/main/dev/pypi/-/https/files.pythonhosted.org/packages/\(file)"
            let answer = try await scratch.get(path, token: scratch.admin)
            #expect(answer.status == (isGood ? 200 : 403), "\(answer.reason)")
            if !isGood { #expect(answer.reason.hasPrefix("policy.denied trust.verify"), "\(answer.reason)") }
        }
        await fake.stop()
    }

    @Test func aDenialIsAnEventAndANotice() async throws {
        let receiver = try await FakeUpstream.start()
        receiver.serve("/hook", FakeAnswer("ok", type: "text/plain"))
        let policy = "version: 1\nmode: enforce\nrules:\n  block: [\"pkg:pypi/lib@2.0\"]\n"
        try await withRegistry(policy: policy, webhook: try HTTPURL("\(receiver.origin)/hook")) { scratch in
            for _ in 0..<3 { #expect(try await scratch.get(path("2.0"), token: scratch.admin).status == 403) }
            let events = try await scratch.get("/api/v1/events", token: scratch.admin).json?["events"]?.array ?? []
            let denials = events.filter { $0["kind"]?.string == "policy.denied" }
            #expect(denials.map { $0["subject"]?.string } == ["pkg:pypi/lib@2.0"])
            #expect(denials.first?["details"]?.string?.contains("\"rule\":\"block\"") == true)
            // Told in the background, while the client has its answer long since.
            for _ in 0..<500 where receiver.count("/hook") == 0 { try await Task.sleep(for: .milliseconds(20)) }
        }
        let notice = try #require(receiver.requests(for: "/hook").first)
        #expect(receiver.count("/hook") == 1)
        let facts = try JSON(parsing: notice.body)["purser"]
        #expect(facts?["subject"]?.string == "pkg:pypi/lib@2.0")
        #expect(facts?["rule"]?.string == "block")
        #expect(notice.header("Purser-Signature") != nil)
    }

    @Test func whatTheCacheKeepsIsKnownToFsckAndSweptOldestFirst() async throws {
        try await RegistryScratch.with(gateway: SmallIndex()) { mirror in
            try await mirror.administration.createRepository("mirror", isPublic: true, pullsThrough: true)
            let folder = mirror.folder + "-fetching"
            defer { try? FileManager.default.removeItem(atPath: folder) }
            var configuration = RegistryConfiguration(
                data: folder,
                listen: ("127.0.0.1", 0),
                ecosystems: Catalog.all,
                now: { RegistryScratch.now }
            )
            let mirrors = ["pypi": try HTTPURL(mirror.address + "/mirror/dev/pypi")]
            configuration.source = .publicIndexes(.init(upstreams: mirrors))
            try await RegistryScratch.serve(configuration) { ready in
                let token = ready.firstToken?.reveal() ?? ""
                let client = try RegistryScratch.client(of: folder, ready.address, ready.port, admin: token)
                #expect(try await versions(client).count == 2)
                let metadata = try await client.get(path("1.0") + ".metadata", token: token)
                #expect(metadata.body == SmallIndex.metadata)
                let known = "/api/v1/blobs/sha256/\(Digest.sha256(of: SmallIndex.metadata).hex)"
                #expect(try await client.get(known, token: token).body == SmallIndex.metadata)
            }
            let administration = Administration(data: folder) { RegistryScratch.now }
            let report = try await administration.check()
            #expect(report.complaints.isEmpty)
            #expect(report.unneeded == 0)
            #expect(report.cached == report.blobs)
            #expect(report.blobs >= 2)
            let swept = try await administration.sweep(limit: 0, isDry: false)
            #expect(swept.dropped == swept.entries)
            #expect(try await administration.check().blobs == 0)
        }
    }

    @Test func factsOfManyReleasesAreOneQuestion() async throws {
        let rules = "version: 1\nmode: enforce\nrules:\n  block: [\"pkg:pypi/lib@2.0\"]\n"
        try await withRegistry(policy: rules) { scratch in
            let releases: JSON = ["pkg:pypi/lib@1.0", "pkg:pypi/lib@2.0", "pkg:pypi/nothing@1.0", "pkg:deb/debian/a@1"]
            let token = try await scratch.token(.read)
            let answer = try await scratch.post("/api/v1/facts", ["releases": releases], token: token)
            let packages = answer.json?["packages"]?.array ?? []
            #expect(packages.map { $0["package"] } == ["pkg:pypi/lib"], "\(answer.text)")
            let told = packages.first?["releases"]?.array ?? []
            // What is refused here is for whoever asks to judge by rules of his own.
            #expect(told.map { $0["purl"] } == ["pkg:pypi/lib@1.0", "pkg:pypi/lib@2.0"])
            let file = told.first?["files"]?.array?.first
            #expect(file?["digests"] == [.string(Digest.sha256(of: SmallIndex.content("1.0")).description)])
            #expect(file?["published"] == "2020-01-01T00:00:00Z" && file?["basis"] == "upload-time")
        }
    }

    @Test func ofReleasesThatWereNotAskedForOnlyTheHistoryIsTold() async throws {
        try await withRegistry(policy: nil) { scratch in
            for history in [false, true] {
                let question: JSON = ["releases": ["pkg:pypi/lib@2.0"], "history": .bool(history)]
                let answer = try await scratch.post("/api/v1/facts", question, token: scratch.admin)
                let told = answer.json?["packages"]?.array?.first?["releases"]?.array ?? []
                #expect(told.count == (history ? 2 : 1), "\(answer.text)")
                #expect(told.last?["files"]?.array?.first?["digests"] != nil)
                if history { #expect(told.first?["files"]?.array?.first?["digests"] == nil) }
            }
            let noVersion = try await scratch.post(
                "/api/v1/facts",
                ["releases": ["pkg:pypi/lib"]],
                token: scratch.admin
            )
            #expect(noVersion.status == 400)
            let many = JSON.array([JSON](repeating: "pkg:pypi/lib@1", count: 5_001))
            #expect(try await scratch.post("/api/v1/facts", ["releases": many], token: scratch.admin).status == 400)
        }
    }

    @Test(arguments: [
        ("version: 1\nmod: enforce\n", Problem.Code.usageInvalid),
        ("version: 1\nagent: { mode: run }\n", .usageInvalid),
        ("version: 1\ndata: { osv: nowhere.json }\n", .configUnreadable),
    ])
    func noRegistryStartsWithAPolicyThatCannotBeRead(text: String, code: Problem.Code) async throws {
        let problem = await #expect(throws: Problem.self) { try await withRegistry(policy: text) { _ in } }
        #expect(problem?.code == code)
    }
}

/// The project `lib`, releases 1.0 and 2.0, as the public index would show it.
struct SmallIndex: Responder {
    static let advisory = """
        {"id": "MAL-2026-1", "summary": "steals", "modified": "2026-01-01T00:00:00Z",
         "affected": [{"package": {"ecosystem": "PyPI", "name": "lib"}, "versions": ["2.0"]}]}
        """

    static func file(_ version: String) -> String { "lib-\(version)-py3-none-any.whl" }

    static func content(_ version: String) -> [UInt8] { wheel("lib", version) }

    static let metadata = Array("Metadata-Version: 2.1\nName: lib\nVersion: 1.0\n".utf8)

    func respond(to request: ClientRequest) async -> Reply {
        let path = request.request.url.path
        if path.hasSuffix("/\(SmallIndex.file("1.0")).metadata") {
            return Reply(status: 200, body: .bytes(SmallIndex.metadata))
        }
        if path == "/simple/lib/" {
            let type = "application/vnd.pypi.simple.v1+json"
            return Reply(status: 200, headers: [HeaderField("Content-Type", type)], body: .bytes(SmallIndex.page))
        }
        for version in ["1.0", "2.0"] where path.hasSuffix("/" + SmallIndex.file(version)) {
            return Reply(status: 200, body: .bytes(SmallIndex.content(version)))
        }
        return Reply(status: 404)
    }

    private static var page: [UInt8] {
        let files = ["1.0", "2.0"].map { version -> JSON in
            [
                "filename": .string(file(version)),
                "url": .string("https://files.pythonhosted.org/packages/aa/bb/\(file(version))"),
                "hashes": ["sha256": .string(Digest.sha256(of: content(version)).hex)],
                "upload-time": "2020-01-01T00:00:00Z",
                "core-metadata": ["sha256": .string(Digest.sha256(of: metadata).hex)],
            ]
        }
        let page: JSON = ["meta": ["api-version": "1.1"], "name": "lib", "files": .array(files)]
        return page.canonicalBytes()
    }
}
