internal import Core
internal import Kernel
internal import Manifest

/// The commit that is being built, as git and the CI system tell it.
struct SourceState: Sendable {
    var repository: String?
    var commit: String?
    var tree: String?
    var ref: String?
    var isDirty = false
    /// The top folder of the work tree, or nil outside git.
    var workTree: String?

    /// Asks git once. Outside a work tree, or without git, only the CI system's words are left.
    static func read(folder: String, environment: [String: String], ci: CIEnvironment?) async -> SourceState {
        var state = SourceState(repository: ci?.repository, commit: ci?.commit, ref: ci?.ref)
        guard let status = await git(["status", "--porcelain=v2", "--branch"], folder, environment) else {
            return state
        }
        for line in status.split(separator: "\n") {
            if line.hasPrefix("# branch.oid ") {
                let commit = String(line.dropFirst(13))
                if commit != "(initial)" { state.commit = commit }
            } else if line.hasPrefix("# branch.head "), state.ref == nil, !line.hasSuffix("(detached)") {
                state.ref = String(line.dropFirst(14))
            } else if !line.hasPrefix("#"), !isOurs(line) {
                state.isDirty = true
            }
        }
        async let tree = git(["rev-parse", "HEAD^{tree}"], folder, environment)
        async let top = git(["rev-parse", "--show-toplevel"], folder, environment)
        async let remote = git(["config", "--get", "remote.origin.url"], folder, environment)
        state.tree = await tree
        state.workTree = await top
        if state.repository == nil { state.repository = await remote.map(withoutCredentials) }
        return state
    }

    /// Files that Purser itself writes do not make a source dirty.
    private static func isOurs(_ line: Substring) -> Bool {
        ["purser.lock", "purser-run.json", "purser.intoto.json", "purser-run.d/"].contains { line.hasSuffix($0) }
    }

    /// `https://user:token@host/path` without what stands before the `@`.
    static func withoutCredentials(_ url: String) -> String {
        guard let scheme = url.firstRange(of: "://"), let at = url[scheme.upperBound...].firstIndex(of: "@"),
            !url[scheme.upperBound..<at].contains("/")
        else { return url }
        return String(url[..<scheme.upperBound] + url[url.index(after: at)...])
    }

    private static func git(_ arguments: [String], _ folder: String, _ environment: [String: String]) async -> String? {
        var environment = environment
        environment["GIT_OPTIONAL_LOCKS"] = "0"
        environment["LC_ALL"] = "C"
        guard
            let result = try? await ChildProcess.run(
                ChildCommand(["git", "-C", folder] + arguments, environment: environment),
                limits: RunLimits(seconds: 10)
            ), result.exit == .exited(0)
        else { return nil }
        var text = Substring(decoding: result.output, as: UTF8.self)
        while text.hasSuffix("\n") { text.removeLast() }
        return String(text)
    }
}

extension SourceState {
    var report: RunReport.Source? {
        guard let commit else { return nil }
        return RunReport.Source(
            repository: repository ?? "",
            commit: commit,
            tree: tree,
            ref: ref,
            isDirty: isDirty
        )
    }
}
