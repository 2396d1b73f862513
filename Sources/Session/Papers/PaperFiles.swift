internal import Core
internal import Kernel
internal import Storage

/// The names under which a session's papers lie in the working folder.
struct PaperFiles: Sendable {
    let manifest: String
    let report: String
    let statement: String
    /// A manifest that was left as it was; nil where this run's took its place.
    let kept: String?

    /// `isPartial`: what came in is not all that the build needs.
    init(_ plan: Plan, isPartial: Bool = false) {
        let report = plan.path(plan.options.text("report") ?? "purser-run.json")
        self.report = report
        let usual = plan.path(plan.options.text("manifest") ?? "purser.lock")
        kept = plan.isLocked || isPartial && Files.exists(usual) ? usual : nil
        // The committed manifest stays as it is then, and the run's own lies beside the report.
        manifest = kept == nil ? usual : PaperFiles.folder(of: report) + "/purser-run.d/purser.lock"
        statement = PaperFiles.folder(of: manifest) + "/purser.intoto.json"
    }

    /// The statement that belongs to a manifest lies beside it.
    static func statement(besideManifest path: String) -> String { folder(of: path) + "/purser.intoto.json" }

    static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    }

    /// Where the job ran: artifacts are named from there.
    static func jobFolder(ofManifest path: String) -> String {
        let folder = folder(of: path)
        return folder.hasSuffix("/purser-run.d") ? self.folder(of: folder) : folder
    }

    /// Writes while holding the lock of these papers, so that those of two agents in one folder do not mix.
    func write(_ papers: Papers, environment: [String: String]) async throws(Problem) {
        let name =
            "purser-papers-\(ProcessIdentity.effectiveUID)-\(Digest.sha256(of: Array(manifest.utf8)).hex.prefix(16))"
        let path = "\(try SessionPaths.temporaryFolder(environment))/\(name)"
        let lock = try await PaperFiles.lock(path)
        defer { lock.removeFile() }
        try write(papers)
    }

    /// Writing takes milliseconds, so who does not get the lock soon has a reason to be told.
    static func lock(_ path: String, tries: Int = 200) async throws(Problem) -> FileLock {
        for _ in 0..<tries {
            do throws(SystemError) {
                if let lock = try FileLock.attempt(path) { return lock }
            } catch { throw StorageError.failed(path: path, what: "\(error)").problem }
            try? await Task.sleep(for: .milliseconds(50))
        }
        throw Problem(
            .stateLocked,
            subject: path,
            summary: "is held by process \(FileLock.holder(of: path) ?? "unknown"), which writes the same papers",
            remedy: "Wait for that process, or give this run a --manifest and a --report of its own."
        )
    }

    /// The statement last: without it nothing verifies, so a run that is killed meanwhile leaves nothing false.
    func write(_ papers: Papers) throws(Problem) {
        do throws(SystemError) {
            try Files.makeFolder(PaperFiles.folder(of: manifest), mode: 0o755)
            try Files.makeFolder(PaperFiles.folder(of: report), mode: 0o755)
            if Files.exists(statement) { try Files.unlink(statement) }
            try Files.writeAtomically(manifest, papers.manifestBytes, mode: 0o644)
            try Files.writeAtomically(report, papers.reportBytes, mode: 0o644)
            try Files.writeAtomically(statement, papers.envelopeBytes, mode: 0o644)
        } catch {
            throw Problem(
                error.isFull ? .storageFull : .configUnreadable,
                subject: error.path ?? manifest,
                summary: "could not be written (\(error))",
                remedy: "Make the folder writable and free space; the run was not signed."
            )
        }
    }
}
