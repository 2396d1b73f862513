internal import Core
internal import Manifest
internal import Synchronization

/// The manifest of earlier runs, read when a session begins and again when it ends: reading thousands of inputs takes a
/// while, and mostly the file is the same.
final class EarlierManifest: Sendable {
    private struct Reading {
        let bytes: [UInt8]
        let manifest: BuildManifest
    }

    private let last = Mutex<Reading?>(nil)

    func read(_ bytes: [UInt8], named name: String) throws(Problem) -> BuildManifest {
        if let last = last.withLock({ $0 }), last.bytes == bytes { return last.manifest }
        let manifest = try BuildManifest.read(bytes, named: name)
        last.withLock { $0 = Reading(bytes: bytes, manifest: manifest) }
        return manifest
    }
}
