internal import Core
internal import Storage
internal import Synchronization
internal import Upstream

/// Answers of the current second, so that a file that many ask for at once is judged once for all of them.
///
/// An entry holds only while nothing that decides may differ: the same question, the same second, nothing learnt since,
/// the same credential, the blob's stamp unchanged. Then the facts are the same, and so is the verdict.
final class HotArtifacts: Sendable {
    /// Everything of a request for a whole file that its verdict and its bytes depend on.
    struct Key: Hashable, Sendable {
        let url: HTTPURL
        let accept: String
        let userAgent: String
        let ecosystemType: String?
        let credential: String?

        init(_ client: ClientRequest, credential: String?) {
            url = client.request.url
            accept = client.request.accept
            userAgent = client.request.userAgent
            ecosystemType = client.ecosystemType
            self.credential = credential
        }
    }

    /// A file that was admitted and recorded.
    struct Artifact: Sendable {
        let blob: Blob
        let label: FileLabel
        let ecosystem: any Ecosystem
    }

    private struct Entry {
        let artifact: Artifact
        let second: Int64
        let learnt: Int
    }

    private let entries = Mutex<[Key: Entry]>([:])
    private static let limit = 1_024

    /// `now` and `learnt` are those of before the facts were looked at.
    func keep(_ artifact: Artifact, for key: Key, at now: Timestamp, learnt: Int) {
        entries.withLock { entries in
            if entries.count >= Self.limit { entries.removeAll(keepingCapacity: true) }
            entries[key] = Entry(artifact: artifact, second: now.seconds, learnt: learnt)
        }
    }

    func artifact(for key: Key, at now: Timestamp, learnt: Int) -> Artifact? {
        let entry = entries.withLock { $0[key] }
        guard let entry, entry.second == now.seconds, entry.learnt == learnt, entry.artifact.blob.isUntouched else {
            return nil
        }
        return entry.artifact
    }
}
