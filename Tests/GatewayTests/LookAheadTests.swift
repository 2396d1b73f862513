import Core
import Gateway
import TestKit
import Testing

/// A client that obeys a lockfile asks for files alone; the indexes that their facts are in are read ahead of it.
@Suite struct LookAheadTests {
    private static let packages = (0..<60).map { Package.make(.npm, name: "part-\($0)") }

    private static func pin(_ package: Package, at origin: String? = nil) throws -> Pin {
        let url = origin.map { "\($0)/\(package.file)" } ?? package.url
        return Pin(
            release: try Purl(parsing: package.purl),
            file: package.file,
            url: try HTTPURL(url),
            digests: [package.digest]
        )
    }

    private static func serve(_ scene: Scene) {
        for package in packages { package.serve(on: scene.fake) }
    }

    private static func read(_ scene: Scene) -> [Int] {
        packages.indices.filter { scene.fake.count(packages[$0].indexPath) > 0 }
    }

    @Test func theIndexesOfTheNextFilesAreReadAheadAndOnlyOnce() async throws {
        try await Scene.with { scene async throws in
            Self.serve(scene)
            scene.gateway.learn(try Self.packages.map { try Self.pin($0) }, from: "package-lock.json")
            #expect(try await scene.ask(Self.packages[3].url).isComplete)
            // Clients go through a lockfile in either direction, and not all of what it names is asked for.
            #expect(await eventually { Self.read(scene) == Array(0...35) })
            // Read is not asked for: only what a client wanted is in the record.
            let lines = scene.recorder.events.map(\.line).filter { $0.contains("part-") && !$0.contains("part-3") }
            #expect(lines.isEmpty)
            for number in 4...9 { #expect(try await scene.ask(Self.packages[number].url).isComplete) }
            // On from what was asked for last.
            #expect(await eventually { Self.read(scene) == Array(0...41) })
            #expect(Self.packages[0...41].allSatisfy { scene.fake.count($0.indexPath) == 1 })
            #expect(scene.recorder.answers.contains { $0.request.url.path == "/part-9" })
            #expect(scene.recorder.fetched.count == 7)
        }
    }

    @Test func atMostSixteenAreReadAtOnce() async throws {
        try await Scene.with { scene async throws in
            Self.serve(scene)
            let gate = Gate()
            for package in Self.packages.dropFirst() {
                scene.fake.serve(package.indexPath, package.indexAnswer.waiting(after: 1, for: gate))
            }
            scene.gateway.learn(try Self.packages.map { try Self.pin($0) }, from: "package-lock.json")
            #expect(try await scene.ask(Self.packages[0].url).isComplete)
            #expect(await eventually { gate.arrived == 16 })
            try await Task.sleep(for: .milliseconds(50))
            #expect(gate.arrived == 16)
            gate.open()
            #expect(await eventually { Self.read(scene).count == 33 })
        }
    }

    @Test func whatLiesElsewhereOrIsKnownIsLeftAlone() async throws {
        try await Scene.with { scene async throws in
            Self.serve(scene)
            try await scene.announce(Self.packages[2])
            let pins = try [Self.pin(Self.packages[0]), Self.pin(Self.packages[1], at: "https://elsewhere.test")]
            let more = try [Self.pin(Self.packages[2]), Self.pin(Self.packages[3])]
            scene.gateway.learn(pins + more, from: "package-lock.json")
            #expect(try await scene.ask(Self.packages[0].url).isComplete)
            #expect(await eventually { Self.read(scene) == [0, 2, 3] })
            #expect(scene.fake.count(Self.packages[2].indexPath) == 1)
        }
    }

    @Test func namesOfOtherRegistriesAndOfRepositoriesAreNotAskedAbout() async throws {
        try await Scene.with { scene async throws in
            Self.serve(scene)
            func bare(_ package: Package, _ qualifiers: [String: String], file: String?) throws -> Pin {
                Pin(release: try Purl(parsing: package.purl).with(qualifiers), file: file, digests: [package.digest])
            }
            let own = try bare(Self.packages[1], ["repository_url": "https://npm.acme.example/"], file: "own.tgz")
            let commit = try bare(Self.packages[2], ["vcs_url": "git+https://git.acme.example/x@abc"], file: nil)
            let next = try bare(Self.packages[3], [:], file: "part-3.tgz")
            scene.gateway.learn([try Self.pin(Self.packages[0]), own, commit, next], from: "lock")
            #expect(try await scene.ask(Self.packages[0].url).isComplete)
            #expect(await eventually { Self.read(scene) == [0, 3] })
            try await Task.sleep(for: .milliseconds(50))
            #expect(Self.read(scene) == [0, 3])
        }
    }

    @Test func aFailureAheadIsToldOnlyToWhoeverAsks() async throws {
        try await Scene.with { scene async throws in
            Self.serve(scene)
            scene.fake.serve(Self.packages[1].indexPath, FakeAnswer("{", type: "application/json"))
            scene.gateway.learn(try Self.packages[..<3].map { try Self.pin($0) }, from: "package-lock.json")
            #expect(try await scene.ask(Self.packages[0].url).isComplete)
            #expect(await eventually { Self.read(scene) == [0, 1, 2] })
            #expect(scene.recorder.refusals.isEmpty && scene.recorder.gaps.isEmpty)
            #expect(try await scene.ask(Self.packages[1].url).isComplete)
        }
    }

    @Test func nothingIsReadAheadOffline() async throws {
        try await Scene.with(Scene.Setting { $0.isOffline = true }) { scene async throws in
            Self.serve(scene)
            scene.gateway.learn(try Self.packages.map { try Self.pin($0) }, from: "package-lock.json")
            _ = try await scene.ask(Self.packages[0].url)
            try await Task.sleep(for: .milliseconds(50))
            #expect(Self.read(scene).isEmpty)
        }
    }

    private static let module = GoModule("example.org/demo", "v1.0.0")

    /// Asks for the go.mod of a release, of which go.sum has the digests of these files, and waits for what follows.
    private static func askForMod(pinning files: [String: String], _ scene: Scene) async throws {
        GoModule.serve([module], on: scene.fake)
        let release = try Purl(parsing: "pkg:golang/example.org/demo@v1.0.0")
        let pins = try files.map { Pin(release: release, file: $0, digests: [try #require(Digest($1))]) }
        scene.gateway.learn(pins, from: "go.sum")
        #expect(try await scene.ask(module.url + ".mod").isComplete)
    }

    @Test func whatIsStatedBesideALockedZipIsReadWithItsGoMod() async throws {
        try await Scene.with { scene async throws in
            let files = ["v1.0.0.zip": Self.module.h1, "v1.0.0.mod": Self.module.modHash]
            try await Self.askForMod(pinning: files, scene)
            #expect(await eventually { scene.fake.count("\(Self.module.place).info") == 1 })
            #expect(scene.fake.count("\(Self.module.place).zip") == 0)
            #expect(try await scene.ask(Self.module.url + ".zip").isComplete)
            #expect(scene.fake.count("\(Self.module.place).info") == 1)
            #expect(scene.recorder.fetched.first?.published != nil)
        }
    }

    @Test func aGoModWhoseZipNobodyLockedIsReadAlone() async throws {
        try await Scene.with { scene async throws in
            try await Self.askForMod(pinning: ["v1.0.0.mod": Self.module.modHash], scene)
            try await Task.sleep(for: .milliseconds(50))
            #expect(scene.fake.count("\(Self.module.place).info") == 0)
        }
    }
}
