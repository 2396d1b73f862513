public import Core
internal import Storage

/// A package of one ecosystem with its index and its file, to be served by a fake upstream.
public struct Package: Sendable, CustomStringConvertible {
    /// What is known of the file before its bytes are.
    public enum Kind: String, Sendable, CaseIterable {
        case pypi, npm, deb, cargo, maven, composer
        case gem, rpm, hex, pub
        /// A file by URL that a lockfile pins.
        case pinned
        /// A file by URL that nobody vouches for.
        case unpinned

        public static let claimed: [Kind] = [.pypi, .npm, .deb, .cargo, .pinned]
    }

    public let kind: Kind
    public let purl: String
    public let file: String
    public let bytes: [UInt8]
    /// What clients ask.
    public let index: String?
    public let accept: String
    public let url: String
    /// Where the fake serves them.
    public let indexPath: String
    public let path: String
    public let indexAnswer: FakeAnswer
    /// Small documents that lie beside index and file.
    var beside: [(path: String, answer: FakeAnswer)] = []
    /// When the file was modified, where its format goes by that.
    var modified: String?

    public var description: String { kind.rawValue }
    public var answer: FakeAnswer {
        let answer = FakeAnswer(bytes)
        return modified.map { answer.with("Last-Modified", $0) } ?? answer
    }
    public var digest: Digest { Digest.sha256(of: bytes) }

    /// Serves index and file, the file with these answers where they are given.
    public func serve(on fake: FakeUpstream, _ answers: FakeAnswer...) {
        if index != nil { fake.serve(indexPath, indexAnswer) }
        for document in beside { fake.serve(document.path, document.answer) }
        fake.serve(path, answers.isEmpty ? [answer] : answers)
    }
}

/// One release in an index.
public struct Listed: Sendable {
    public var version: String
    public var published: String
    public var bytes: [UInt8]
    /// Further members of its entry in an index that is JSON, each with a comma before it.
    public var more: String
    /// Further members of npm's `dist`, each with a comma before it.
    public var dist = ""

    public init(_ version: String, published: String = "2026-01-10T08:00:00Z", bytes: [UInt8] = [], more: String = "") {
        self.version = version
        self.published = published
        self.bytes = bytes
        self.more = more
    }
}
