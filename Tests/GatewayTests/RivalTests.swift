import Core
import Gateway
import JSONText
import TestKit
import Testing
import Upstream

/// What other tools promise or get wrong, as policy files through real codecs.
@Suite struct RivalTests {
    private static let old = "2026-01-10T08:00:00Z"
    private static let young = "2026-11-18T08:00:00Z"

    /// A package of these versions; `asked` is the one whose file is asked for.
    private static func package(
        _ kind: Package.Kind,
        _ versions: [(version: String, published: String)],
        asked: String,
        name: String = "demo"
    ) throws -> Package {
        let listed = versions.map { one in
            Listed(one.version, published: one.published, bytes: Package.bytes(kind, name, one.version, 900))
        }
        return Package.make(kind, name, try #require(listed.first { $0.version == asked }), listed)
    }

    /// What the index shows, and the status of the file.
    private static func seen(_ package: Package, under policy: String) async throws -> (index: String, file: Taken) {
        let setting = Scene.Setting { $0.policy = "version: 1\nmode: enforce\n\(policy)\n" }
        return try await Scene.with(setting) { scene async throws in
            package.serve(on: scene.fake)
            let index = try await scene.announce(package)?.text ?? ""
            let file = try await scene.ask(package.url)
            if file.status == 403 { #expect(scene.fake.count(package.path) == 0) }
            return (index, file)
        }
    }

    // thinkst/package-proxy: a block list that matched by prefix took 1.0.1 for 1.0, and cargo's never matched at all.
    @Test(arguments: [Package.Kind.pypi, .npm, .cargo])
    func blockingOneVersionLeavesTheNextAlone(_ kind: Package.Kind) async throws {
        let versions = [("1.0.0", Self.old), ("1.0.1", Self.old), ("1.0.10", Self.old)]
        let policy = "rules: { block: [\"pkg:\(kind)/demo@1.0.1\"] }"
        for (version, status) in [("1.0.0", 200), ("1.0.1", 403), ("1.0.10", 200)] {
            let package = try Self.package(kind, versions, asked: version)
            let seen = try await Self.seen(package, under: policy)
            #expect(seen.file.status == status, "\(version): \(seen.file.reason ?? "")")
        }
    }

    // thinkst: an allow-listed fresh version stayed in the list of versions, but lost its files; an old one lost them too.
    @Test func anAllowedFreshReleaseKeepsItsFilesAndSoDoTheOthers() async throws {
        let versions = [("1.0.0", Self.old), ("2.0.0", Self.young)]
        let policy = "rules: { min_age: { days: 7 }, allow: [\"pkg:pypi/demo@2.0.0\"] }"
        for version in ["1.0.0", "2.0.0"] {
            let seen = try await Self.seen(try Self.package(.pypi, versions, asked: version), under: policy)
            #expect(seen.index.contains("demo-\(version)-py3-none-any.whl"))
            #expect(seen.file.isComplete)
        }
    }

    // thinkst: `latest` went to the last key, a prerelease.
    @Test func latestGoesToTheNewestAllowedReleaseAndNeverToAPrerelease() async throws {
        let versions = [
            ("1.0.0", Self.old), ("2.0.0", Self.old), ("3.0.0-beta.1", Self.old), ("3.0.0", Self.young),
        ]
        let package = try Self.package(.npm, versions, asked: "2.0.0")
        let seen = try await Self.seen(package, under: "rules: { min_age: { days: 7 } }")
        #expect(try JSON(parsing: Array(seen.index.utf8))["dist-tags"]?["latest"]?.string == "2.0.0")
    }

    // thinkst: options of one request were seen by the next.
    @Test func noRequestSeesThePolicyOfAnother() async throws {
        let fake = try await FakeUpstream.start()
        let package = try Self.package(.npm, [("1.0.0", Self.old)], asked: "1.0.0")
        package.serve(on: fake)
        let strict = Scene.Setting { $0.policy = "version: 1\nmode: enforce\nrules: { block: [\"pkg:npm/demo\"] }\n" }
        let open = Scene.Setting { $0.policy = "version: 1\nmode: enforce\n" }
        try await Scene.with(strict, fake: fake) { closed async throws in
            try await Scene.with(open, fake: fake) { free async throws in
                try await withThrowingTaskGroup(of: (Bool, Int).self) { group in
                    for turn in 0..<40 {
                        let isStrict = turn.isMultiple(of: 2)
                        group.addTask {
                            let taken = try await (isStrict ? closed : free).ask(package.url)
                            return (isStrict, taken.status)
                        }
                    }
                    for try await (isStrict, status) in group { #expect(status == (isStrict ? 403 : 200)) }
                }
            }
        }
        await fake.stop()
    }

    // verdaccio's package filter: by a part of the name, by name, by range, and `replace` with the nearest older safe version.
    @Test(arguments: [
        ("@evil/demo", "\"pkg:npm/@evil/*\"", 403), ("@good/demo", "\"pkg:npm/@evil/*\"", 200),
        ("evil-demo", "\"pkg:npm/evil-*\"", 403), ("good-demo", "\"pkg:npm/evil-*\"", 200),
        ("demo", "\"pkg:npm/demo\"", 403), ("demo", "\"pkg:npm/demo@>=2,<3\"", 403),
        ("demo", "\"pkg:npm/demo@<2 || >=3\"", 200),
    ])
    func blocksByNameAndRange(_ name: String, _ pattern: String, _ status: Int) async throws {
        let package = try Self.package(.npm, [("2.1.0", Self.old)], asked: "2.1.0", name: name)
        let seen = try await Self.seen(package, under: "rules: { block: [\(pattern)] }")
        #expect(seen.file.status == status)
    }

    @Test func aBlockedReleaseGivesWayToTheNearestOlderOne() async throws {
        let versions = [("1.8.0", Self.old), ("1.9.0", Self.old), ("2.0.0", Self.old)]
        let package = try Self.package(.npm, versions, asked: "2.0.0")
        let seen = try await Self.seen(package, under: "rules: { block: [\"pkg:npm/demo@>=2\"] }")
        #expect(try JSON(parsing: Array(seen.index.utf8))["dist-tags"]?["latest"]?.string == "1.9.0")
        // Other bytes under the asked version would be a lie; who insists on it is told what to take.
        #expect(seen.file.status == 403)
        #expect(seen.file.text.contains("1.9.0"))
    }

    // uv's `exclude-newer-package` and pnpm's `trustPolicyExclude`: an exception for one package, here with an end.
    @Test func anExceptionFromATimeIsForOnePackageAlone() async throws {
        let policy =
            "rules: { as_of: { time: 2026-03-01 }, min_age: { action: allow } }\n"
            + "exempt: [{ purl: \"pkg:pypi/demo@2.0.0\", rule: as_of, reason: \"the fix\", until: 2030-01-01 }]"
        for (name, status) in [("demo", 200), ("other", 403)] {
            let package = try Self.package(.pypi, [("2.0.0", "2026-06-01T00:00:00Z")], asked: "2.0.0", name: name)
            #expect(try await Self.seen(package, under: policy).file.status == status)
        }
    }

    // pnpm's trust policy: what a workflow published cannot be followed by what a person did, in the index as for the file.
    @Test func aReleaseByHandAfterOnesByAWorkflowIsNotResolved() async throws {
        let proven = ",\"_npmUser\":{\"name\":\"robot\",\"trustedPublisher\":{\"id\":\"github\"}}"
        let listed = [
            Listed("1.0.0", published: Self.old, bytes: Package.bytes(.npm, "demo", "1.0.0", 900), more: proven),
            Listed(
                "1.0.1",
                published: "2026-10-10T08:00:00Z",
                bytes: Package.bytes(.npm, "demo", "1.0.1", 900),
                more: ",\"_npmUser\":{\"name\":\"mallory\"}"
            ),
        ]
        let seen = try await Self.seen(Package.make(.npm, "demo", listed[1], listed), under: "")
        #expect(try JSON(parsing: Array(seen.index.utf8))["dist-tags"]?["latest"]?.string == "1.0.0")
        #expect(seen.file.reason?.hasPrefix("policy.denied trust.no_downgrade") == true, "\(seen.file.reason ?? "")")
    }

    // devpi's mirror whitelist: nothing of the public index but these.
    @Test(arguments: [("requests", 200), ("left-out", 403)])
    func onlyWhatIsListedComesFromTheMirror(_ name: String, _ status: Int) async throws {
        let policy = "rules: { block: { purls: [\"pkg:pypi/*\"], except: [\"pkg:pypi/requests\"] } }"
        let package = try Self.package(.pypi, [("1.0.0", Self.old)], asked: "1.0.0", name: name)
        #expect(try await Self.seen(package, under: policy).file.status == status)
    }

    // What the whitelist lets in is still judged by every other rule.
    @Test func aListOfWhatMayComeLiftsNothingElse() async throws {
        let policy =
            "rules: { block: { purls: [\"pkg:pypi/*\"], except: [\"pkg:pypi/requests\"] }, min_age: { days: 7 } }"
        let package = try Self.package(.pypi, [("1.0.0", Self.young)], asked: "1.0.0", name: "requests")
        #expect(try await Self.seen(package, under: policy).file.reason?.contains("min_age") == true)
    }

    // CodeArtifact's origin controls, `publish: allow, upstream: block`: nobody outside is even asked.
    @Test func aNameOfOurOwnIsNotAskedOfThePublicRegistry() async throws {
        let setting = Scene.Setting {
            $0.policy = "version: 1\nmode: enforce\nrules: { namespace.internal: [\"pkg:npm/@acme/*\"] }\n"
        }
        try await Scene.with(setting) { scene async throws in
            let package = try Self.package(.npm, [("9.9.9", Self.old)], asked: "9.9.9", name: "@acme/api")
            package.serve(on: scene.fake)
            #expect(try await scene.ask(try #require(package.index)).status == 403)
            #expect(scene.fake.requests.isEmpty)
        }
    }
}
