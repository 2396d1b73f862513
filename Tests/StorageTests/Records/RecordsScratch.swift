import Core
import Foundation
import Storage
import Testing

/// A folder for one test's records, gone afterwards.
struct RecordsScratch {
    let folder: String
    var path: String { folder + "/records.sqlite" }

    static func with(_ body: (RecordsScratch) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/purser-records-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await body(RecordsScratch(folder: folder))
    }

    func open(mayCreate: Bool = true) throws -> Records { try Records.open(path: path, mayCreate: mayCreate) }

    /// New records with the repository `main`.
    func records() async throws -> Records {
        let records = try open()
        _ = try await records.add(Repository(name: "main"), by: "test", at: now)
        return records
    }
}

let now = Timestamp(seconds: 1_700_000_000)

/// A digest that stands for the bytes of one character.
func digest(_ character: Character) throws -> Digest {
    let hex = String(repeating: String(UInt8(character.asciiValue ?? 0), radix: 16), count: 32)
    return try #require(Digest(.sha256, hex: hex))
}

func hosted(
    _ file: String,
    package: String = "app",
    version: String = "1.0",
    bytes: Character = "a"
) throws -> HostedFile {
    HostedFile(
        release: ("pypi", package, version),
        file: file,
        content: (try digest(bytes), 10),
        published: now,
        attributes: ["requires-python": ">=3.9"]
    )
}

func build(_ statement: Character, of files: [HostedFile], in repository: String = "main") throws -> NewBuild {
    var build = NewBuild(repository: repository, manifest: try digest("m"), statement: try digest(statement))
    build.artifacts = files.map {
        BuildArtifact(name: $0.file, digest: $0.digest, size: $0.size, purl: "pkg:pypi/app@1.0", hosted: $0)
    }
    return build
}
