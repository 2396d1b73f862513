import Archive
import Testing

@Suite struct CompressedTests {
    private static func gzip(_ bytes: [UInt8]) throws -> [UInt8] {
        let scratch = try Scratch()
        return try Scratch.output(of: "gzip", ["-c", scratch.file(bytes)])
    }

    private func gunzip(_ bytes: [UInt8], limit: Int64 = 1 << 30) throws -> [UInt8] {
        let scratch = try Scratch()
        var result: [UInt8] = []
        try ArchiveScan.gunzip(path: scratch.file(bytes), limit: limit) { chunk in result += chunk }
        return result
    }

    @Test func readsSeveralMembersAsOneStream() throws {
        let text = [UInt8](repeating: 65, count: 200_000) + Array("end".utf8)
        let packed = try Self.gzip(text)
        #expect(try gunzip(packed) == text)
        #expect(try gunzip(packed + packed) == text + text)
        #expect(try gunzip(packed + [0, 0, 0]) == text)
        #expect(try gunzip(Self.gzip([])) == [])
    }

    @Test func refusesEveryWrongEnd() throws {
        let packed = try Self.gzip(Array("some text, some text, some text".utf8))
        for count in packed.indices {
            #expect(throws: ArchiveError.self) { _ = try gunzip(Array(packed[..<count])) }
        }
        for place in packed.count - 8..<packed.count {
            var bytes = packed
            bytes[place] ^= 1
            #expect(throws: ArchiveError.self) { _ = try gunzip(bytes) }
        }
        #expect(throws: ArchiveError.self) { _ = try gunzip(packed + [1]) }
        #expect(throws: ArchiveError.self) { _ = try gunzip(Array("plain".utf8)) }
    }

    @Test func stopsAtTheLimitAndAtBombs() throws {
        let packed = try Self.gzip([UInt8](repeating: 0, count: 70 << 20))
        #expect(throws: ArchiveError.tooLarge("expands past 1000000 bytes")) {
            _ = try gunzip(packed, limit: 1_000_000)
        }
        #expect(throws: ArchiveError.tooLarge("expands more than 200 to 1")) { _ = try gunzip(packed) }
    }
}
