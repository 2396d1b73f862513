import Kernel
import Testing

/// Locks between processes and files in memory.
@Suite struct LockAndMapTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test func onlyOneHoldsALock() throws {
        let path = scratch("lock")
        #expect(FileLock.holder(of: path) == nil)
        var held = try FileLock.attempt(path)
        #expect(held?.path == path)
        #expect(try FileLock.attempt(path) == nil)
        #expect(FileLock.holder(of: path) == "\(ProcessIdentity.pid)")
        held = nil
        #expect(try FileLock.attempt(path) != nil)
    }

    @Test func aLockIsNotInherited() async throws {
        let path = scratch("lock")
        var held = try FileLock.attempt(path)
        let child = try ChildProcess.spawn(shell("sleep 30"))
        #expect(held != nil)
        held = nil
        #expect(try FileLock.attempt(path) != nil)
        try child.signal(9)
        #expect(await child.wait() == .signalled(9))
    }

    @Test func lendsTheBytesOfAFile() throws {
        let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 / 3) }
        try Files.writeAtomically(scratch("a"), bytes)
        let mapped = try MappedFile(path: scratch("a"))
        try Files.unlink(scratch("a"))
        let sum = mapped.withBytes { span in
            var sum = 0
            for index in span.indices { sum += Int(span[index]) }
            return sum
        }
        #expect(mapped.count == bytes.count && sum == bytes.reduce(0) { $0 + Int($1) })
    }

    @Test func mapsAnEmptyFileButNoFolder() throws {
        try Files.writeAtomically(scratch("empty"), [])
        #expect(try MappedFile(path: scratch("empty")).withBytes { $0.count } == 0)
        #expect(throws: SystemError.self) { try MappedFile(path: scratch.path) }
        #expect(throws: SystemError.self) { try MappedFile(path: "/dev/null") }
    }
}
