import Core
import JSONText
import Testing

@testable import Ecosystems

@Suite struct NpmClientTests {
    static let npm = Npm()

    @Test(arguments: ["v1", "v2", "v3"])
    func readsEveryFormatOfPackageLock(format: String) throws {
        let bytes = try Fixture.bytes("npm/lockfiles/package-lock.\(format).json")
        let pins = try Self.npm.pins(in: bytes, named: "package-lock.json")
        #expect(
            pins.map(\.release.description).sorted() == [
                "pkg:npm/%40jridgewell/gen-mapping@0.3.2", "pkg:npm/%40jridgewell/resolve-uri@3.1.0",
                "pkg:npm/%40jridgewell/set-array@1.1.2", "pkg:npm/%40jridgewell/source-map@0.3.2",
                "pkg:npm/%40jridgewell/sourcemap-codec@1.4.14", "pkg:npm/%40jridgewell/trace-mapping@0.3.17",
                "pkg:npm/async@0.8.1", "pkg:npm/debug@4.3.3", "pkg:npm/ms@2.1.3", "pkg:npm/underscore@1.13.4",
            ]
        )
        #expect(pins.allSatisfy { $0.digests.map(\.algorithm) == [.sha512] && $0.url != nil })
        let async = try #require(pins.first { $0.release.name == "async" })
        #expect(async.url?.description == "https://registry.npmjs.org/async/-/async-0.8.1.tgz")
        #expect(async.file == "async-0.8.1.tgz")
    }

    @Test func pinsOnlyWhatComesFromARegistry() throws {
        let text = """
            {"packages":{"":{"version":"1.0.0"},"packages/a":{"version":"1.0.0"},"node_modules/a":{"link":true,\
            "resolved":"packages/a"},"node_modules/b":{"version":"1.0.0","inBundle":true},"node_modules/c":{"version":\
            "1.0.0","resolved":"git+ssh://git@github.com/o/c.git#1"},"node_modules/d":{"version":"1.0.0","integrity":\
            "sha1-qvTGHdzF6KLavt4PO0gs2a6pQ00="},"node_modules/e":{"version":"1.0.0","resolved":"https://h.org/e.tgz"}}}
            """
        let pins = try Self.npm.pins(in: Array(text.utf8), named: "npm-shrinkwrap.json")
        #expect(
            pins.map(\.release.description) == [
                "pkg:npm/d@1.0.0", "pkg:npm/e@1.0.0?download_url=https:%2F%2Fh.org%2Fe.tgz",
            ]
        )
        #expect(pins.first?.digests.count == 1)
    }

    @Test func readsAYarnLock() throws {
        let pins = try Self.npm.pins(in: Fixture.bytes("npm/lockfiles/yarn.lock"), named: "yarn.lock")
        #expect(
            pins.map(\.release.description) == [
                "pkg:npm/%40jridgewell/source-map@0.3.2", "pkg:npm/async@0.8.1", "pkg:npm/underscore@1.13.4",
                "pkg:npm/fork@1.0.0?download_url=https:%2F%2Fcodeload.example.org%2Ffork%2Ftar.gz%2Fv1.0.0",
            ]
        )
        #expect(pins.map { $0.digests.map(\.algorithm) } == [[.sha512, .sha1], [.sha1], [.sha1], [.sha1]])
        #expect(pins[1].url?.description == "https://registry.yarnpkg.com/async/-/async-0.8.1.tgz")
    }

    @Test(arguments: ["package-lock.json", "yarn.lock"])
    func survivesNoiseInALockfile(name: String) {
        for seed in 0..<200 {
            let noise = (0..<seed).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ seed &* 17) }
            _ = try? Self.npm.pins(in: noise, named: name)
        }
        #expect(throws: Malformed.self) { try Self.npm.pins(in: [0xFF, 0xFE], named: name) }
    }

    static func endpoint(_ mode: Endpoint.Mode, _ clients: Set<String>, own: [String: String] = [:]) -> Endpoint {
        Endpoint(
            mode: mode,
            host: "127.0.0.1",
            port: 9,
            secret: "s",
            folder: "/run/s",
            environment: own,
            clients: clients
        )
    }

    @Test func trustsTheSessionInEveryNodeClient() {
        let settings = Self.npm.clientSettings(for: Self.endpoint(.intercept, ["npm"]))
        #expect(settings.environment["NODE_EXTRA_CA_CERTS"] == "/run/s/ca.pem")
        #expect(settings.environment["npm_config_cafile"] == "/run/s/ca-bundle.pem")
        #expect(settings.environment["npm_config_registry"] == nil)
        let merged = Self.endpoint(.intercept, ["npm"], own: ["NODE_EXTRA_CA_CERTS": "/etc/own.pem"])
        let own = Self.npm.clientSettings(for: merged)
        #expect(own.environment["NODE_EXTRA_CA_CERTS"] == "/run/s/ca-bundle.pem")
    }

    @Test(arguments: [Endpoint.Mode.intercept, .registry])
    func setsOnlyYarnVariablesThatEveryYarnKnows(mode: Endpoint.Mode) {
        let known: Set = [
            "YARN_HTTP_PROXY", "YARN_HTTPS_PROXY", "YARN_NPM_REGISTRY_SERVER", "YARN_UNSAFE_HTTP_WHITELIST",
        ]
        let with = Self.npm.clientSettings(for: Self.endpoint(mode, ["yarn"])).environment.keys
        #expect(with.filter { $0.uppercased().hasPrefix("YARN_") }.allSatisfy(known.contains))
        let without = Self.npm.clientSettings(for: Self.endpoint(mode, ["npm"])).environment.keys
        #expect(!without.contains { $0.hasPrefix("YARN_") })
    }

    @Test func pointsRegistriesAtTheSession() {
        let settings = Self.npm.clientSettings(for: Self.endpoint(.registry, ["npm", "pnpm"])).environment
        #expect(settings["npm_config_registry"] == "http://127.0.0.1:9/s/npm/")
        #expect(settings["PNPM_CONFIG_REGISTRY"] == "http://127.0.0.1:9/s/npm/")
        #expect(settings["npm_config_replace_registry_host"] == "always")
    }

    @Test func printsAProblemWhereNpmShowsIt() throws {
        let problem = Problem(
            .policyDenied,
            subject: "pkg:npm/async@0.8.1",
            summary: "is 5 days old",
            remedy: "Wait.",
            rule: "min_age"
        )
        let document = Self.npm.document(for: problem)
        let text = try JSON(parsing: document.bytes)["error"]?.string
        #expect(text == "policy.denied (rule min_age): pkg:npm/async@0.8.1 is 5 days old. Wait.")
        #expect(document.contentType == "application/json")
    }

    @Test(arguments: [
        ("POST", "/-/npm/v1/security/advisories/bulk", "{}"), ("GET", "/-/v1/search", #"{"objects":[],"total":0}"#),
        ("GET", "/-/ping", "{}"), ("GET", "/async", nil),
    ])
    func answersWhatReplayMayIgnore(method: String, path: String, body: String?) throws {
        let answer = Self.npm.ignorableAnswer(to: try NpmTests.request(path, method: method))
        #expect(answer.map { String(decoding: $0.bytes, as: UTF8.self) } == body)
    }
}

