internal import Core
internal import Kernel
internal import Knowledge
internal import Policy
internal import RegistryClient
internal import Storage

/// `purser policy data`: the snapshots that rules look into, as files with a digest.
public enum PolicySnapshots {
    /// `import FILE…`: makes one snapshot of them, where the policy looks for it.
    public static func load(_ invocation: Invocation, files: [String], out: String?) -> Int32 {
        answer(invocation) { () throws(Problem) in
            let plan = try Plan.local(invocation, loadsData: false)
            let path = try target(out, plan)
            let scratch = try SessionPaths.temporaryFolder(plan.environment)
            let made = try SnapshotImport(files.map(plan.path), into: path, scratch: scratch)
            tell(path, made.digest, made.recordCount, plan, invocation.console)
            return 0
        }
    }

    /// `list`: what is configured, and what is there.
    public static func list(_ invocation: Invocation) -> Int32 {
        answer(invocation) { () throws(Problem) in
            let plan = try Plan.local(invocation, loadsData: false)
            guard let path = plan.osvPath else {
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
            let path = try target(out, plan)
            guard let (bytes, digest) = try await registry.client(plan.environment).snapshot("osv") else {
                throw Problem(
                    .notFound,
                    subject: registry.base.redacted,
                    summary: "has no snapshot 'osv'",
                    remedy: "Give it one: purser-registry data set osv FILE"
                )
            }
            guard Digest.sha256(of: bytes) == digest else {
                throw Problem(
                    .integrityMismatch,
                    subject: "the snapshot 'osv' of \(registry.base.redacted)",
                    summary: "is not what its digest says",
                    remedy: "Fetch it again; ask the registry's operator if it stays so.",
                    details: ["expected": digest.description, "got": Digest.sha256(of: bytes).description]
                )
            }
            let trial = "\(path).new"
            try SnapshotImport.write(bytes, to: trial)
            defer { try? Files.unlink(trial) }
            let snapshot = try AdvisorySnapshot.load(path: trial)
            try SnapshotImport.write(bytes, to: path)
            tell(path, snapshot.digest, snapshot.recordCount, plan, console)
            return 0
        } catch {
            console.problem(error)
            return error.code.exitStatus
        }
    }

    private static func tell(_ path: String, _ digest: Digest, _ records: Int, _ plan: Plan, _ console: Console) {
        console.result("\(path)  \(digest)  \(records) records")
        guard plan.osvPath != path else { return }
        let shown = path.hasPrefix(plan.folder + "/") ? String(path.dropFirst(plan.folder.count + 1)) : path
        console.line("  the policy looks there with 'data: { osv: \(shown) }'")
    }

    private static func target(_ out: String?, _ plan: Plan) throws(Problem) -> String {
        if let out { return plan.path(out) }
        guard let path = plan.osvPath else {
            throw Problem(
                .usageInvalid,
                subject: "purser policy data",
                summary: "has no place to write to: the policy names no data",
                remedy: "Name one with --out FILE, or write 'data: { osv: PATH }' into the policy first."
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
