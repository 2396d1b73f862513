internal import Core
internal import Storage
internal import Synchronization

/// Answers of the current second, so that a file that many ask for at once is judged once for all of them.
///
/// An entry holds only while nothing that decides may differ: the same second, nothing learnt since, the same
/// credential, the blob's stamp unchanged. Then the facts are the same, and so is the verdict.
final class HotArtifacts: Sendable {
    struct Key: Hashable, Sendable {
        let url: HTTPURL
        let credential: String?
    }

    private struct Entry {
        let blob: Blob
        let contentType: String
        let second: Int64
        let learnt: Int
    }

    private let entries = Mutex<[Key: Entry]>([:])
    private static let limit = 1_024

    func keep(_ blob: Blob, contentType: String, for key: Key, at now: Timestamp, learnt: Int) {
        entries.withLock { entries in
            if entries.count >= Self.limit { entries.removeAll(keepingCapacity: true) }
            entries[key] = Entry(blob: blob, contentType: contentType, second: now.seconds, learnt: learnt)
        }
    }

    func blob(for key: Key, at now: Timestamp, learnt: Int) -> (blob: Blob, contentType: String)? {
        let entry = entries.withLock { $0[key] }
        guard let entry, entry.second == now.seconds, entry.learnt == learnt, entry.blob.isUntouched else { return nil }
        return (entry.blob, entry.contentType)
    }
}
