import Core
import Kernel
import Storage
import TestKit
import Testing

@testable import Gateway

@Suite struct HotArtifactTests {
    @Test func anAnswerHoldsOnlyWhileNothingThatDecidesDiffers() async throws {
        let scratch = try Scratch()
        let store = try BlobStore(folder: scratch("store"))
        let blob = try store.store(noise(1_000))
        let url = try HTTPURL("https://files.test/a.whl")
        let key = HotArtifacts.Key(url: url, credential: nil)
        let now = Timestamp(seconds: 1_700_000_000)
        let hot = HotArtifacts()
        hot.keep(blob, contentType: "x/y", for: key, at: now, learnt: 7)
        #expect(hot.blob(for: key, at: now, learnt: 7)?.blob.digest == blob.digest)
        #expect(hot.blob(for: key, at: Timestamp(seconds: now.seconds + 1), learnt: 7) == nil)
        #expect(hot.blob(for: key, at: now, learnt: 8) == nil)
        #expect(hot.blob(for: HotArtifacts.Key(url: url, credential: "k"), at: now, learnt: 7) == nil)
        let hex = blob.digest.hex
        try Files.chmod(scratch("store/sha256/\(hex.prefix(2))/\(hex.dropFirst(2))"), mode: 0o600)
        #expect(hot.blob(for: key, at: now, learnt: 7) == nil)
    }
}
