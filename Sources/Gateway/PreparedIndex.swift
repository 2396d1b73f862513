internal import Core
internal import Storage
internal import Synchronization
internal import Upstream

/// What makes two index requests the same question.
struct IndexKey: Hashable, Sendable {
    let url: HTTPURL
    let accept: String
    let credential: String?

    /// The text under which answers of former jobs are kept.
    var text: String { "index\n\(url)\n\(accept)\n\(credential ?? "")" }
}

/// An index as clients get it: judged, printed again, stored for replay.
struct PreparedIndex: Sendable {
    /// An answer that is not an index (404, 401): passed on as the origin gave it.
    let passed: Reply?
    /// The printed document with the origin's own links; nil when `passed` is not.
    let body: Blob?
    let contentType: String
    let headers: [HeaderField]
    let finalURL: HTTPURL
    let expires: Timestamp
    /// The unfiltered document, for printing again with other links; only its digest is kept in memory.
    let raw: Blob?
    /// The verdicts by file, so that another printing hides the same files.
    let hidden: Set<String>
    let isStale: Bool
}

/// Prepared indexes of this session, the oldest dropped first.
final class PreparedIndexes: Sendable {
    private struct State {
        var indexes: [IndexKey: PreparedIndex] = [:]
        var order: [IndexKey] = []
    }

    private let state = Mutex(State())
    private static let limit = 4_096

    func fresh(_ key: IndexKey, now: Timestamp) -> PreparedIndex? {
        state.withLock { state in
            guard let index = state.indexes[key], index.expires > now else { return nil }
            return index
        }
    }

    func keep(_ index: PreparedIndex, for key: IndexKey) {
        state.withLock { state in
            if state.indexes.updateValue(index, forKey: key) == nil { state.order.append(key) }
            if state.order.count > Self.limit { state.indexes[state.order.removeFirst()] = nil }
        }
    }
}
