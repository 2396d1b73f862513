import Core
import Kernel
import Storage
import TestKit
import Testing

@Suite struct EqualBlobsTests {
    @Test func manyWhoStoreTheSameBytesAtOnceAllReadThem() async throws {
        let scratch = try Scratch()
        let store = try BlobStore(folder: scratch.path)
        let bytes = noise(200_000)
        let digest = Digest.sha256(of: bytes)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<32 {
                group.addTask {
                    let staging = try store.stage()
                    try staging.append(bytes)
                    let own = try staging.commit()
                    let found = try await store.blob(digest)
                    return try own.bytes() == bytes && found?.bytes() == bytes
                }
            }
            for try await isWhole in group { #expect(isWhole) }
        }
        #expect(try Files.list("\(scratch.path)/quarantine").isEmpty)
    }

    @Test func aTwinThatAnotherProcessPutInPlaceHarmsNoReader() async throws {
        let scratch = try Scratch()
        let bytes = noise(50_000)
        let mine = try BlobStore(folder: scratch.path)
        let digest = try mine.store(bytes).digest
        // A store of its own knows nothing of ours, as in another process.
        for _ in 0..<8 {
            try BlobStore(folder: scratch.path).store(bytes)
            #expect(try await mine.blob(digest)?.bytes() == bytes)
        }
        #expect(try Files.list("\(scratch.path)/quarantine").isEmpty)
    }
}
