import Core
import Gateway
import Storage
import TestKit
import Testing
import Upstream

/// A release that policy refuses and a lockfile of the project pins: its clients look it up in an index, so it stays there,
/// and the refusal of its bytes is what they show.
@Suite struct PinnedTests {
    private static let waiting = "version: 1\nmode: enforce\nrules: { min_age: { days: 7 } }\n"

    private static func setting(_ change: (inout Scene.Setting) -> Void = { _ in }) -> Scene.Setting {
        Scene.Setting {
            $0.policy = waiting
            change(&$0)
        }
    }

    /// A package with an old and a young release; its file is the young one's.
    private static func twoReleases(_ kind: Package.Kind) -> Package {
        let old = Listed("1.0.0", bytes: Package.bytes(kind, "demo", "1.0.0", 900))
        let new = Listed(
            "2.0.0",
            published: "2026-11-17T08:00:00Z",
            bytes: Package.bytes(kind, "demo", "2.0.0", 900)
        )
        return Package.make(kind, "demo", new, [old, new])
    }

    /// What an index says of a pinned and refused release, by the marks of its format.
    private static let marks: [Package.Kind: [String]] = [
        .pypi: [#""yanked":"policy.denied min_age: pkg:pypi/demo@2.0.0 is"#],
        .npm: [#""deprecated":"policy.denied min_age: pkg:npm/demo@2.0.0 is"#, #""latest":"1.0.0""#],
        .cargo: [#""vers":"2.0.0""#, #""yanked":true"#],
        .gem: ["2.0.0 |checksum:"],
        .pub: [#""retracted":true"#, #""latest":{"#],
    ]

    @Test(arguments: [Package.Kind.pypi, .npm, .cargo, .gem, .pub])
    func itStaysListedWithItsMarkAndIsRefusedOnceOnItsBytes(_ kind: Package.Kind) async throws {
        try await Scene.with(Self.setting()) { scene async throws in
            let package = Self.twoReleases(kind)
            package.serve(on: scene.fake)
            scene.gateway.learn([Pin(release: try Purl(parsing: package.purl))], from: "some.lock")
            let index = try #require(try await scene.announce(package))
            #expect(index.text.contains("1.0.0") && index.text.contains("2.0.0"))
            for mark in try #require(Self.marks[kind]) { #expect(index.text.contains(mark), "\(index.text)") }
            #expect(scene.recorder.refusals.isEmpty)
            for method in ["GET", "HEAD", "GET"] {
                let taken = try await scene.ask(package.url, method: method)
                #expect(taken.status == 403)
                let reason = try #require(taken.reason)
                #expect(reason.hasPrefix("policy.denied min_age: \(package.purl) is "), "\(reason)")
                #expect(reason.contains("; wait until 2026-11-2"), "\(reason)")
            }
            #expect(scene.recorder.refusals.map(\.isHidden) == [false])
            #expect(scene.fake.count(package.path) == 0)
        }
    }

    /// Ways to pin, and whether they mean this file.
    enum Way: String, CaseIterable {
        case digest, address, file, otherDigest, otherFile, otherVersion, ownManifest
        var means: Bool { [.digest, .address, .file].contains(self) }

        func pin(_ package: Package) throws -> Pin {
            let release = try Purl(parsing: package.purl)
            let other = Purl(type: "pypi", name: "another", version: "1")
            return switch self {
            case .digest: Pin(release: other, digests: [package.digest])
            case .address: Pin(release: other, url: try HTTPURL(package.url))
            case .file, .ownManifest: Pin(release: release, file: package.file)
            case .otherDigest: Pin(release: release, digests: [Digest.sha256(of: [1])])
            case .otherFile: Pin(release: release, file: "demo-2.0.0.tar.gz")
            case .otherVersion: Pin(release: release.at("1.0.0"))
            }
        }
    }

    @Test(arguments: Way.allCases)
    func onlyAPinOfThisVeryFileKeepsItListed(_ way: Way) async throws {
        try await Scene.with(Self.setting()) { scene async throws in
            let package = Self.twoReleases(.pypi)
            package.serve(on: scene.fake)
            let lockfile = way == .ownManifest ? Gateway.ownManifest : "requirements.txt"
            scene.gateway.learn([try way.pin(package)], from: lockfile)
            let index = try #require(try await scene.announce(package))
            #expect(index.text.contains(package.file) == way.means, "\(way)")
            #expect(scene.recorder.refusals.map(\.isHidden) == (way.means ? [] : [true]))
        }
    }

    @Test(arguments: [
        "https://registry.npmjs.org/demo/2.0.0", "https://pypi.org/pypi/demo/2.0.0/json",
    ])
    func aRequestThatNamesTheVersionIsToldAtOnce(_ url: String) async throws {
        try await Scene.with(Self.setting()) { scene async throws in
            let npm = Self.twoReleases(.npm)
            npm.serve(on: scene.fake)
            let manifest = """
                {"name":"demo","version":"2.0.0","dist":{"tarball":"\(npm.url)","integrity":"sha512-AAAA"}}
                """
            scene.fake.serve("/npm/demo/2.0.0", FakeAnswer(manifest, type: "application/json"))
            let page = """
                {"info":{"name":"demo","version":"2.0.0"},"urls":[{"filename":"demo-2.0.0.tar.gz","url":\
                "https://files.pythonhosted.org/packages/demo-2.0.0.tar.gz",\
                "upload_time_iso_8601":"2026-11-17T08:00:00Z","digests":{}}]}
                """
            scene.fake.serve("/pypi/pypi/demo/2.0.0/json", FakeAnswer(page, type: "application/json"))
            for _ in 0..<2 {
                let taken = try await scene.ask(url, accept: "application/json")
                #expect(taken.status == 403, "\(taken.text)")
                #expect(taken.reason?.contains("min_age") == true && taken.reason?.contains("; wait until") == true)
            }
            #expect(scene.recorder.refusals.map(\.isHidden) == [false])
        }
    }

    /// Poetry takes a refused page for a release without files, and would not say why.
    @Test func thePageOfAPinnedReleaseIsGivenOutWithTheMarkAndItsFileIsRefused() async throws {
        try await Scene.with(Self.setting()) { scene async throws in
            let package = Self.twoReleases(.pypi)
            package.serve(on: scene.fake)
            let page = """
                {"info":{"name":"demo","version":"2.0.0"},"urls":[{"filename":"\(package.file)","url":"\(package.url)",\
                "upload_time_iso_8601":"2026-11-17T08:00:00Z","digests":{},"yanked":false,"yanked_reason":null}]}
                """
            scene.fake.serve("/pypi/pypi/demo/2.0.0/json", FakeAnswer(page, type: "application/json"))
            scene.gateway.learn([Pin(release: try Purl(parsing: package.purl))], from: "poetry.lock")
            let taken = try await scene.ask("https://pypi.org/pypi/demo/2.0.0/json", accept: "application/json")
            #expect(taken.status == 200, "\(taken.text)")
            #expect(
                taken.text.contains(#""yanked":true"#) && taken.text.contains("policy.denied min_age"),
                "\(taken.text)"
            )
            let file = try await scene.ask(package.url)
            #expect(file.status == 403 && file.reason?.contains("min_age") == true)
            #expect(scene.recorder.refusals.map(\.isHidden) == [false])
        }
    }

    @Test func whatLiesBesideARefusedFileIsRefusedAndRecordedWithIt() async throws {
        try await Scene.with(Self.setting()) { scene async throws in
            let package = Self.twoReleases(.pypi)
            package.serve(on: scene.fake)
            scene.gateway.learn([Pin(release: try Purl(parsing: package.purl))], from: "Pipfile.lock")
            try await scene.announce(package)
            let metadata = try await scene.ask("\(package.url).metadata")
            #expect(metadata.status == 403 && metadata.reason?.contains("min_age") == true)
            #expect(try await scene.ask(package.url).status == 403)
            #expect(scene.recorder.refusals.map(\.isHidden) == [false])
        }
    }

    @Test func theTextIsTheSameInRegistryModeAndInAReplay() async throws {
        let package = Self.twoReleases(.pypi)
        let ways = [
            Self.setting(), Self.setting { $0.linkBase = "http://127.0.0.1:1/secret" },
            Self.setting { $0.isReplay = true },
        ]
        var answers: Set<String> = []
        for way in ways {
            try await Scene.with(way) { scene async throws in
                package.serve(on: scene.fake)
                scene.gateway.learn([Pin(release: try Purl(parsing: package.purl))], from: "requirements.txt")
                #expect(try await scene.announce(package)?.text.contains("demo-2.0.0") == true)
                let taken = try await scene.ask(package.url)
                answers.insert("\(taken.status) \(taken.reason ?? "")\n\(taken.text)")
            }
        }
        #expect(answers.count == 1, "\(answers)")
    }

    @Test func aClientThatShowsAnAddressAloneIsLedToOneThatSaysWhy() async throws {
        let policy = "version: 1\nmode: enforce\nrules: { block: [\"pkg:rpm/fedora/demo\"] }\n"
        try await Scene.with(Scene.Setting { $0.policy = policy }) { scene async throws in
            let package = Package.make(.rpm)
            package.serve(on: scene.fake)
            try await scene.announce(package)
            func ask(_ url: String, _ agent: String) async throws -> Taken {
                let request = Request(url: try HTTPURL(url), userAgent: agent)
                return await Reader().take(await scene.gateway.respond(to: ClientRequest(request: request)))
            }
            let led = try await ask(package.url, "libdnf (Fedora Linux 40)")
            let place = try #require(led.headers.first("Location"))
            #expect(led.status == 302 && place.hasPrefix("?purser-refused=policy.denied+block:+pkg:rpm/fedora/demo@"))
            #expect(place.contains("exempt+it+in+the+policy+file"))
            let end = try await ask(try HTTPURL(package.url).resolving(place).description, "libdnf (Fedora Linux 40)")
            #expect(end.status == 403 && end.reason?.hasPrefix("policy.denied block: pkg:rpm/fedora/demo@") == true)
            // Whoever shows the reason itself is told directly.
            #expect(try await ask(package.url, "curl/7.88").status == 403)
            #expect(scene.fake.count(package.path) == 0)
            #expect(scene.recorder.refusals.count == 1)
        }
    }

    @Test(arguments: ["yarn/1.22.19 npm/? node/v20.9.0 linux x64", "npm/10.8.2 node/v20.9.0"])
    func yarnIsToldInAnAddressThatItShowsAndCannotFollow(_ agent: String) async throws {
        let policy = "version: 1\nmode: enforce\nrules: { block: [\"pkg:npm/demo\"] }\n"
        try await Scene.with(Scene.Setting { $0.policy = policy }) { scene async throws in
            let package = Package.make(.npm)
            package.serve(on: scene.fake)
            let request = Request(url: try HTTPURL(package.url), userAgent: agent)
            let reply = await Reader().take(await scene.gateway.respond(to: ClientRequest(request: request)))
            let place = reply.headers.first("Location")
            if agent.hasPrefix("yarn") {
                #expect(reply.status == 302)
                #expect(
                    place?.hasPrefix("purser-refused:/policy.denied+block:+pkg:npm/demo@") == true,
                    "\(place ?? "")"
                )
            } else {
                #expect(reply.status == 403 && place == nil)
            }
            #expect(scene.fake.count(package.path) == 0)
        }
    }
}
