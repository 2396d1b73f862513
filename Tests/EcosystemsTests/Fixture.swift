import Core
import Foundation
import Testing

/// Files beside the tests, read where they lie, and golden files.
enum Fixture {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

    static func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: folder.appending(path: path))) }

    static func data(_ path: String) throws -> Data { try Data(contentsOf: folder.appending(path: path)) }

    /// Compares with the file, or writes it when RECORD=1. A missing golden file is a failure, not a first run.
    static func expect(
        _ actual: [UInt8],
        equals path: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        if ProcessInfo.processInfo.environment["RECORD"] == "1" {
            try Data(actual).write(to: folder.appending(path: path))
        }
        let expected = String(decoding: try bytes(path), as: UTF8.self)
        #expect(String(decoding: actual, as: UTF8.self) == expected, sourceLocation: sourceLocation)
    }
}

/// Pseudo-random bytes that are the same in every run.
struct Noise {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 2_862_933_555_777_941_757 &+ 3_037_000_493 }

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 33
    }

    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[Int(next() % UInt64(elements.count))] }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) } }

    /// The bytes with a few of them changed, dropped or doubled.
    mutating func damaged(_ bytes: [UInt8]) -> [UInt8] {
        var damaged = bytes
        for _ in 0...(next() % 4) where !damaged.isEmpty {
            let place = Int(next() % UInt64(damaged.count))
            switch next() % 3 {
            case 0: damaged[place] = UInt8(truncatingIfNeeded: next())
            case 1: damaged.removeSubrange(place..<min(damaged.count, place + Int(next() % 40)))
            default: damaged.insert(contentsOf: damaged[place..<min(damaged.count, place + 20)], at: place)
            }
        }
        return damaged
    }
}
