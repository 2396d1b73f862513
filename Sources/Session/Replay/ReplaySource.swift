internal import Attestation
internal import Core
internal import Manifest
internal import Storage

/// A build's papers and its bytes, as a replay needs them.
struct ReplaySource: Sendable {
    let manifest: BuildManifest
    let record: ReplayRecord
    /// Bytes by digest: from the local caches, else from the registry.
    let bytes: @Sendable (Digest) async throws(Problem) -> Blob?

    var pins: [Pin] { manifest.pins }
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
