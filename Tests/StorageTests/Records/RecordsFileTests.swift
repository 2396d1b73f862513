import Core
import Foundation
import Storage
import Testing

@Suite struct RecordsFileTests {
    @Test func everyCommitIsSyncedAndJournalledAhead() async throws {
        try await RecordsScratch.with { scratch in
            let (journal, synchronous) = try await scratch.open().durability()
            #expect(journal == "wal")
            #expect(synchronous == 2)
        }
    }

    @Test func whatWasWrittenIsThereAfterOpeningAgain() async throws {
        try await RecordsScratch.with { scratch in
            let records = try await scratch.records()
            try records.close()
            let again = try scratch.open(mayCreate: false)
            #expect(try await again.repository(named: "main")?.channels == ["dev", "staging", "prod"])
            #expect(try await again.complaints().isEmpty)
        }
    }

    @Test func refusesAMissingFileUnlessItMayMakeOne() async throws {
        try await RecordsScratch.with { scratch in
            #expect(throws: RecordsError.missing) { try scratch.open(mayCreate: false) }
            #expect(!FileManager.default.fileExists(atPath: scratch.path))
        }
    }

    @Test func refusesAnEmptyFileUnlessItMayMakeOne() async throws {
        try await RecordsScratch.with { scratch in
            try Data().write(to: URL(filePath: scratch.path))
            #expect(throws: RecordsError.damaged("the file is empty")) { try scratch.open(mayCreate: false) }
        }
    }

    @Test(arguments: ["not a database at all, but long enough to be read as one", "SQLite format 3\0 and then noise"])
    func refusesAFileThatIsNoDatabaseAndLeavesItAlone(text: String) async throws {
        try await RecordsScratch.with { scratch in
            let bytes = Data(String(repeating: text, count: 50).utf8)
            try bytes.write(to: URL(filePath: scratch.path))
            let error = #expect(throws: RecordsError.self) { try scratch.open() }
            #expect(error?.isDamage == true, "\(String(describing: error))")
            #expect(FileManager.default.contents(atPath: scratch.path) == bytes)
        }
    }

    @Test func refusesADatabaseWithATornMiddle() async throws {
        try await RecordsScratch.with { scratch in
            let records = try await scratch.records()
            for number in 0..<200 {
                let token = TokenRecord(
                    id: "t\(number)",
                    hash: try #require(Digest(.sha256, hex: String(repeating: "ab", count: 31) + hex(number))),
                    description: String(repeating: "x", count: 200),
                    grants: ([.read], ["*"]),
                    created: now
                )
                try await records.add(token, by: "test", at: now)
            }
            try records.close()
            let handle = try #require(FileHandle(forUpdatingAtPath: scratch.path))
            let end = try handle.seekToEnd()
            for page in stride(from: UInt64(8_192), to: end, by: 8_192) {
                try handle.seek(toOffset: page)
                try handle.write(contentsOf: Data(repeating: 0x5A, count: 600))
            }
            try handle.close()
            let error = #expect(throws: RecordsError.self) { try scratch.open(mayCreate: true) }
            #expect(error?.isDamage == true, "\(String(describing: error))")
        }
    }

    @Test func leavesNothingBehindWhenItRefuses() async throws {
        try await RecordsScratch.with { scratch in
            _ = try? scratch.open(mayCreate: false)
            let left = try FileManager.default.contentsOfDirectory(atPath: scratch.folder)
            #expect(left.isEmpty)
        }
    }

    private func hex(_ number: Int) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: 2 - text.utf8.count) + text
    }
}

extension RecordsError {
    fileprivate var isDamage: Bool { if case .damaged = self { true } else { false } }
}
