import Core
import Kernel
import Manifest
import Testing

@testable import Session

@Suite("What a run does with earlier papers")
struct PaperRuleTests {
    @Test func `A failed command's manifest goes beside the report where there is one already`() throws {
        let scratch = try Scratch()
        let plan = try scratch.plan()
        #expect(PaperFiles(plan, isPartial: true).manifest == scratch.path("purser.lock"))
        try scratch.write("purser.lock", "{}")
        let files = PaperFiles(plan, isPartial: true)
        #expect(files.manifest == scratch.path("purser-run.d/purser.lock"))
        #expect(files.statement == scratch.path("purser-run.d/purser.intoto.json"))
        #expect(files.kept == scratch.path("purser.lock"))
        #expect(PaperFiles(plan).manifest == scratch.path("purser.lock"))
    }

    @Test func `A damaged manifest is as good as none, but for runs that stand on it`() throws {
        let scratch = try Scratch()
        let whole = BuildManifest(inputs: []).canonicalBytes()
        try scratch.write("purser.lock", Array(whole.dropLast(3)))
        let earlier = try scratch.plan().earlierManifest()
        #expect(earlier.manifest == nil)
        #expect(earlier.notice?.hasPrefix("purser.lock is no build manifest") ?? false)
        for flag in ["locked", "offline"] {
            let plan = try scratch.plan([flag: ["true"]])
            let found = problem { _ = try plan.earlierManifest() }
            #expect(found?.code == .manifestMalformed)
            #expect(found?.subject == "purser.lock")
            #expect(found?.summary.contains("(at byte ") ?? false, "\(found?.summary ?? "")")
        }
        try scratch.write("purser.lock", whole)
        #expect(try scratch.plan().earlierManifest().manifest == BuildManifest(inputs: []))
    }

    @Test(arguments: [
        ("pip/24.0 {\"ci\":null,\"cpu\":\"x86_64\"}", ["pip 24.0"]),
        ("npm/10.8.2 node/v20.19.0 linux x64 workspaces/false", ["node 20.19.0", "npm 10.8.2"]),
        ("Debian APT-HTTP/1.3 (2.6.1)", ["apt 2.6.1"]),
        ("Apache-Maven/3.8.7 (Java 17.0.15; Linux 5.15.0)", ["maven 3.8.7"]),
        ("poetry/1.8.2 CPython/3.11.2 Linux/5.15.0-x", ["cpython 3.11.2", "poetry 1.8.2"]),
        ("Wget/1.21.3", ["wget 1.21.3"]), ("Go-http-client/1.1", []), ("secret/abc", []), ("curl/", []),
        ("curl/../../x", []), ("pip/\(String(repeating: "1", count: 41))", []), ("", []),
    ])
    func `A client is known by the name it gives`(_ agent: String, _ tools: [String]) throws {
        let manifest = BuildManifest(inputs: [], tools: ClientNames.tools(in: agent))
        #expect(manifest.tools.map { "\($0.name) \($0.version)" } == tools)
        #expect(manifest.tools.allSatisfy { $0.digest == nil && $0.origin == "named" })
        #expect(try BuildManifest(parsing: manifest.canonicalBytes()) == manifest)
    }
}
