import Core
import Gateway
import Kernel
import Storage
import TestKit
import Testing
import Upstream

@Suite struct CacheTests {
    @Test(arguments: Package.Kind.claimed)
    func aSecondJobGetsItsFilesWithoutTheUpstream(_ kind: Package.Kind) async throws {
        let scratch = try Scratch()
        let package = Package.make(kind)
        try await Scene.with(scratch: scratch) { scene async throws in
            package.serve(on: scene.fake)
            try await scene.announce(package)
            #expect(try await scene.ask(package.url).isComplete)
        }
        try await Scene.with(scratch: scratch) { scene async throws in
            scene.fake.serve(package.indexPath, package.indexAnswer)
            try await scene.announce(package)
            let taken = try await scene.ask(package.url)
            #expect(taken.isComplete && taken.body == package.bytes)
            #expect(scene.fake.count(package.path) == 0)
            #expect(scene.recorder.fetched.map(\.source) == ["cache"])
        }
    }

    /// What may become of a cached blob behind our back.
    enum Damage: String, CaseIterable { case flipped, cut, longer, swapped, link, danglingLink, folder, unreadable }

    @Test(arguments: Damage.allCases)
    func aDamagedBlobIsPutAsideAndFetchedAgain(_ damage: Damage) async throws {
        let scratch = try Scratch()
        let package = Package.make(.pypi)
        let other = Package.make(.npm, name: "other")
        try await Scene.with(scratch: scratch) { scene async throws in
            for one in [package, other] {
                one.serve(on: scene.fake)
                try await scene.announce(one)
                #expect(try await scene.ask(one.url).isComplete)
            }
        }
        let place = Self.place(of: package)
        try Self.harm(scratch(place), damage, other: scratch(Self.place(of: other)))
        try await Scene.with(scratch: scratch) { scene async throws in
            package.serve(on: scene.fake)
            try await scene.announce(package)
            let taken = try await scene.ask(package.url)
            #expect(taken.isComplete && taken.body == package.bytes)
            if damage != .unreadable || scene.fake.count(package.path) > 0 {
                #expect(scene.fake.count(package.path) == 1)
                #expect(try !Files.list(scratch("cache/quarantine")).isEmpty)
            }
            #expect(try scratch.read(place) == package.bytes)
        }
    }

    @Test func aBlobThatChangesDuringTheJobIsFetchedAgain() async throws {
        let scratch = try Scratch()
        try await Scene.with(scratch: scratch) { scene async throws in
            let package = Package.make(.pypi)
            package.serve(on: scene.fake)
            try await scene.announce(package)
            #expect(try await scene.ask(package.url).isComplete)
            try Self.harm(scratch(Self.place(of: package)), .flipped, other: "")
            let taken = try await scene.ask(package.url)
            #expect(taken.isComplete && taken.body == package.bytes)
            #expect(scene.fake.count(package.path) == 2)
        }
    }

    private static func place(of package: Package) -> String {
        let hex = package.digest.hex
        return "cache/sha256/\(hex.prefix(2))/\(hex.dropFirst(2))"
    }

    private static func harm(_ path: String, _ damage: Damage, other: String) throws {
        try Files.chmod(path, mode: 0o600)
        var bytes = try Files.readAll(path)
        switch damage {
        case .flipped: bytes[bytes.count / 2] ^= 1
        case .cut: bytes.removeLast(10)
        case .longer: bytes.append(0)
        case .swapped: bytes = try Files.readAll(other)
        case .link, .danglingLink:
            try Files.writeAtomically(path + ".real", bytes, durably: false)
            try Files.unlink(path)
            return try Files.symlink(path, to: damage == .link ? path + ".real" : "/nowhere")
        case .folder:
            try Files.unlink(path)
            return try Files.makeFolder(path)
        case .unreadable: return try Files.chmod(path, mode: 0)
        }
        try Files.openAppending(path).truncate(to: 0)
        try Files.openAppending(path).append(bytes)
    }

    @Test func theSameBytesUnderTwoPromisesAreNoneOfBoth() async throws {
        try await Scene.with { scene async throws in
            let package = Package.make(.pypi)
            package.serve(on: scene.fake)
            try await scene.announce(package)
            #expect(try await scene.ask(package.url).isComplete)
            let other = Digest.sha256(of: [1])
            let release = try Purl(parsing: package.purl)
            let pin = Pin(release: release, file: package.file, url: try HTTPURL(package.url), digests: [other])
            scene.gateway.learn([pin], from: "uv.lock")
            let taken = try await scene.ask(package.url)
            #expect(taken.status == 502 && taken.code == "integrity.mismatch")
        }
    }

