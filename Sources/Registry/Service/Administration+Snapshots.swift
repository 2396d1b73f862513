public import Core
internal import Kernel
internal import Knowledge
internal import Storage

extension Administration {
    /// Checks a snapshot of OSV records and gives it to every agent that asks from now on. Answers its digest and how
    /// many records it holds.
    public func setData(_ name: String, file: String) async throws(Problem) -> (digest: Digest, records: Int) {
        guard name == "osv" else {
            throw Problem(
                .usageInvalid,
                subject: name,
                summary: "is no kind of data that rules look into",
                remedy: "The name is osv, for malware and vulnerabilities."
            )
        }
        let records = try records()
        let snapshot = try AdvisorySnapshot.load(path: file)
        let digest: Digest
        do throws(SystemError) {
            let bytes = try Files.readAll(file, limit: 1 << 30)
            digest = Digest.sha256(of: bytes)
            try SnapshotShelf(data).keep(bytes, digest, as: name)
        } catch { throw StateFolder.problem(error, data) }
        let details = "\(snapshot.recordCount) records, \(digest)"
        do throws(RecordsError) {
            try await records.note("data.set", subject: name, details: details, by: "command", at: now())
        } catch { throw error.problem }
        return (digest, snapshot.recordCount)
    }
}
