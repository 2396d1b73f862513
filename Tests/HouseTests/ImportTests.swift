import Testing

@Suite struct ImportTests {
    private static let page = """
        | target | in one sentence | may import (ours) | may import (others) |
        |---|---|---|---|
        | `Core` | words | – | – |
        | `Policy` | verdicts | `Core` | `Yams` |

        | `NotATarget` | another table | `X` | `Y` |
        """
    private static let package = """
        let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
        let nio: [Target.Dependency] = [
            .product(name: "NIOCore", package: "swift-nio"),
        ]
        let package = Package(targets: [
            // Words.
            .target(name: "Core", swiftSettings: house),
            // Verdicts.
            .target(name: "Policy", dependencies: ["Core", yams], swiftSettings: house),
            .testTarget(name: "CoreTests", dependencies: ["Core"] + nio, swiftSettings: house),
        ])
        """

    @Test func importsFollowTheMap() throws {
        let map = ImportMap(try Repository.read("docs/ARCHITECTURE.md").text)
        #expect(map.rows.count > 15)
        let complaints = map.complaints(about: try Repository.swift(below: "Sources"))
        #expect(complaints == [])
    }

    @Test func thePackageEqualsTheMap() throws {
        let map = ImportMap(try Repository.read("docs/ARCHITECTURE.md").text)
        let complaints = map.complaints(about: PackageText(try Repository.read("Package.swift").text))
        #expect(complaints == [])
    }

    @Test func everyTargetSaysInOneLineWhatItIsFor() throws {
        let targets = PackageText(try Repository.read("Package.swift").text).targets
        #expect(targets.count > 15)
        for target in targets where target.kind != "testTarget" {
            #expect(
                target.purpose?.hasSuffix(".") == true,
                "line \(target.line): \(target.name) has no purpose above it"
            )
        }
    }

    @Test func readsTheMapAndThePackage() {
        let map = ImportMap(Self.page)
        #expect(map.rows == ["Core": .init(ours: [], others: []), "Policy": .init(ours: ["Core"], others: ["Yams"])])
        let targets = PackageText(Self.package).targets
        #expect(targets.map(\.name) == ["Core", "Policy", "CoreTests"])
        #expect(targets.map(\.purpose) == ["Words.", "Verdicts.", nil])
        #expect(targets[1].ours == ["Core"] && targets[1].products == ["Yams"])
        #expect(targets[2].products == ["NIOCore"])
        #expect(map.complaints(about: PackageText(Self.package)) == [])
    }

    @Test func seesAForbiddenAndAnUnusedImport() {
        let sources = [
            Source(path: "Sources/Core/A.swift", text: "internal import Policy\nimport Glibc\n"),
            Source(path: "Sources/Policy/A.swift", text: "public import Core\n"),
        ]
        let complaints = ImportMap(Self.page).complaints(about: sources)
        #expect(complaints.map(\.path) == ["Sources/Core/A.swift", "docs/ARCHITECTURE.md"])
    }

    @Test func seesAPackageThatStraysFromTheMap() {
        let map = ImportMap(Self.page)
        let strays = Self.package.replacing("\"Core\", yams", with: "\"Core\", \"Gateway\", nio[0]")
        #expect(map.complaints(about: PackageText(strays)).count == 2)
        let fewer = Self.package.replacing("name: \"Core\", swift", with: "name: \"Kern\", swift")
        #expect(map.complaints(about: PackageText(fewer)).count == 2)
    }
}
