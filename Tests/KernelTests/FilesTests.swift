import Glibc
import Kernel
import Testing

/// Files by path.
@Suite struct FilesTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test func readsAndWritesAtPlaces() throws {
        let file = try Files.create(scratch("a"))
        try file.write(Array("hello".utf8), at: 3)
        try file.write(Array("abc".utf8), at: 0)
        #expect(try file.read(at: 0, count: 100) == Array("abchello".utf8))
        #expect(try file.read(at: 4, count: 2) == Array("el".utf8) && file.read(at: 8, count: 4).isEmpty)
        try file.truncate(to: 4)
        try file.fdatasync()
        let found = try file.stat()
        #expect(found.size == 4 && found.isRegular && found.permissions == 0o600 && found.uid == ProcessIdentity.uid)
        #expect(try found == Files.stat(scratch("a")))
    }

    @Test func appendsAfterWhatIsThere() throws {
        for text in ["one ", "two"] { try Files.openAppending(scratch("log")).append(Array(text.utf8)) }
        #expect(try Files.readAll(scratch("log")) == Array("one two".utf8))
    }

    @Test func refusesToCreateOverOrFollowALink() throws {
        _ = try Files.create(scratch("a"))
        let again = #expect(throws: SystemError.self) { try Files.create(scratch("a")) }
        #expect(again?.exists == true)
        try Files.symlink(scratch("link"), to: scratch("a"))
        #expect(throws: SystemError.self) { try Files.open(scratch("link")) }
        #expect(throws: SystemError.self) { try Files.create(scratch("link")) }
        #expect(try Files.open(scratch("link"), followLink: true).stat().isRegular)
        #expect(try Files.readlink(scratch("link")) == scratch("a"))
        #expect(try Files.realpath(scratch("link")) == Files.realpath(scratch("a")))
        #expect(try Files.stat(scratch("link")).isSymbolicLink)
    }

    @Test func tellsWhatIsMissing() {
        let error = #expect(throws: SystemError.self) { try Files.open(scratch("none")) }
        #expect(error?.isMissing == true && error?.path == scratch("none"))
        #expect(error?.description == "open \(scratch("none")): No such file or directory")
        #expect(!Files.exists(scratch("none")))
        #expect(throws: SystemError.self) { try Files.open("") }
        #expect(throws: SystemError.self) { try Files.open("/etc/passwd\0.txt") }
    }

    @Test func readsNoMoreThanTheLimit() throws {
        try Files.writeAtomically(scratch("a"), [UInt8](repeating: 1, count: 100))
        #expect(try Files.readAll(scratch("a"), limit: 100).count == 100)
        #expect(throws: SystemError.self) { try Files.readAll(scratch("a"), limit: 99) }
        #expect(try !Files.readAll("/proc/self/status").isEmpty)
        #expect(throws: SystemError.self) { try Files.readAll("/dev/zero", limit: 1000) }
    }

    @Test func replacesAFileWhole() throws {
        try Files.writeAtomically(scratch("a"), Array("old".utf8), mode: 0o644)
        let before = try Files.stat(scratch("a"))
        try Files.writeAtomically(scratch("a"), Array("new".utf8), mode: 0o600)
        let after = try Files.stat(scratch("a"))
        #expect(try Files.readAll(scratch("a")) == Array("new".utf8))
        #expect(before.permissions == 0o644 && after.permissions == 0o600 && before.inode != after.inode)
        #expect(try Files.list(scratch.path) == ["a"])
    }

    @Test func temporaryFilesVanishUnlessCommitted() throws {
        do {
            let dropped = try TemporaryFile(in: scratch.path)
            try dropped.file.append([1, 2, 3])
        }
        #expect(try Files.list(scratch.path).isEmpty)
        let kept = try TemporaryFile(in: scratch.path)
        try kept.file.append([1, 2, 3])
        try kept.commit(to: scratch("kept"), replacing: false)
        let late = try TemporaryFile(in: scratch.path)
        let error = #expect(throws: SystemError.self) { try late.commit(to: scratch("kept"), replacing: false) }
        #expect(error?.exists == true)
        try late.commit(to: scratch("kept"), replacing: true)
        #expect(try Files.readAll(scratch("kept")).isEmpty && Files.list(scratch.path) == ["kept"])
    }

    @Test func renamesDurably() throws {
        try Files.makeFolder(scratch("x/y/z"))
        try Files.makeFolder(scratch("x/y/z"))
        #expect(try Files.stat(scratch("x/y")).permissions == 0o700)
        try Files.writeAtomically(scratch("a"), [1])
        try Files.renameDurably(scratch("a"), to: scratch("x/y/z/b"))
        #expect(!Files.exists(scratch("a")) && Files.exists(scratch("x/y/z/b")))
        #expect(throws: SystemError.self) { try Files.makeFolder(scratch("x/y/z/b")) }
        #expect(throws: SystemError.self) { try Files.renameDurably(scratch("a"), to: scratch("b")) }
    }

    @Test func copiesRanges() throws {
        let from = try Files.create(scratch("from"))
        let to = try Files.create(scratch("to"))
        try from.write((0..<200_000).map { UInt8(truncatingIfNeeded: $0) }, at: 0)
        try from.copy(from: 100_000, count: 100_000, to: to, at: 10)
        #expect(try to.stat().size == 100_010)
        #expect(try to.read(at: 10, count: 100_000) == from.read(at: 100_000, count: 100_000))
        #expect(throws: SystemError.self) { try from.copy(from: 199_999, count: 2, to: to, at: 0) }
    }

    @Test func removesTreesButNothingBehindLinks() throws {
        try Files.makeFolder(scratch("outside"))
        try Files.writeAtomically(scratch("outside/precious"), [1])
        try Files.makeFolder(scratch("tree/deep/er"))
        try Files.writeAtomically(scratch("tree/deep/er/file"), [1])
        try Files.symlink(scratch("tree/deep/link"), to: scratch("outside"))
        try Files.chmod(scratch("tree/deep/er"), mode: 0o500)
        #expect(throws: SystemError.self) { try Files.removeTree(scratch("tree"), limit: 3) }
        #expect(throws: SystemError.self) { try Files.removeTree(scratch("tree"), depth: 1) }
        try Files.removeTree(scratch("tree"))
        try Files.removeTree(scratch("tree"))
        #expect(!Files.exists(scratch("tree")) && Files.exists(scratch("outside/precious")))
        try Files.symlink(scratch("link"), to: scratch("outside"))
        try Files.removeTree(scratch("link"))
        #expect(!Files.exists(scratch("link")) && Files.exists(scratch("outside/precious")))
    }

    @Test func tellsAFullDisk() throws {
        let space = try Files.freeSpace(scratch.path)
        #expect(space.available <= space.total && space.total > 0)
        try Files.makeFolder(scratch("small"))
        let source = scratch("small")
        // Only root may mount; elsewhere /dev/full tells the same of writes.
        if unsafe mount("none", source, "tmpfs", 0, "size=64k") == 0 {
            defer { _ = unsafe umount(source) }
            let error = #expect(throws: SystemError.self) {
                try Files.writeAtomically(scratch("small/a"), [UInt8](repeating: 1, count: 1 << 20))
            }
            #expect(error?.isFull == true)
            #expect(try Files.list(scratch("small")).isEmpty)
        }
        let full = SharedFile(adopting: unsafe Glibc.open("/dev/full", O_WRONLY))
        let error = #expect(throws: SystemError.self) { try full.append([1]) }
        #expect(error?.isFull == true)
    }

    @Test func sharesAnOwnedFile() throws {
        var ends: [Int32] = [0, 0]
        _ = unsafe ends.withUnsafeMutableBufferPointer { unsafe pipe($0.baseAddress) }
        let reading = SharedFile(adopting: ends[0])
        let owned = OwnedFile(adopting: ends[1])
        try owned.share().append([7])
        // Both copies are closed by now: the pipe has an end.
        #expect(try reading.readNext() == [7] && reading.readNext().isEmpty)
    }
}
