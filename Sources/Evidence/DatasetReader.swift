internal import Core
internal import Kernel
internal import Policy
internal import Storage

/// Reads files of data and remembers what they hash to.
final class DatasetReader {
    let paths: [PolicyFile.Dataset: String]
    private(set) var digests: [PolicyFile.Dataset: Digest] = [:]

    static let bytesLimit = 64 << 20

    init(paths: [PolicyFile.Dataset: String]) { self.paths = paths }

    /// What a file makes; nil for one that the policy does not name.
    func read<Value>(_ dataset: PolicyFile.Dataset, _ make: ([UInt8]) throws(Malformed) -> Value) throws(Problem)
        -> Value?
    {
        guard let path = paths[dataset] else { return nil }
        let bytes: [UInt8]
        do throws(SystemError) { bytes = try Files.readAll(path, limit: DatasetReader.bytesLimit) } catch {
            throw DatasetReader.unreadable(path, "could not be read (\(error))")
        }
        digests[dataset] = Digest.sha256(of: bytes)
        do throws(Malformed) { return try make(bytes) } catch { throw DatasetReader.unreadable(path, error.what) }
    }

    func text(_ dataset: PolicyFile.Dataset) throws(Problem) -> NamedText? {
        let text = try read(dataset) { bytes throws(Malformed) -> String in
            guard let text = String(validating: bytes, as: UTF8.self) else { throw Malformed("is not UTF-8 text") }
            return text
        }
        guard let text, let path = paths[dataset] else { return nil }
        return NamedText(text: text, path: path)
    }

    func list(_ dataset: PolicyFile.Dataset) throws(Problem) -> ReleaseList? {
        try text(dataset).map { list throws(Problem) in try ReleaseList(list.text, of: list.path) }
    }

    /// When a file was last written, for data that do not say how old they are.
    static func modified(_ path: String) -> Timestamp? {
        (try? Files.stat(path, followLink: true)).map { Timestamp(seconds: $0.mtimeNanos / 1_000_000_000) }
    }

    private static func unreadable(_ path: String, _ summary: String) -> Problem {
        Problem(
            .configUnreadable,
            subject: path,
            summary: summary,
            remedy: "Fetch it again from where it is published, or correct data: in the policy file."
        )
    }
}

/// A text and the file that it stands in.
struct NamedText {
    let text: String
    let path: String
}
