import Core
import Kernel
import Storage
import TestKit
import Testing

@Suite struct BlobStoreTests {
    @Test func keepsBytesUnderTheirDigestReadOnly() async throws {
        let scratch = try Scratch()
        let store = try BlobStore(folder: scratch("store"))
        let bytes = noise(100_000)
        let blob = try store.store(bytes)
        #expect(blob.digest == .sha256(of: bytes))
        #expect(try blob.bytes() == bytes)
        let hex = blob.digest.hex
        let place = "store/sha256/\(hex.prefix(2))/\(hex.dropFirst(2))"
        #expect(try scratch.read(place) == bytes)
        #expect(try Files.stat(scratch(place)).permissions == 0o444)
        #expect(try Files.stat(scratch("store")).permissions == 0o700)
        #expect(try store.digests() == [blob.digest])
        #expect(store.contains(blob.digest))
        try store.remove(blob.digest)
        #expect(try await store.blob(blob.digest) == nil)
    }

    @Test func aStagedFileIsReadWhileItGrowsAndLeavesNothingWhenDropped() async throws {
        let scratch = try Scratch()
        let store = try BlobStore(folder: scratch("store"))
        do {
            let staging = try store.stage([.sha512, .md5])
            try staging.append(Array("hello ".utf8))
            #expect(try staging.read(at: 0, count: 100) == Array("hello ".utf8))
            try staging.append(Array("world".utf8))
            #expect(try staging.read(at: 6, count: 3) == Array("wor".utf8))
            #expect(staging.size == 11)
            #expect(Set(staging.digests.map(\.algorithm)) == [.sha256, .sha512, .md5])
            #expect(staging.digests.contains(try #require(Digest("md5:5eb63bbbe01eeed093cb22bb8f5acdc3"))))
        }
        #expect(scratch.files(below: "store").isEmpty)
    }

    @Test func twoStoresOverOneFolderSeeOneBlob() async throws {
        let scratch = try Scratch()
        let (one, other) = (try BlobStore(folder: scratch("store")), try BlobStore(folder: scratch("store")))
        let blob = try one.store(noise(5_000))
        try other.store(noise(5_000))
        #expect(try await other.blob(blob.digest)?.bytes() == noise(5_000))
        #expect(try await one.blob(blob.digest)?.bytes() == noise(5_000))
        #expect(try await one.blob(Digest.sha256(of: [9])) == nil)
    }

    @Test func aHundredWritersOfOneBlobAgree() async throws {
        let scratch = try Scratch()
        let store = try BlobStore(folder: scratch("store"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<100 {
                group.addTask {
                    let blob = try store.store(noise(3_000))
                    #expect(try blob.bytes() == noise(3_000))
                }
            }
            try await group.waitForAll()
        }
        #expect(scratch.files(below: "store").count == 1)
    }

    @Test func openFilesAreBounded() async throws {
        let scratch = try Scratch()
        let store = try BlobStore(folder: scratch("store"), openLimit: 8)
        let before = try Files.list("/proc/self/fd").count
        for number in 0..<200 { try store.store([UInt8(number)]) }
        for number in 0..<200 { #expect(try await store.blob(.sha256(of: [UInt8(number)])) != nil) }
        // Other tests open files meanwhile.
        #expect(try Files.list("/proc/self/fd").count - before < 150)
    }

    @Test(arguments: ["flip", "cut", "empty", "link", "folder", "fifo-like name"])
    func whatIsNotTheBlobIsPutAside(_ damage: String) async throws {
        let scratch = try Scratch()
        let bytes = noise(2_000)
        let digest = try BlobStore(folder: scratch("store")).store(bytes).digest
        let place = scratch("store/sha256/\(digest.hex.prefix(2))/\(digest.hex.dropFirst(2))")
        try Files.unlink(place)
        switch damage {
        case "flip": try Files.writeAtomically(place, [bytes[0] ^ 1] + bytes.dropFirst(), durably: false)
        case "cut": try Files.writeAtomically(place, Array(bytes.dropLast()), durably: false)
        case "empty": try Files.writeAtomically(place, [], durably: false)
        case "link": try Files.symlink(place, to: "/etc/passwd")
        default: try Files.makeFolder(place + "/inside")
        }
        let store = try BlobStore(folder: scratch("store"))
        #expect(try await store.blob(digest) == nil)
        #expect(!store.contains(digest))
        #expect(try store.store(bytes).digest == digest)
        #expect(try await store.blob(digest)?.bytes() == bytes)
    }
}
