internal import Core
internal import JSONText
internal import Kernel
internal import Manifest

/// What the CI system says about the job, read from its variables. One row a system; see `docs/ci.md`.
public struct CIEnvironment: Hashable, Sendable {
    public let name: String
    /// Without credentials.
    public let repository: String?
    public let commit: String?
    public let ref: String?
    public let branch: String?
    /// The branch that pull requests go to by default, where the system tells.
    public var defaultBranch: String?
    public let run: String?
    /// Where a person sees the run.
    public let link: String?
    /// The workflow or pipeline file, where the system tells.
    public let recipe: String?
    public let job: String?
    /// Who caused the run.
    public let actor: String?
    public let isPullRequest: Bool
    /// True on a branch or tag that only trusted people can write; false for pull requests and where nothing is said.
    public let isProtected: Bool
    private let saysDefault: Bool?

    /// Nil where the system does not tell.
    public var isDefaultBranch: Bool? {
        if isPullRequest { return false }
        if let defaultBranch, let branch { return branch == defaultBranch }
        return saysDefault
    }

    /// The first system whose mark is set, or nil outside CI.
    public static func detect(_ environment: [String: String]) -> CIEnvironment? {
        let found = CISystem.all.first { system in
            system.marks.contains { !(environment[$0] ?? "").isEmpty }
        }
        return found.map { CIEnvironment($0, environment) }
    }

    private init(_ system: CISystem, _ environment: [String: String]) {
        func item(_ item: CISystem.Item) -> String? {
            (system.items[item] ?? []).lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        }
        name = system.name
        repository = item(.repository).map(SourceState.withoutCredentials)
        commit = item(.commit)
        ref = item(.ref)
        branch = item(.branch)
        defaultBranch = item(.defaultBranch)
        run = item(.run)
        link = system.links.lazy.compactMap { CIEnvironment.filled($0, environment) }.first
        recipe = item(.recipe)
        job = item(.job)
        actor = item(.actor)
        let isPullRequest = system.pullRequest?.holds(in: environment) ?? false
        self.isPullRequest = isPullRequest
        isProtected = !isPullRequest && system.protected?.holds(in: environment) ?? false
        saysDefault = system.isDefault.map { $0.holds(in: environment) }
    }

    /// The text with its variables' values; nil where one is not set, or makes no web address.
    private static func filled(_ text: String, _ environment: [String: String]) -> String? {
        var filled = ""
        var rest = text[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            guard let value = environment[String(rest[rest.index(after: open)..<close])], !value.isEmpty else {
                return nil
            }
            filled += rest[..<open] + value
            rest = rest[rest.index(after: close)...]
        }
        filled += rest
        guard filled.hasPrefix("https://") || filled.hasPrefix("http://") else { return nil }
        return SourceState.withoutCredentials(filled)
    }
}

extension CIEnvironment {
    /// With what GitHub says only in the file of the event: the name of the default branch.
    func reading(_ environment: [String: String]) -> CIEnvironment {
        guard defaultBranch == nil, let path = environment["GITHUB_EVENT_PATH"], !path.isEmpty,
            let bytes = try? Files.readAll(path, limit: 8 << 20), let event = try? JSON(parsing: bytes),
            let name = event["repository"]?["default_branch"]?.string, !name.isEmpty
        else { return self }
        var found = self
        found.defaultBranch = name
        return found
    }

    var report: RunReport.Job {
        var report = RunReport.Job(system: name, isPullRequest: isPullRequest, isProtected: isProtected)
        report.name = job
        report.run = run
        report.url = link
        report.actor = actor
        report.isDefaultBranch = isDefaultBranch
        return report
    }
}
