internal import Core
internal import Kernel
internal import Manifest

/// `purser policy learn`: the smallest policy that lets in what the last run got.
public enum PolicyLearn {
    /// On stdout unless `out` names a file.
    public static func perform(_ invocation: Invocation, out: String?) async -> Int32 {
        let console = invocation.console
        do throws(Problem) {
            let plan = try Plan.local(invocation)
            guard let manifest = try plan.ownManifest() else {
                throw plan.options.invalid(
                    "manifest",
                    "is not there to learn from",
                    "Run the job once: purser run --mode learn -- COMMAND"
                )
            }
            let report = try RunReport.read(plan.path(plan.options.text("report") ?? "purser-run.json"))
            let record = await replayRecord(plan)
            if record == nil {
                console.line("purser: no replay record of that run; what it asked about and did not fetch is left out")
            }
            let learned = try LearnedPolicy(manifest, report, record: record, now: Clock.now)
            guard let out else {
                StandardStreams.output(Array(learned.text.utf8))
                return 0
            }
            try learned.write(to: plan.path(out))
            console.line("purser: wrote \(out) from \(manifest.inputs.count) inputs")
            return 0
        } catch {
            console.problem(error)
            return error.code.exitStatus
        }
    }

    /// Of the run that the papers are of; it lies in the job cache.
    private static func replayRecord(_ plan: Plan) async -> ReplayRecord? {
        let manifest = plan.path(plan.options.text("manifest") ?? "purser.lock")
        guard let papers = try? StoredPapers.read(manifest, plan) else { return nil }
        return try? await CacheStores.open(plan).record(papers.recordDigest)
    }
}
