import Core
import Gateway
import Policy
import TestKit
import Testing

/// One release of a package asked for through its real codec under rules of its own, in audit mode; what policy found.
struct RuleScene {
    var kind = Package.Kind.npm
    var name = "demo"
    var listed: [Listed]
    /// The version that is asked for; the last one where nothing is said.
    var asked: String?
    var rules: String
    var isPinned = false
    /// Advisories by version.
    var advisories: [String: [Advisory]]?
    var data = ""

    /// The day before the scene's present.
    static let yesterday = "2026-11-17T08:00:00Z"

    func findings() async throws -> [Finding] {
        var setting = Scene.Setting()
        setting.policy = "version: 1\nmode: audit\n\(data)rules: { min_age: { action: allow }, \(rules) }\n"
        if let advisories {
            setting.records = { purl in purl.version.flatMap { advisories[$0] } ?? [] }
        }
        let listed = listed.map { one in
            var one = one
            if one.bytes.isEmpty { one.bytes = Package.bytes(kind, name, one.version, 900) }
            return one
        }
        let version = asked ?? listed.last?.version ?? ""
        let one = try #require(listed.first { $0.version == version })
        let package = Package.make(kind, name, one, listed)
        return try await Scene.with(setting) { scene async throws in
            package.serve(on: scene.fake)
            if isPinned {
                let release = try Purl(parsing: package.purl)
                let pin = Pin(release: release, file: package.file, url: try HTTPURL(package.url), digests: [])
                scene.gateway.learn([pin], from: "a.lock")
            }
            let taken = try await scene.ask(package.url)
            #expect(taken.status == 200, "\(taken.text)")
            return try #require(scene.recorder.fetched.last).verdict.findings
        }
    }

    /// What the one rule found.
    func finding(of rule: String) async throws -> Finding? {
        try await findings().first { $0.rule == rule }
    }
}
