import Core
import Testing

@testable import Ecosystems

/// The lockfiles of pnpm, Bun, Deno and the later yarn.
@Suite struct NpmLockfileTests {
    static let npm = Npm()
    static let fork = "pkg:npm/fork@1.0.0?download_url=https:%2F%2Fcodeload.example.org%2Ffork%2Ftar.gz%2Fv1.0.0"

    static func pins(_ file: String, as name: String) throws -> [Pin] {
        try npm.pins(in: Fixture.bytes("npm/lockfiles/\(file)"), named: name)
    }

    @Test(arguments: [
        ("v5", ["async@0.8.1", "styled@1.0.0"]), ("v6", ["async@0.8.1", "styled@1.0.0", "underscore@1.13.4"]),
        ("v9", ["async@0.8.1", "pnpm@11.0.3", "styled@1.0.0"]),
    ])
    func readsEveryFormatOfPnpmLock(format: String, names: [String]) throws {
        let pins = try Self.pins("pnpm-lock.\(format).yaml", as: "pnpm-lock.yaml")
        var wanted = ["pkg:npm/%40jridgewell/source-map@0.3.2"] + names.map { "pkg:npm/\($0)" }
        if format != "v5" { wanted.append(Self.fork) }
        #expect(pins.map(\.release.description).sorted() == wanted.sorted())
        let async = try #require(pins.first { $0.release.name == "async" })
        #expect(async.digests.map(\.algorithm) == [.sha1] && async.url == nil)
        let scoped = try #require(pins.first { $0.release.name == "source-map" })
        #expect(scoped.digests.map(\.algorithm) == [.sha512])
    }

    @Test func takesThePlaceOfATarballFromAPnpmLock() throws {
        let pins = try Self.pins("pnpm-lock.v6.yaml", as: "pnpm-lock.yaml")
        let foreign = try #require(pins.first { $0.release.name == "underscore" })
        #expect(foreign.url?.description == "https://npm.pkg.github.com/download/underscore/1.13.4/0df9")
        #expect(pins.first { $0.release.name == "fork" }?.digests == [])
    }

    @Test func readsBothDocumentsOfAPnpmLock() throws {
        let both = try Self.pins("pnpm-lock.v9.yaml", as: "pnpm-lock.yaml")
        #expect(Set(both.map(\.release.name)).isSuperset(of: ["pnpm", "async"]))
        let windows = Array(
            String(decoding: try Fixture.bytes("npm/lockfiles/pnpm-lock.v9.yaml"), as: UTF8.self)
                .replacing("\n", with: "\r\n").utf8
        )
        #expect(try Self.npm.pins(in: windows, named: "pnpm-lock.yaml") == both)
    }

    @Test func readsABunLock() throws {
        let pins = try Self.pins("bun.lock", as: "bun.lock")
        #expect(
            pins.map(\.release.description) == [
                "pkg:npm/%40jridgewell/source-map@0.3.2", "pkg:npm/async@0.8.1", "pkg:npm/underscore@1.13.4",
            ]
        )
        #expect(pins.allSatisfy { $0.digests.map(\.algorithm) == [.sha512] })
        #expect(pins.map { $0.url?.file } == [nil, "async-0.8.1.tgz", nil])
    }

    @Test(arguments: ["v3", "v4", "v5"])
    func readsEveryFormatOfDenoLock(format: String) throws {
        let pins = try Self.pins("deno.\(format).lock", as: "deno.lock")
        #expect(
            pins.map(\.release.description) == ["pkg:npm/%40jridgewell/source-map@0.3.2", "pkg:npm/styled@1.0.0"]
        )
        #expect(pins.allSatisfy { $0.digests.map(\.algorithm) == [.sha512] })
        #expect(pins[1].url?.file == (format == "v5" ? "styled-1.0.0.tgz" : nil))
        let modules = try Generic().pins(in: Fixture.bytes("npm/lockfiles/deno.\(format).lock"), named: "deno.lock")
        #expect(
            modules.map { $0.url?.description } == [
                "https://deno.land/std@0.224.0/mod.ts", "https://jsr.io/@std/assert/1.0.0_meta.json",
            ]
        )
        #expect(modules.allSatisfy { $0.digests.map(\.algorithm) == [.sha256] && $0.release.type == "generic" })
    }

    @Test func takesNoDigestsFromALaterYarnLock() throws {
        let pins = try Self.pins("yarn.berry.lock", as: "yarn.lock")
        #expect(
            pins.map(\.release.description) == [
                "pkg:npm/%40jridgewell/source-map@0.3.2", "pkg:npm/async@0.8.1", "pkg:npm/underscore@1.13.4",
            ]
        )
        #expect(pins.map(\.digests) == [[], [], []])
        #expect(pins[1].url?.description == "https://npm.example.org/download/async-0.8.1.tgz")
    }

    @Test func namesATarballOfJSR() throws {
        let request = Request(url: try HTTPURL("https://npm.jsr.io/~/11/@jsr/std__assert/1.0.0.tgz"))
        let release = Purl(type: "npm", namespace: "@jsr", name: "std__assert", version: "1.0.0")
        #expect(try Self.npm.intent(of: request) == .artifact(ArtifactName(release: release, file: "1.0.0.tgz")))
        let other = Request(url: try HTTPURL("https://npm.jsr.io/~/11/@jsr/std__assert/latest.tgz"))
        #expect(try Self.npm.intent(of: other) == nil)
    }

    @Test(arguments: [
        ("pnpm-lock.yaml", "pnpm-lock.v6.yaml"), ("pnpm-lock.yaml", "pnpm-lock.v9.yaml"), ("bun.lock", "bun.lock"),
        ("deno.lock", "deno.v3.lock"), ("deno.lock", "deno.v5.lock"), ("yarn.lock", "yarn.berry.lock"),
    ])
    func survivesDamageToALockfile(name: String, file: String) throws {
        let bytes = try Fixture.bytes("npm/lockfiles/\(file)")
        for seed in 0..<150 {
            var noise = Noise(seed: UInt64(seed))
            let damaged = noise.damaged(bytes)
            _ = try? Self.npm.pins(in: damaged, named: name)
            _ = try? Generic().pins(in: damaged, named: name)
        }
        for end in stride(from: 0, to: bytes.count, by: 97) {
            _ = try? Self.npm.pins(in: Array(bytes[..<end]), named: name)
        }
    }

    @Test(arguments: ["pnpm-lock.yaml", "bun.lock", "deno.lock"])
    func refusesWhatIsNoLockfile(name: String) {
        for text in ["[1]", "a: [", "{\"a\":1}", "\u{0}"] {
            #expect(throws: Malformed.self, "\(text)") { try Self.npm.pins(in: Array(text.utf8), named: name) }
        }
    }
}