@Suite struct NpmVersionTests {
    static let npm = Npm()

    static func cases(_ name: String) throws -> [[JSON]] {
        let root = try JSON(parsing: Fixture.bytes("node-semver/fixtures.json"))
        return try #require(root[name]?.array).compactMap(\.array)
    }

    @Test func ordersVersionsAsNodeSemverDoes() throws {
        for row in try Self.cases("comparisons") {
            let (a, b) = (row[0].string ?? "", row[1].string ?? "")
            #expect(Self.npm.compare(a, b) == 1, "\(a) > \(b)")
            #expect(Self.npm.compare(b, a) == -1, "\(b) < \(a)")
            #expect(Self.npm.compare(a, a) == 0)
        }
        for row in try Self.cases("equality") {
            let (a, b) = (row[0].string ?? "", row[1].string ?? "")
            #expect(Self.npm.compare(a, b) == 0, "\(a) = \(b)")
        }
    }

    @Test func takesAndRefusesWhatNodeSemverDoes() throws {
        for row in try Self.cases("valid-versions") {
            let text = row[0].string ?? ""
            #expect(NpmVersion(text) != nil, "\(text)")
            #expect(Self.npm.isPrerelease(text) == !(row[4].array ?? []).isEmpty, "\(text)")
        }
        for row in try Self.cases("invalid-versions") {
            if let text = row[0].string { #expect(NpmVersion(text) == nil, "\(text)") }
        }
    }
}
