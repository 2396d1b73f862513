import Core
import GRDB
import Storage
import Testing

/// What somebody with a database tool can do to the file, and what is seen of it.
@Suite struct RecordsTamperingTests {
    private func tamper(_ scratch: RecordsScratch, _ statements: String...) throws {
        let queue = try DatabaseQueue(path: scratch.path)
        try queue.writeWithoutTransaction { db in
            for statement in statements { try db.execute(sql: statement) }
        }
        try queue.close()
    }

    @Test func refusesAFileOfALaterFormat() async throws {
        try await RecordsScratch.with { scratch in
            try await scratch.records().close()
            try tamper(scratch, "INSERT INTO grdb_migrations (identifier) VALUES ('0999')")
            #expect(throws: RecordsError.newerFormat("0999")) { try scratch.open() }
        }
    }

    @Test func refusesAnotherProgramsDatabase() async throws {
        try await RecordsScratch.with { scratch in
            try tamper(scratch, "CREATE TABLE notes (text TEXT)")
            #expect(throws: RecordsError.foreign) { try scratch.open() }
        }
    }

    @Test(arguments: [
        "UPDATE event SET details = 'nothing happened' WHERE sequence = 2", "DELETE FROM event WHERE sequence = 2",
    ])
    func theEventLogCannotBeEditedAndShowsItWhenForced(edit: String) async throws {
        try await RecordsScratch.with { scratch in
            let records = try await scratch.records()
            for name in ["a", "b", "c"] { _ = try await records.add(Repository(name: name), by: "test", at: now) }
            try records.close()
            #expect(throws: DatabaseError.self) { try tamper(scratch, edit) }
            try tamper(scratch, "DROP TRIGGER event_is_final", "DROP TRIGGER event_stays", edit)
            #expect(try await scratch.open().complaints().count == 1)
        }
    }

    @Test(arguments: ["UPDATE file SET digest = zeroblob(32)", "DELETE FROM file", "UPDATE file SET name = 'other'"])
    func aHostedFileCannotBeChanged(edit: String) async throws {
        try await RecordsScratch.with { scratch in
            let records = try await scratch.records()
            _ = try await records.add(try hosted("app-1.0.whl"), to: ("main", "dev"), by: "test", at: now)
            try records.close()
            #expect(throws: DatabaseError.self) { try tamper(scratch, edit) }
        }
    }
}
