internal import Core
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

/// An index as clients get it: judged, printed again, stored for replay. It holds no open file, since a build may read
/// thousands of indexes.
struct PreparedIndex: Sendable {
    /// An answer that is not an index (404, 401): passed on as the origin gave it.
    let passed: Reply?
    /// The printed document with the origin's own links, in one of the stores; nil when `passed` is not.
    let body: Digest?
    let contentType: String
    let headers: [HeaderField]
    let finalURL: HTTPURL
    let expires: Timestamp
    /// True for a document that is a file of a release too.
    let isFile: Bool

    init(passed: Reply, finalURL: HTTPURL) {
        self.passed = passed
        self.finalURL = finalURL
        body = nil
        contentType = ""
        headers = []
        expires = Timestamp(seconds: 0)
        isFile = false
    }

    init(
        body: Digest,
        contentType: String,
        headers: [HeaderField],
        finalURL: HTTPURL,
        expires: Timestamp,
        isFile: Bool
    ) {
        self.body = body
        self.contentType = contentType
        self.headers = headers
        self.finalURL = finalURL
        self.expires = expires
        self.isFile = isFile
        passed = nil
    }
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
        guard index.passed == nil else { return }
        state.withLock { state in
            if state.indexes.updateValue(index, forKey: key) == nil { state.order.append(key) }
            if state.order.count > Self.limit { state.indexes[state.order.removeFirst()] = nil }
        }
    }
}
