import Core
import Ecosystems
import Foundation
import Storage
import Testing

@testable import Registry

@Suite struct CacheSweepTests {
    /// A data directory with three fetched artifacts, the second oldest, and one of everything that must stay.
    private struct Shelf {
        let folder: String
        let administration: Administration
        let fetched: [Digest]
        let lasting: Set<Digest>

        func path(_ digest: Digest) -> String {
            "\(folder)/blobs/sha256/\(digest.hex.prefix(2))/\(digest.hex.dropFirst(2))"
        }
        func has(_ digest: Digest) -> Bool { FileManager.default.fileExists(atPath: path(digest)) }
    }

    private func withShelf(_ body: (Shelf) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/purser-sweep-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let administration = Administration(data: folder) { RegistryScratch.now }
        _ = try await administration.create()
        let file = folder + "-app/app-1.0-py3-none-any.whl"
        defer { try? FileManager.default.removeItem(atPath: folder + "-app") }
        try FileManager.default.createDirectory(atPath: folder + "-app", withIntermediateDirectories: true)
        try Data(wheel()).write(to: URL(filePath: file))
        _ = try await administration.add(file, to: "main", ecosystems: Catalog.all)
        try await body(try await fill(folder, administration))
    }

    private func fill(_ folder: String, _ administration: Administration) async throws -> Shelf {
        let state = try await StateFolder.open(folder, mayCreate: false, now: RegistryScratch.now)
        var fetched: [Digest] = []
        for number in 0..<3 {
            let digest = try state.blobs.store([UInt8](repeating: UInt8(number), count: 1_000)).digest
            try await state.records.hold(digest, by: .everybody)
            fetched.append(digest)
        }
        let used = try state.blobs.store(Array("an input of a build".utf8)).digest
        try await state.records.hold(used, by: .everybody)
        try await state.records.hold(used, by: .repository("main"))
        let sent = try state.blobs.store(Array("on its way into a build".utf8)).digest
        try await state.records.hold(sent, by: .token("abc"))
        var lasting = Set(try await state.records.neededBlobs().keys)
        lasting.formUnion([used, sent])
        try BlobStore(folder: folder + "/passing").store(Array("an index answer".utf8))
        try FileManager.default.createDirectory(atPath: folder + "/answers", withIntermediateDirectories: true)
        try Data("{}".utf8).write(to: URL(filePath: folder + "/answers/note.json"))
        let shelf = Shelf(folder: folder, administration: administration, fetched: fetched, lasting: lasting)
        for (age, digest) in [(30.0, fetched[1]), (20.0, fetched[0]), (10.0, fetched[2])] {
            let attributes = [FileAttributeKey.modificationDate: Date(timeIntervalSinceNow: -age * 3_600)]
            try FileManager.default.setAttributes(attributes, ofItemAtPath: shelf.path(digest))
        }
        return shelf
    }

    @Test func theOldestGoesFirstAndADryRunOnlySaysSo() async throws {
        try await withShelf { shelf in
            let dry = try await shelf.administration.sweep(limit: 2_500, isDry: true)
            #expect(dry.entries == 5)
            #expect(dry.dropped == 1)
            #expect(dry.lines.first?.contains(shelf.fetched[1].hex) == true)
            #expect(shelf.fetched.allSatisfy(shelf.has))
            let wet = try await shelf.administration.sweep(limit: 2_500, isDry: false)
            #expect(wet.lines == dry.lines)
            #expect(shelf.fetched.map(shelf.has) == [true, false, true])
        }
    }

    @Test func nothingThatAFileOrABuildIsMadeOfEverGoes() async throws {
        try await withShelf { shelf in
            let report = try await shelf.administration.sweep(limit: 0, isDry: false)
            #expect(report.dropped == 5)
            #expect(!shelf.fetched.contains(where: shelf.has))
            #expect(shelf.lasting.count == 4)
            #expect(shelf.lasting.allSatisfy(shelf.has))
            #expect(try await shelf.administration.check().complaints.isEmpty)
            #expect(try await shelf.administration.sweep(limit: 0, isDry: false).entries == 0)
        }
    }

    @Test func nothingGoesWhileSomebodyKeepsBlobs() throws {
        let keepers = Keepers()
        let moment = try #require(keepers.quietMoment)
        #expect(keepers.ifQuiet(since: moment) {})
        keepers.begin()
        #expect(keepers.quietMoment == nil)
        #expect(!keepers.ifQuiet(since: moment) {})
        keepers.end()
        #expect(!keepers.ifQuiet(since: moment) {})
        let digest = Digest.sha256(of: [1])
        #expect(!keepers.isPromised(digest, at: RegistryScratch.now))
        keepers.promise(digest, at: RegistryScratch.now)
        #expect(keepers.isPromised(digest, at: RegistryScratch.now))
        let later = Timestamp(seconds: RegistryScratch.now.seconds + Keepers.lifetime)
        #expect(!keepers.isPromised(digest, at: later))
    }
}
