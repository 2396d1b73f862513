import Exercise
import Foundation
import Testing

/// The seeds beside the tests: one folder for each exercise.
enum Corpus {
    /// One seed: its exercise and its file.
    struct Seed: Sendable, CustomTestStringConvertible {
        let exercise: Exercise
        let path: String

        var testDescription: String { "\(exercise.name)/\((path as NSString).lastPathComponent)" }
        var bytes: [UInt8] { get throws { [UInt8](try Data(contentsOf: URL(filePath: path))) } }
    }

    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/corpus").path
    static let folders = Set((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])

    static let seeds = Exercise.all.flatMap { exercise in
        let place = "\(folder)/\(exercise.name)"
        return ((try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []).sorted()
            .map { Seed(exercise: exercise, path: "\(place)/\($0)") }
    }
}
