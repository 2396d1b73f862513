internal import Core
internal import Evidence
internal import Kernel
internal import Knowledge
internal import Policy
internal import RegistryClient
internal import Storage

/// `purser policy data`: the snapshots that rules look into, as files with a digest.
public enum PolicySnapshots {
    /// The kinds of data, as `--kind` names them.
    public static let kinds = PolicyFile.Dataset.allCases.map(\.rawValue)

    /// `import FILE…`: makes one snapshot of them, where the policy looks for it. What the files are is told by their
    /// content, or by `kind`.
    public static func load(_ invocation: Invocation, files: [String], kind: String?, out: String?) -> Int32 {
        answer(invocation) { () throws(Problem) in
            let plan = try Plan.local(invocation, loadsData: false)
            let dataset = try dataset(kind, files.map(plan.path))
            let path = try target(out, plan, dataset)
            guard dataset == .osv else {
                let file = try DatasetFile(files.map(plan.path), as: dataset)
                try SnapshotImport.write(file.bytes, to: path)
                tell(path, "\(file.digest)  \(file.words)", plan, dataset, invocation.console)
                return 0
            }
            let scratch = try SessionPaths.temporaryFolder(plan.environment)
            let made = try SnapshotImport(files.map(plan.path), into: path, scratch: scratch)
            tell(path, "\(made.digest)  \(made.recordCount) records", plan, .osv, invocation.console)
            return 0
        }
    }

    private static func dataset(_ kind: String?, _ files: [String]) throws(Problem) -> PolicyFile.Dataset {
        guard let kind else { return files.lazy.compactMap { DatasetFile.dataset(of: $0) }.first ?? .osv }
        guard let dataset = PolicyFile.Dataset(rawValue: kind) else {
            throw Problem(
                .usageInvalid,
                subject: "--kind \(kind)",
                summary: "is no kind of data",
                remedy: "It is one of \(kinds.joined(separator: ", "))."
            )
        }
        return dataset
    }

    /// `list`: what is configured, and what is there.
    public static func list(_ invocation: Invocation) -> Int32 {
        answer(invocation) { () throws(Problem) in
            let plan = try Plan.local(invocation)
            let hasOthers = try tellFiles(plan, invocation.console)
            guard let path = plan.osvPath else {
                guard !hasOthers else { return 0 }
                invocation.console.result("no data is configured: name a snapshot under 'data: { osv: PATH }'")
                return 0
            }
            let snapshot = try AdvisorySnapshot.load(path: path)
            let changed = (try? Files.stat(path, followLink: true)).map { $0.mtimeNanos / 1_000_000_000 }
            invocation.console.result("osv  \(path)")
            invocation.console.result("     \(snapshot.digest)")
            invocation.console.result(
                "     \(snapshot.recordCount) records, \(snapshot.malwareCount) of malware in force"
            )
            if let newest = snapshot.newest { invocation.console.result("     youngest record \(newest)") }
            if let stale = plan.policyFile.osv?.staleness(newest: snapshot.newest, now: Clock.now) {
                invocation.console.result("     too old: it \(stale)")
            }
            if let changed { invocation.console.result("     written \(Timestamp(seconds: changed))") }
            return 0
        }
    }

    /// Tells of all data but the snapshot; false where there are none.
    private static func tellFiles(_ plan: Plan, _ console: Console) throws(Problem) -> Bool {
        let stale = plan.datasets.stale(Clock.now)
        var hasAny = false
        for dataset in PolicyFile.Dataset.allCases where dataset != .osv {
            guard let path = plan.path(of: dataset) else { continue }
            let file = try DatasetFile([path], as: dataset)
            hasAny = true
            console.result("\(dataset.rawValue)  \(path)")
            console.result("     \(file.digest)")
            console.result("     \(file.words)")
            if let date = file.date { console.result("     of \(date)") }
            if let why = stale[dataset] { console.result("     too old: it \(why)") }
        }
        return hasAny
    }

    /// `update`: the registry's snapshot, checked against the digest that it names.
    public static func update(_ invocation: Invocation, out: String?) async -> Int32 {
        let console = invocation.console
        do throws(Problem) {
            let plan = try Plan.local(invocation, loadsData: false)
            guard let registry = plan.registry else {
                throw plan.options.invalid(
                    "registry",
                    "is needed to fetch data",
                    "Add --registry URL, or import files."
                )
            }
            let named = PolicyFile.Dataset.allCases.filter { plan.path(of: $0) != nil }
            for dataset in out != nil || named.isEmpty ? [.osv] : named {
                let path = try target(out, plan, dataset)
                guard let (bytes, digest) = try await registry.client(plan.environment).snapshot(dataset.rawValue)
                else {
                    // What the policy has from elsewhere stays as it is.
                    guard dataset == .osv else { continue }
                    throw Problem(
                        .notFound,
                        subject: registry.base.redacted,
                        summary: "has no snapshot 'osv'",
                        remedy: "Give it one: purser-registry data set osv FILE"
                    )
                }
                try check(bytes, digest, "the snapshot '\(dataset.rawValue)' of \(registry.base.redacted)")
                tell(path, try replace(path, bytes, dataset), plan, dataset, console)
            }
            return 0
        } catch {
            console.problem(error)
            return error.code.exitStatus
        }
    }

    private static func check(_ bytes: [UInt8], _ digest: Digest, _ subject: String) throws(Problem) {
        let found = Digest.sha256(of: bytes)
        guard found != digest else { return }
        throw Problem(
            .integrityMismatch,
            subject: subject,
            summary: "is not what its digest says",
            remedy: "Fetch it again; ask the registry's operator if it stays so.",
            details: ["expected": digest.description, "got": found.description]
        )
    }

    /// Puts new data in the place of old when it can be read; what it is, in words.
    private static func replace(_ path: String, _ bytes: [UInt8], _ dataset: PolicyFile.Dataset) throws(Problem)
        -> String
    {
        let trial = "\(path).new"
        try SnapshotImport.write(bytes, to: trial)
        defer { try? Files.unlink(trial) }
        let words: String
        if dataset == .osv {
            let snapshot = try AdvisorySnapshot.load(path: trial)
            words = "\(snapshot.digest)  \(snapshot.recordCount) records"
        } else {
            let file = try DatasetFile([trial], as: dataset)
            words = "\(file.digest)  \(file.words)"
        }
        try SnapshotImport.write(bytes, to: path)
        return words
    }

    private static func tell(
        _ path: String,
        _ what: String,
        _ plan: Plan,
        _ dataset: PolicyFile.Dataset,
        _ console: Console
    ) {
        console.result("\(path)  \(what)")
        guard plan.path(of: dataset) != path else { return }
        let shown = path.hasPrefix(plan.folder + "/") ? String(path.dropFirst(plan.folder.count + 1)) : path
        console.line("  the policy looks there with 'data: { \(dataset.rawValue): \(shown) }'")
    }

    private static func target(_ out: String?, _ plan: Plan, _ dataset: PolicyFile.Dataset) throws(Problem) -> String {
        if let out { return plan.path(out) }
        guard let path = plan.path(of: dataset) else {
            throw Problem(
                .usageInvalid,
                subject: "purser policy data",
                summary: "has no place to write to: the policy names no data.\(dataset.rawValue)",
                remedy:
                    "Name one with --out FILE, or write 'data: { \(dataset.rawValue): PATH }' into the policy first."
            )
        }
        return path
    }

    private static func answer(_ invocation: Invocation, _ body: () throws(Problem) -> Int32) -> Int32 {
        do throws(Problem) { return try body() } catch {
            invocation.console.problem(error)
            return error.code.exitStatus
        }
    }
}
