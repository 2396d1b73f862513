public import Core
internal import Evidence
internal import Kernel
internal import Knowledge
internal import Policy
internal import Storage

extension Administration {
    /// The kinds of data that agents fetch.
    public static let dataNames = PolicyFile.Dataset.allCases.map(\.rawValue)

    /// Checks a file of data and gives it to every agent that asks from now on. Answers its digest and what it holds.
    public func setData(_ name: String, file: String) async throws(Problem) -> (digest: Digest, words: String) {
        guard let dataset = PolicyFile.Dataset(rawValue: name) else {
            throw Problem(
                .usageInvalid,
                subject: name,
                summary: "is no kind of data that rules look into",
                remedy: "It is one of \(Administration.dataNames.joined(separator: ", "))."
            )
        }
        let records = try records()
        let words = try Administration.words(file, dataset)
        let digest: Digest
        do throws(SystemError) {
            let bytes = try Files.readAll(file, limit: 1 << 30)
            digest = Digest.sha256(of: bytes)
            try SnapshotShelf(data).keep(bytes, digest, as: name)
        } catch { throw StateFolder.problem(error, data) }
        let details = "\(words), \(digest)"
        do throws(RecordsError) {
            try await records.note("data.set", subject: name, details: details, by: "command", at: now())
        } catch { throw error.problem }
        return (digest, words)
    }

    /// What a file holds, read as agents read it.
    private static func words(_ file: String, _ dataset: PolicyFile.Dataset) throws(Problem) -> String {
        if dataset == .osv { return "\(try AdvisorySnapshot.load(path: file).recordCount) records" }
        return try DatasetFile([file], as: dataset).words
    }
}