    @Test func anAnswerGotWithACredentialIsServedToNobodyElse() async throws {
        let scratch = try Scratch()
        let package = Package.make(.unpinned)
        let index = "https://pypi.org/simple/demo/"
        let names = ["Authorization", "Private-Token", "Cookie", "X-JFrog-Art-Api"]
        for name in names {
            for job in 0..<2 {
                try await Scene.with(scratch: scratch) { scene async throws in
                    let listed = Package.make(.pypi).indexAnswer.with("Cache-Control", "max-age=600")
                    scene.fake.serve("/pypi/simple/demo/", listed)
                    scene.fake.serve(package.path, package.answer)
                    for headers in [[HeaderField(name, "A")], [HeaderField(name, "B")], []] {
                        #expect(try await scene.ask(index, headers).isComplete)
                        #expect(try await scene.ask(package.url, headers).isComplete)
                    }
                    let without = name == names[0] ? 1 : 0
                    #expect(scene.fake.count("/pypi/simple/demo/") == (job == 0 ? 2 + without : 0))
                    #expect(scene.fake.count(package.path) == 3)
                }
            }
        }
    }

    @Test func anAnswerGotWithOurCredentialIsNotKeptForOtherJobs() async throws {
        let scratch = try Scratch()
        for _ in 0..<2 {
            try await Self.withRedirectedIndex(scratch) { scene async throws in
                #expect(try await scene.ask("https://pypi.org/simple/demo/").isComplete)
                #expect(scene.fake.count("/pypi/simple/demo/") == 1)
            }
        }
        #expect(scratch.files(below: "answers").isEmpty)
    }

    /// The index asks for a credential and leads to a signed link elsewhere, as private registries do.
    private static func withRedirectedIndex(_ scratch: Scratch, _ body: (Scene) async throws -> Void) async throws {
        let fake = try await FakeUpstream.start()
        let place = try HTTPURL("\(fake.origin)/pypi")
        let setting = Scene.Setting {
            $0.credentials = Credentials(entries: [.init(place: place, authorization: Secret("Bearer ours"))])
        }
        try await Scene.with(setting, scratch: scratch, fake: fake) { scene async throws in
            fake.serve("/pypi/simple/demo/", .redirect(to: "/signed"))
            fake.serve("/signed", Package.make(.pypi).indexAnswer.with("Cache-Control", "max-age=600"))
            try await body(scene)
            #expect(fake.requests(for: "/pypi/simple/demo/").first?.header("Authorization") == "Bearer ours")
            #expect(fake.requests(for: "/signed").first?.header("Authorization") == nil)
        }
        await fake.stop()
    }

    @Test func anOldIndexIsBetterThanNoneAndIsMarked() async throws {
        let scratch = try Scratch()
        let package = Package.make(.pypi)
        try await Scene.with(scratch: scratch) { scene async throws in
            package.serve(on: scene.fake)
            try await scene.announce(package)
        }
        for fault in [Fault.status(503), .reset, .html, .truncate, .busy("9999"), .gzipBomb(200)] {
            try await Scene.with(scratch: scratch) { scene async throws in
                scene.fake.serve(package.indexPath, package.indexAnswer.with(fault))
                let taken = try #require(try await scene.announce(package))
                #expect(taken.isComplete && taken.text.contains(package.file), "\(fault)")
                #expect(scene.recorder.gaps == ["stale-index pypi.org"], "\(fault)")
            }
        }
    }

    @Test func aRenewedIndexIsNotSentAgain() async throws {
        let scratch = try Scratch()
        let package = Package.make(.pypi)
        for job in 0..<3 {
            try await Scene.with(scratch: scratch) { scene async throws in
                scene.fake.serve(package.indexPath, package.indexAnswer.tagged("\"one\""))
                let taken = try #require(try await scene.announce(package))
                #expect(taken.isComplete && taken.text.contains(package.file))
                let asked = scene.fake.requests(for: package.indexPath)
                #expect(asked.map { $0.header("If-None-Match") } == [job == 0 ? nil : "\"one\""])
                #expect(scene.recorder.gaps.isEmpty)
            }
        }
    }

    @Test func offlineAnswersFromTheCacheOnly() async throws {
        let scratch = try Scratch()
        let package = Package.make(.npm)
        try await Scene.with(scratch: scratch) { scene async throws in
            package.serve(on: scene.fake)
            try await scene.announce(package)
            #expect(try await scene.ask(package.url).isComplete)
        }
        try await Scene.with(Scene.Setting { $0.isOffline = true }, scratch: scratch) { scene async throws in
            #expect(try await scene.announce(package)?.isComplete == true)
            #expect(try await scene.ask(package.url).body == package.bytes)
            let missing = try await scene.ask("https://registry.npmjs.org/missing")
            #expect(missing.status == 502 && missing.code == "upstream.unreachable")
            #expect(scene.fake.connections == 0)
        }
    }

}
