import JSONText
import Kernel
import Storage
import TestKit
import Testing

@Suite struct JournalTests {
    private static let events: [JSON] = (0..<12).map { number in
        .object([
            "number": .integer(Int64(number)),
            "text": .string("line\n\u{0}\"\\ \(String(repeating: "é", count: number))"),
        ])
    }

    private static func written(_ scratch: Scratch) throws -> [UInt8] {
        let journal = try Journal.create(scratch("journal"))
        for event in events { try journal.append(event) }
        try journal.sync()
        return try scratch.read("journal")
    }

    @Test func givesBackWhatWasAppended() throws {
        let scratch = try Scratch()
        _ = try Self.written(scratch)
        let contents = try Journal.read(scratch("journal"))
        #expect(contents.events == Self.events)
        #expect(contents.isWhole)
        #expect(throws: StorageError.self) { try Journal.create(scratch("journal")) }
    }

    @Test func isReadableAfterAKillAtEveryByte() throws {
        let scratch = try Scratch()
        let bytes = try Self.written(scratch)
        for end in 0...bytes.count {
            let part = Array(bytes[..<end])
            try scratch.write(part, to: "part")
            let contents = try Journal.read(scratch("part"))
            let lines = part.count { $0 == 0x0A }
            #expect(contents.events == Array(Self.events.prefix(lines)))
            #expect(contents.isWhole == (part.isEmpty || part.last == 0x0A))
        }
    }

    @Test func aChangeAnywhereEndsTheChainThere() throws {
        let scratch = try Scratch()
        let bytes = try Self.written(scratch)
        for place in stride(from: 0, to: bytes.count, by: 3) {
            var changed = bytes
            changed[place] ^= 1
            try scratch.write(changed, to: "changed")
            let contents = try Journal.read(scratch("changed"))
            let before = bytes[..<place].count { $0 == 0x0A }
            #expect(contents.events == Array(Self.events.prefix(before)))
            #expect(!contents.isWhole)
        }
    }

    @Test func aLineTakenOutOrMovedEndsTheChain() throws {
        let scratch = try Scratch()
        let lines = try Self.written(scratch).split(separator: 0x0A).map { Array($0) + [0x0A] }
        for number in 0..<lines.count - 1 {
            var fewer = lines
            fewer.remove(at: number)
            try scratch.write(fewer.flatMap(\.self), to: "fewer")
            #expect(try Journal.read(scratch("fewer")).events == Array(Self.events.prefix(number)))
            var swapped = lines
            swapped.swapAt(number, number + 1)
            try scratch.write(swapped.flatMap(\.self), to: "swapped")
            #expect(try Journal.read(scratch("swapped")).events == Array(Self.events.prefix(number)))
        }
    }

    @Test func manyWritersMakeOneChain() async throws {
        let scratch = try Scratch()
        let journal = try Journal.create(scratch("journal"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<200 { group.addTask { try journal.append(.integer(Int64(number))) } }
            try await group.waitForAll()
        }
        let contents = try Journal.read(scratch("journal"))
        #expect(contents.isWhole)
        #expect(Set(contents.events.compactMap(\.integer)) == Set(Int64(0)..<200))
    }
}
