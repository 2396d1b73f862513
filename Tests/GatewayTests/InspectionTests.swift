import Core
import Gateway
import TestKit
import Testing

/// What an archive says inside, against what its name and index say outside.
@Suite struct InspectionTests {
    private static func asked(_ bytes: [UInt8], _ kind: Package.Kind) async throws -> Taken {
        try await Scene.with { scene async throws in
            let listed = Listed("1.0.0", bytes: bytes)
            let package = Package.make(kind, "demo", listed, [listed])
            package.serve(on: scene.fake)
            try await scene.announce(package)
            let taken = try await scene.ask(package.url)
            #expect(scene.recorder.fetched.isEmpty)
            return taken
        }
    }

    @Test(arguments: [Package.Kind.pypi, .npm, .deb])
    func aFileThatHoldsAnotherPackageIsRefused(_ kind: Package.Kind) async throws {
        let other = try await Self.asked(Package.bytes(kind, "other", "1.0.0", 500), kind)
        #expect(other.status >= 400)
        #expect(["identity.mismatch", "archive.malformed"].contains(other.code))
        let version = try await Self.asked(Package.bytes(kind, "demo", "9.9.9", 500), kind)
        #expect(version.status >= 400)
        #expect(["identity.mismatch", "archive.malformed"].contains(version.code))
    }

    @Test(arguments: [Package.Kind.pypi, .npm])
    func bytesThatCameInUnderOneNameAreRefusedUnderAnother(_ kind: Package.Kind) async throws {
        try await Scene.with { scene async throws in
            let bytes = Package.bytes(kind, "demo", "1.0.0", 500)
            let demo = Package.make(kind, "demo", Listed("1.0.0", bytes: bytes), [Listed("1.0.0", bytes: bytes)])
            let fresh = Package.make(kind, "fresh", Listed("1.0.0", bytes: bytes), [Listed("1.0.0", bytes: bytes)])
            for package in [demo, fresh] {
                package.serve(on: scene.fake)
                try await scene.announce(package)
            }
            #expect(try await scene.ask(demo.url).status == 200)
            let taken = try await scene.ask(fresh.url)
            #expect(taken.code == "identity.mismatch")
            #expect(scene.recorder.fetched.count == 1)
        }
    }

    @Test(arguments: [Package.Kind.pypi, .npm, .deb])
    func aFileThatIsNoArchiveIsRefused(_ kind: Package.Kind) async throws {
        let taken = try await Self.asked(noise(3_000), kind)
        #expect(taken.status == 422 && taken.code == "archive.malformed")
    }
}
