internal import Core
internal import Kernel

/// The names under which a session's papers lie in the working folder.
struct PaperFiles: Sendable {
    let manifest: String
    let report: String
    let statement: String

    init(_ plan: Plan) {
        let report = plan.path(plan.options.text("report") ?? "purser-run.json")
        self.report = report
        // Under --locked the committed manifest stays as it is, and the run's own lies beside the report.
        manifest =
            plan.isLocked
            ? PaperFiles.folder(of: report) + "/purser-run.d/purser.lock"
            : plan.path(plan.options.text("manifest") ?? "purser.lock")
        statement = PaperFiles.folder(of: manifest) + "/purser.intoto.json"
    }

    /// The statement that belongs to a manifest lies beside it.
    static func statement(besideManifest path: String) -> String { folder(of: path) + "/purser.intoto.json" }

    static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
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
