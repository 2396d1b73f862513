internal import Attestation
internal import Core
internal import Manifest
internal import Storage
internal import Synchronization

/// A build's papers and its bytes, as a replay needs them.
struct ReplaySource: Sendable {
    let manifest: BuildManifest
    let record: ReplayRecord
    /// Bytes by digest: from the local caches, else from the registry.
    let bytes: @Sendable (Digest) async throws(Problem) -> Blob?

    /// What was asked for and not recorded.
    let misses = Misses()

    var pins: [Pin] { manifest.pins }
}

/// The requests of a replay that its record did not know, in order.
final class Misses: Sendable {
    private let subjects = Mutex<[String]>([])

    func add(_ subject: String) { subjects.withLock { if !$0.contains(subject) { $0.append(subject) } } }

    var all: [String] { subjects.withLock { $0 } }
}

extension BuildManifest {
    /// What the manifest promises of every input.
    var pins: [Pin] {
        inputs.map { input in
            Pin(
                release: input.purl,
                file: input.file,
                url: try? HTTPURL(input.url),
                digests: input.digests,
                published: input.published
            )
        }
    }
}
