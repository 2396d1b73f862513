public import Core
internal import JSONText
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

    /// What a file holds. Agents check it again, to the last key.
    private static func words(_ file: String, _ dataset: PolicyFile.Dataset) throws(Problem) -> String {
        if dataset == .osv { return "\(try AdvisorySnapshot.load(path: file).recordCount) records" }
        let bytes: [UInt8]
        do throws(SystemError) { bytes = try Files.readAll(file, limit: 4 << 20) } catch {
            throw unusable(file, "could not be read (\(error))")
        }
        if dataset == .names {
            return "\(try PolicyFile.names(in: String(decoding: bytes, as: UTF8.self), of: file).count) names"
        }
        do throws(JSONError) { _ = try JSON(parsing: bytes) } catch { throw unusable(file, "is no JSON") }
        return "\(bytes.count) bytes"
    }

    private static func unusable(_ file: String, _ summary: String) -> Problem {
        Problem(
            .configUnreadable,
            subject: file,
            summary: summary,
            remedy: "Fetch it again from where it is published."
        )
    }
}
