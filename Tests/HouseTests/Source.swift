import Foundation

/// A file of the repository, by its path below the top folder.
struct Source: Sendable {
    let path: String
    let text: String

    var lineCount: Int { text.utf8.count(where: { $0 == 0x0A }) + (text.hasSuffix("\n") || text.isEmpty ? 0 : 1) }
    /// `Gateway` of `Sources/Gateway/Fetch.swift`.
    var target: String { String(path.split(separator: "/").dropFirst().first ?? "") }
    var name: String { String(path.split(separator: "/").last ?? "") }
}

/// The repository as it lies on disk.
enum Repository {
    static let top = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    static func read(_ path: String) throws -> Source {
        Source(path: path, text: try String(contentsOfFile: "\(top)/\(path)", encoding: .utf8))
    }

    /// Every Swift file below a folder, but for fixtures, which are other people's bytes.
    static func swift(below folder: String) throws -> [Source] { try sources(below: folder, ending: ".swift") }

    /// The transcripts that the command tests run.
    static func scripts(below folder: String) throws -> [Source] { try sources(below: folder, ending: ".txt") }

    private static func sources(below folder: String, ending: String) throws -> [Source] {
        let place = URL(filePath: "\(top)/\(folder)").resolvingSymlinksInPath().path
        let paths = try FileManager.default.subpathsOfDirectory(atPath: place)
        return try paths.sorted()
            .filter { $0.hasSuffix(ending) && !$0.contains("Fixtures/") }
            .map { try read("\(folder)/\($0)") }
    }
}

/// What a rule says: where, and what is wrong there.
struct Complaint: Hashable, Sendable, CustomStringConvertible {
    let path: String
    let line: Int
    let what: String

    init(_ source: Source, line: Int = 1, _ what: String) {
        path = source.path
        self.line = line
        self.what = what
    }

    var description: String { "\(path):\(line): \(what)" }
}
