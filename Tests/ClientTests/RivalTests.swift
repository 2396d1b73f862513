import Core
import TestKit
import Testing

/// What other tools promise and break, with the package managers themselves.
@Suite("What rivals promise, with real clients")
struct RivalTests {
    private static let record = """
        {"id":"GHSA-aaaa-bbbb-cccc","modified":"2026-01-01T00:00:00Z","summary":"a hole","affected":[{"package":\
        {"ecosystem":"npm","name":"demo"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"1.1.0"}]}]}]}
        """
    private static let audit = """
        {"demo":[{"id":7,"url":"https://github.com/advisories/GHSA-aaaa-bbbb-cccc","title":"a hole","severity":"high",\
        "vulnerable_versions":"<1.1.0","cwe":[],"cvss":{"score":0,"vectorString":null}}]}
        """

    // thinkst lifts the age rule for a user and an address for three seconds after an audit, whatever is asked for then.
    @Test(.enabled(if: Client.isHere("npm"), "npm is not on PATH"), arguments: [true, false])
    func `npm audit fix passes the cool-down for the advisory it fixes and for nothing else`(_ isKnown: Bool)
        async throws
    {
        let shop = try await Workshop.open()
        let needs = ["leaf": "^1.0.0"]
        NodePackage(name: "leaf", releases: [.init(version: "1.2.0")]).serve(on: shop.fake)
        NodePackage(name: "demo", releases: [.init(version: "1.0.0", dependencies: needs)]).serve(on: shop.fake)
        try shop.write(isKnown ? Self.record : Self.record.replacing("1.1.0", with: "1.2.0"), "osv.json")
        try shop.policy("data: { osv: osv.json }\nrules: { vulnerability: { unrated: report } }\n")
        try shop.write(
            "{\"name\":\"job\",\"version\":\"1.0.0\",\"dependencies\":{\"demo\":\"^1.0.0\"}}",
            "package.json"
        )
        let first = try await shop.run("npm install --no-audit --no-fund")
        #expect(first.status == 0, "\(first.text)")
        // An hour ago both packages had a release; one of them ends the flaw.
        let young = NodePackage.Release(version: "1.1.0", published: Moment.anHourAgo, dependencies: needs)
        NodePackage(name: "demo", releases: [.init(version: "1.0.0", dependencies: needs), young]).serve(on: shop.fake)
        let leaf = NodePackage.Release(version: "1.3.0", published: Moment.anHourAgo)
        NodePackage(name: "leaf", releases: [.init(version: "1.2.0"), leaf]).serve(on: shop.fake)
        shop.fake.serve("/npm/-/npm/v1/security/advisories/bulk", FakeAnswer(Self.audit, type: "application/json"))
        let fix =
            "rm -rf \"$npm_config_cache\"; npm audit fix --no-fund; npm update --no-audit --no-fund; cat node_modules/*/package.json"
        let ending = try await shop.run(fix, ["--cache", "off"])
        #expect(ending.text.contains("\"version\":\"1.1.0\"") == isKnown, "\(ending.text)")
        #expect(ending.text.contains("\"version\":\"1.2.0\"") && !ending.text.contains("\"version\":\"1.3.0\""))
    }

    // uv's and pip's `exclude-newer`, for clients that have no such flag as well.
    @Test(.enabled(if: Client.isHere("npm"), "npm is not on PATH"))
    func `npm installs what was newest at a time`() async throws {
        let shop = try await Workshop.open()
        _ = NodePackage.demo(on: shop.fake, young: true)
        try shop.write("{\"name\":\"job\",\"version\":\"1.0.0\"}", "package.json")
        let ending = try await shop.run("npm install --no-audit --no-fund demo", ["--as-of", "2d"])
        #expect(ending.status == 0, "\(ending.text)")
        #expect(try shop.purls() == ["pkg:npm/demo@1.0.0", "pkg:npm/leaf@1.2.0"])
    }

    @Test(.enabled(if: Client.isHere("python3", "pip3"), "pip is not on PATH"))
    func `pip installs what was newest at a time, and a later file is refused by its address`() async throws {
        let shop = try await Workshop.open()
        let (demo, _) = PythonProject.demo(on: shop.fake, young: true)
        let pip = "python3 -m pip install --disable-pip-version-check --no-cache-dir --target out"
        let ending = try await shop.run("\(pip) demo", ["--as-of", "2d"])
        #expect(ending.status == 0, "\(ending.text)")
        #expect(try shop.purls() == ["pkg:pypi/demo@1.0", "pkg:pypi/leaf@0.5"])
        let direct = try await shop.run("\(pip) --no-deps \(demo.url("2.0"))", ["--as-of", "2d"])
        #expect(direct.status != 0 && direct.text.contains("policy.denied as_of"), "\(direct.text)")
    }
}
