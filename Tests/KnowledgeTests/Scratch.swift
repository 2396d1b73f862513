import Core
import Foundation
import Knowledge

/// A folder of its own for one test, removed with it.
final class Scratch {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "knowledge-\(UUID())").path()
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file, making the folders above it; answers its path.
    @discardableResult
    func write(_ name: String, _ text: String) throws -> String {
        let file = URL(filePath: path).appending(path: name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
        return file.path()
    }
}

/// A record of the schema. `affected` is the text of one entry's versions and ranges.
func record(
    _ id: String,
    _ ecosystem: String = "npm",
    _ name: String = "evil",
    affected: String = "\"ranges\":[{\"type\":\"SEMVER\",\"events\":[{\"introduced\":\"0\"}]}]",
    more: String = ""
) -> String {
    """
    {"schema_version":"1.7.0","id":"\(id)","summary":"Malicious code in \(name)",\(more)"modified":"2026-01-01T00:00:00Z",\
    "affected":[{"package":{"ecosystem":"\(ecosystem)","name":"\(name)"},\(affected)}]}
    """
}

/// A version order of dotted numbers, with or without a `v`; anything else has no place in it.
func dotted(_ a: String, _ b: String) -> Int? {
    func numbers(_ text: String) -> [Int]? {
        let parts = text.drop { $0 == "v" }.split(separator: ".").map { Int($0) }
        return parts.isEmpty || parts.contains(nil) ? nil : parts.compactMap(\.self)
    }
    guard var left = numbers(a), var right = numbers(b) else { return nil }
    while left.count < right.count { left.append(0) }
    while right.count < left.count { right.append(0) }
    for (one, other) in zip(left, right) where one != other { return one < other ? -1 : 1 }
    return 0
}

extension AdvisorySnapshot {
    /// The ids that name the release.
    func ids(_ purl: String) throws -> [String] {
        (advisories(for: try Purl(parsing: purl), compare: dotted) ?? []).map(\.id)
    }
}
