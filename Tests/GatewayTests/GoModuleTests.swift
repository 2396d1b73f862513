import Core
import Foundation
import Gateway
import Storage
import TestKit
import Testing

/// Zips that are claimed by what they hold, and files that are claimed beside them.
@Suite struct GoModuleTests {
    private static let module = GoModule("example.org/demo", "v1.0.0", files: [("b/c.go", [1, 2]), ("B.go", [3])])
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(
        path: "Fixtures/go-modzip"
    )

    private static func pins(_ release: String, _ digests: [String: String]) throws -> [Pin] {
        try digests.map { file, digest in
            Pin(release: try Purl(parsing: release), file: file, digests: [try #require(Digest(digest))])
        }
    }

    private static var pinned: [Pin] {
        get throws {
            try pins("pkg:golang/example.org/demo@v1.0.0", ["v1.0.0.zip": module.h1, "v1.0.0.mod": module.modHash])
        }
    }

    /// golang.org/x/mod's own cases: files and the hash of the zip that is made of them.
    @Test(arguments: ["simple", "go_mod_dir"])
    func hashesAZipAsGoDoes(_ name: String) async throws {
        let text = try String(contentsOf: Self.folder.appending(path: "\(name).txt"), encoding: .utf8)
        let parts = text.components(separatedBy: "-- ")
        let hash = try #require(parts[0].split(separator: "\n").first { $0.hasPrefix("hash=") }).dropFirst(5)
        let files: [Archives.Entry] = try parts.dropFirst().map { part in
            let mark = try #require(part.range(of: " --\n"))
            return ("example.com/m@v1.0.0/\(part[..<mark.lowerBound])", Array(part[mark.upperBound...].utf8))
        }
        let pin = try Self.pins("pkg:golang/example.com/m@v1.0.0", ["v1.0.0.zip": String(hash)])
        try await Scene.with { scene async throws in
            scene.fake.serve("/golang/example.com/m/@v/v1.0.0.zip", FakeAnswer(Archives.zip(files)))
            scene.gateway.learn(pin, from: "go.sum")
            let taken = try await scene.ask("https://proxy.golang.org/example.com/m/@v/v1.0.0.zip")
            #expect(taken.status == 200)
            #expect(scene.recorder.fetched.first?.digests.map(\.description).contains(String(hash)) == true)
        }
    }

    @Test func aZipThatIsNotWhatGoSumPinsIsRefused() async throws {
        let other = GoModule("example.org/demo", "v1.0.0", files: [("b/c.go", [1, 9]), ("B.go", [3])])
        try await Scene.with { scene async throws in
            GoModule.serve([other], on: scene.fake, hasDatabase: false)
            scene.gateway.learn(try Self.pinned, from: "go.sum")
            let taken = try await scene.ask(Self.module.url + ".zip")
            #expect(taken.status == 502 && taken.code == "integrity.mismatch")
            #expect(taken.text.contains("go.sum promised"))
            #expect(scene.recorder.fetched.isEmpty)
        }
    }

    @Test func theChecksumDatabaseIsAClaimWhereNoLockfileIs() async throws {
        let other = GoModule("example.org/demo", "v1.0.0")
        try await Scene.with { scene async throws in
            GoModule.serve([Self.module], on: scene.fake)
            #expect(try await scene.ask(Self.module.url + ".zip").status == 200)
            let input = try #require(scene.recorder.fetched.first)
            #expect(input.claims.map(\.digest.description) == [Self.module.h1])
            #expect(input.purl.description == "pkg:golang/example.org/demo@v1.0.0")
            #expect(input.published?.basis == .authorTime && !input.isUnclaimed)
        }
        try await Scene.with { scene async throws in
            GoModule.serve([Self.module], on: scene.fake)
            scene.fake.serve("\(other.place).zip", FakeAnswer(other.zip))
            #expect(try await scene.ask(Self.module.url + ".zip").code == "integrity.mismatch")
        }
    }

    @Test(arguments: [true, false])
    func aTamperedGoModIsRefused(_ isPinned: Bool) async throws {
        try await Scene.with { scene async throws in
            GoModule.serve([Self.module], on: scene.fake, hasDatabase: !isPinned)
            if isPinned { scene.gateway.learn(try Self.pinned.filter { $0.file == "v1.0.0.mod" }, from: "go.sum") }
            let good = try await scene.ask(Self.module.url + ".mod")
            #expect(good.status == 200 && good.text == Self.module.modFile)
            #expect(scene.fake.count(Self.module.lookup) == (isPinned ? 0 : 1))
        }
        try await Scene.with { scene async throws in
            GoModule.serve([Self.module], on: scene.fake, hasDatabase: !isPinned)
            scene.fake.serve("\(Self.module.place).mod", FakeAnswer("module example.org/evil\n", type: "text/plain"))
            if isPinned { scene.gateway.learn(try Self.pinned, from: "go.sum") }
            let taken = try await scene.ask(Self.module.url + ".mod")
            #expect(taken.code == "integrity.mismatch" && !taken.text.contains("evil"))
        }
    }

    @Test func aLaterJobTakesZipAndGoModFromTheCache() async throws {
        let scratch = try Scratch()
        for isOffline in [false, true] {
            let setting = Scene.Setting { $0.isOffline = isOffline }
            try await Scene.with(setting, scratch: scratch) { scene async throws in
                GoModule.serve([Self.module], on: scene.fake)
                scene.gateway.learn(try Self.pinned, from: "go.sum")
                #expect(try await scene.ask(Self.module.url + ".mod").text == Self.module.modFile)
                #expect(try await scene.ask(Self.module.url + ".zip").body == Self.module.zip)
                #expect(scene.fake.count("\(Self.module.place).zip") == (isOffline ? 0 : 1))
                #expect(scene.recorder.fetched.first?.digests.count == 2)
            }
        }
    }

    @Test func cachedBytesAreHeldAgainstEveryNewClaim() async throws {
        let scratch = try Scratch()
        let bytes = Self.module.zip
        let release = "pkg:golang/example.org/demo@v1.0.0"
        try await Scene.with(scratch: scratch) { scene async throws in
            GoModule.serve([Self.module], on: scene.fake, hasDatabase: false)
            scene.gateway.learn(try Self.pins(release, ["v1.0.0.zip": "\(Digest.sha256(of: bytes))"]), from: "a.lock")
            #expect(try await scene.ask(Self.module.url + ".zip").status == 200)
        }
        let wrong = GoModule("example.org/demo", "v1.0.0").h1
        for (claim, status) in [(Self.module.h1, 200), (wrong, 502)] {
            try await Scene.with(scratch: scratch) { scene async throws in
                GoModule.serve([Self.module], on: scene.fake, hasDatabase: false)
                scene.gateway.learn(
                    try Self.pins(release, ["v1.0.0.zip": "\(Digest.sha256(of: bytes))"]),
                    from: "a.lock"
                )
                scene.gateway.learn(try Self.pins(release, ["v1.0.0.zip": claim]), from: "go.sum")
                #expect(try await scene.ask(Self.module.url + ".zip").status == status)
                #expect(scene.fake.count("\(Self.module.place).zip") == (status == 200 ? 0 : 2))
            }
        }
    }

    @Test func aZipWithTwoEntriesOfOneNameHasNoHash() async throws {
        let twice = Archives.zip([("example.org/demo@v1.0.0/a", [1]), ("example.org/demo@v1.0.0/a", [2])])
        try await Scene.with { scene async throws in
            scene.fake.serve("\(Self.module.place).zip", FakeAnswer(twice))
            scene.gateway.learn(try Self.pinned, from: "go.sum")
            #expect(try await scene.ask(Self.module.url + ".zip").code == "integrity.mismatch")
            #expect(scene.recorder.fetched.isEmpty)
        }
    }

    @Test(arguments: [Fault.flip, .html])
    func aZipThatComesBrokenOnceIsAskedForAgain(_ fault: Fault) async throws {
        try await Scene.with { scene async throws in
            GoModule.serve([Self.module], on: scene.fake)
            let good = FakeAnswer(Self.module.zip, type: "application/zip")
            scene.fake.serve("\(Self.module.place).zip", good.with(fault), good)
            #expect(try await scene.ask(Self.module.url + ".zip").body == Self.module.zip)
        }
    }

    @Test func aListOfNothingIsAList() async throws {
        try await Scene.with { scene async throws in
            scene.fake.serve("/golang/example.org/demo/@v/list", FakeAnswer("", type: "text/plain"))
            let taken = try await scene.ask("https://proxy.golang.org/example.org/demo/@v/list")
            #expect(taken.status == 200 && taken.body.isEmpty)
        }
    }

    @Test func whatWasNotThereIsNotThereOfflineEither() async throws {
        let scratch = try Scratch()
        let path = "/golang/example.org/@v/list"
        for isOffline in [false, true] {
            try await Scene.with(Scene.Setting { $0.isOffline = isOffline }, scratch: scratch) { scene async throws in
                scene.fake.serve(path, FakeAnswer(status: 404, body: "not found: no module\n"))
                let taken = try await scene.ask("https://proxy.golang.org/example.org/@v/list")
                #expect(taken.status == 404 && taken.text == "not found: no module\n")
                #expect(scene.fake.count(path) == (isOffline ? 0 : 1))
                guard isOffline else { return }
                #expect(try await scene.ask("https://proxy.golang.org/example.com/@v/list").status == 502)
            }
        }
    }

    @Test func aYoungReleaseIsDeniedWithItsReasonOnEveryRoad() async throws {
        let young = GoModule("example.org/demo", "v1.1.0", time: "2026-11-17T08:00:00Z")
        let policy = "version: 1\nmode: enforce\nrules: { min_age: { days: 7 } }\n"
        for ending in [".info", ".zip"] {
            try await Scene.with(Scene.Setting { $0.policy = policy }) { scene async throws in
                GoModule.serve([Self.module, young], on: scene.fake)
                let taken = try await scene.ask(young.url + ending)
                #expect(taken.status == 403 && taken.code == "policy.denied")
                #expect(taken.reason?.contains("min_age: pkg:golang/example.org/demo@v1.1.0") == true)
                #expect(taken.text.contains("(rule min_age)") && !taken.text.contains("\n\n"))
                #expect(scene.fake.count("\(young.place).zip") == 0)
            }
        }
    }

    @Test func theTerraformLockIsHeldAgainstWhatTheZipHolds() async throws {
        let zip = Archives.zip([("terraform-provider-demo_v1.0.0", [1, 2, 3])])
        let line = "\(Digest.sha256(of: [1, 2, 3]).hex)  terraform-provider-demo_v1.0.0\n"
        let h1 = try #require(Digest(.h1, bytes: Digest.sha256(of: Array(line.utf8)).bytes))
        let file = "terraform-provider-demo_1.0.0_linux_amd64.zip"
        let path = "/releases/terraform-provider-demo/1.0.0"
        for (claim, status) in [(h1, 200), (try #require(Digest(.h1, bytes: [UInt8](repeating: 1, count: 32))), 502)] {
            try await Scene.with { scene async throws in
                scene.fake.serve("\(path)/\(file)", FakeAnswer(zip))
                let sums = "\(Digest.sha256(of: zip).hex)  \(file)\n"
                scene.fake.serve(
                    "\(path)/terraform-provider-demo_1.0.0_SHA256SUMS",
                    FakeAnswer(sums, type: "text/plain")
                )
                let release = try Purl(parsing: "pkg:terraform/hashicorp/demo@1.0.0")
                scene.gateway.learn([Pin(release: release, digests: [claim])], from: ".terraform.lock.hcl")
                let taken = try await scene.ask("https://releases.hashicorp.com\(path.dropFirst(9))/\(file)")
                #expect(taken.status == status)
                if status == 200 {
                    let input = try #require(scene.recorder.fetched.first)
                    #expect(Set(input.claims.map(\.by)) == ["index", ".terraform.lock.hcl"])
                }
            }
        }
    }
}
