internal import Core
internal import Manifest
internal import Policy

/// What policy says of lockfiles that the job changed.
extension PaperWriter {
    func changedLockfiles(_ now: [RunReport.ProjectLockfile]) -> (faults: [Problem], warnings: [String]) {
        let policy = session.plan.policy
        let action = policy.session.changedLockfiles
        let before = Set(session.lockfiles.found.map(\.path))
        // One that was made is no changed one.
        let changed = now.filter { $0.isChanged && before.contains($0.path) }.map(\.path).sorted()
        guard action >= .warn, !changed.isEmpty else { return ([], []) }
        if action == .block, policy.mode == .enforce {
            return (changed.map(fault), [])
        }
        let word = action == .block ? "would block" : "warns"
        return ([], ["lockfile.clean \(word): the job changed \(changed.joined(separator: ", "))"])
    }

    private func fault(_ path: String) -> Problem {
        Problem(
            .policyDenied,
            subject: path,
            summary: "was changed by the job, and policy wants lockfiles left as they are",
            remedy: "Install by the lockfile (npm ci, uv sync --locked, cargo --locked), or commit the changed one.",
            rule: "lockfile.clean"
        )
    }
}
