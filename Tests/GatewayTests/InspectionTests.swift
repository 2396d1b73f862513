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

    @Test(arguments: [Package.Kind.pypi, .npm, .deb])
    func aFileThatIsNoArchiveIsRefused(_ kind: Package.Kind) async throws {
        let taken = try await Self.asked(noise(3_000), kind)
        #expect(taken.status == 422 && taken.code == "archive.malformed")
    }
}
