import Foundation
import Testing

/// Files beside the tests, read where they lie.
enum Fixture {
    static func data(_ path: String) throws -> Data {
        try Data(contentsOf: URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(path)"))
    }

    static func names(in folder: String) throws -> [String] {
        let url = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(folder)")
        return try FileManager.default.contentsOfDirectory(atPath: url.path).sorted()
    }
}
