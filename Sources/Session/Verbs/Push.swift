internal import Attestation
internal import Core
internal import JSONText
internal import Kernel
internal import Manifest
internal import RegistryClient
internal import Storage

/// Uploads what the registry does not have, then announces the build, the manifest last. By digest, so that a push
/// that was interrupted goes on where it stopped.
public enum Push {
    /// `purser push [MANIFEST]`: finishes a push from the files of an earlier run.
    public static func perform(_ invocation: Invocation, manifest: String) async -> Int32 {
        let console = invocation.console
        do throws(Problem) {
            let plan = try Plan.local(invocation)
            guard let registry = plan.registry else {
                throw plan.options.invalid("registry", "is needed to push", "Add --registry URL.")
            }
            let papers = try StoredPapers.read(plan.path(manifest), plan)
            let stores = try CacheStores.open(plan)
            let build = try await send(papers, registry, plan, stores)
            console.line(
                "purser: pushed build \(build) to \(registry.base.redacted)\(registry.repository), channel dev"
            )
            return 0
        } catch {
            console.problem(error)
            return error.code.exitStatus
        }
    }

    /// Pushes what a session just wrote.
    static func send(
        _ papers: Papers,
        _ registry: RegistryAddress,
        _ plan: Plan,
        stores: CacheStores,
        _ console: Console
    ) async throws(Problem) -> String {
        let stored = StoredPapers(
            manifest: papers.manifest,
            manifestBytes: papers.manifestBytes,
            reportBytes: papers.reportBytes,
            envelopeBytes: papers.envelopeBytes,
            recordDigest: papers.recordDigest,
            artifacts: papers.artifacts.compactMap { file in file.output.digests.first.map { ($0, file.path) } },
            record: papers.record
        )
        return try await send(stored, registry, plan, stores)
    }

    private static func send(
        _ papers: StoredPapers,
        _ registry: RegistryAddress,
        _ plan: Plan,
        _ stores: CacheStores
    ) async throws(Problem) -> String {
        let client = try registry.client(plan.environment)
        let record = if let known = papers.record { known } else { try await stores.record(papers.recordDigest) }
        var wanted = Set(papers.manifest.inputs.compactMap { Digest(.sha256, hex: $0.sha256) })
        wanted.formUnion(record.digests)
        wanted.formUnion(papers.artifacts.map(\.digest))
        wanted.insert(papers.recordDigest)
        let missing = try await client.missing(wanted.sorted())
        let paths = Dictionary(papers.artifacts.map { ($0.digest, $0.path) }) { first, _ in first }
        try await uploadAll(missing.sorted()) { digest throws(Problem) in
            if let path = paths[digest] { return try await upload(path, as: digest, client) }
            guard let blob = try await stores.blob(digest) else { throw lost(digest) }
            try await client.upload(digest, size: blob.size) { offset, count throws(Problem) in
                do throws(StorageError) { return try blob.read(at: offset, count: count) } catch { throw error.problem }
            }
        }
        let documents = [papers.manifestBytes, papers.reportBytes, papers.envelopeBytes]
        let digests = documents.map { Digest.sha256(of: $0) }
        let absent = try await client.missing(digests)
        for (digest, bytes) in zip(digests, documents) where absent.contains(digest) {
            try await client.upload(digest, bytes: bytes)
        }
        var push = BuildPush(repository: registry.repository, manifest: digests[0], statement: digests[2])
        push.report = digests[1]
        push.record = papers.recordDigest
        return try await client.push(push).build
    }

    /// Several at once: the registry has each on its disk before it says so, and most are small.
    private static func uploadAll(
        _ digests: [Digest],
        _ upload: @escaping @Sendable (Digest) async throws(Problem) -> Void
    ) async throws(Problem) {
        let failure = await withTaskGroup(of: Problem?.self) { group in
            var rest = digests[...]
            func next() {
                guard let digest = rest.popFirst() else { return }
                group.addTask {
                    do throws(Problem) {
                        try await upload(digest)
                        return nil
                    } catch { return error }
                }
            }
            for _ in 0..<atOnce { next() }
            var failure: Problem?
            while let ended = await group.next() {
                failure = failure ?? ended
                // Those under way end by themselves.
                if failure == nil { next() }
            }
            return failure
        }
        if let failure { throw failure }
    }

    private static let atOnce = 8

    private static func upload(_ path: String, as digest: Digest, _ client: RegistryClient) async throws(Problem) {
        let file: SharedFile
        let size: Int64
        do throws(SystemError) {
            file = try Files.open(path)
            size = try file.stat().size
        } catch { throw gone(path, digest, error) }
        try await client.upload(digest, size: size) { offset, count throws(Problem) in
            do throws(SystemError) { return try file.read(at: offset, count: count) } catch {
                throw gone(path, digest, error)
            }
        }
    }

    private static func gone(_ path: String, _ digest: Digest, _ error: SystemError) -> Problem {
        Problem(
            .notFound,
            subject: path,
            summary: "can no longer be read (\(error))",
            remedy: "Build it again, or restore it; the manifest names its digest \(digest)."
        )
    }

    private static func lost(_ digest: Digest) -> Problem {
        Problem(
            .notFound,
            subject: digest.description,
            summary: "belongs to the build, but its bytes are not in the cache any more",
            remedy: "Run the job again with --push; bytes that nobody keeps cannot be pushed later."
        )
    }
}

/// The papers of a run as they lie on disk.
struct StoredPapers: Sendable {
    let manifest: BuildManifest
    let manifestBytes: [UInt8]
    let reportBytes: [UInt8]
    let envelopeBytes: [UInt8]
    let recordDigest: Digest
    let artifacts: [(digest: Digest, path: String)]
    /// What lies under `recordDigest`, where the run itself still has it.
    var record: ReplayRecord?

    /// Reads the manifest and the files beside it, and checks that they belong together.
    static func read(_ path: String, _ plan: Plan) throws(Problem) -> StoredPapers {
        let manifestBytes = try bytes(path)
        let manifest = try BuildManifest.read(manifestBytes, named: path)
        let envelopeBytes = try bytes(PaperFiles.statement(besideManifest: path))
        let reportPath = plan.path(plan.options.text("report") ?? "purser-run.json")
        let reportBytes = try bytes(reportPath)
        let statement: Statement
        do throws(Malformed) {
            statement = try Envelope(parsing: envelopeBytes).unverifiedStatement()
        } catch {
            throw Problem(
                .manifestMalformed,
                subject: PaperFiles.statement(besideManifest: path),
                summary: "is no statement: \(error)",
                remedy: "Restore the file that `purser run` wrote beside the manifest."
            )
        }
        try statement.check(.manifest, is: manifestBytes, named: path)
        guard isReport(reportBytes, of: statement) else { throw anotherRun(reportPath, path) }
        try statement.check(.report, is: reportBytes, named: "the run report")
        let folder = PaperFiles.jobFolder(ofManifest: path)
        return StoredPapers(
            manifest: manifest,
            manifestBytes: manifestBytes,
            reportBytes: reportBytes,
            envelopeBytes: envelopeBytes,
            recordDigest: statement.predicate.documents.record,
            artifacts: (manifest.artifacts ?? []).compactMap { output in
                output.digests.first { $0.algorithm == .sha256 }.map { ($0, "\(folder)/\(output.path)") }
            }
        )
    }

    /// False for the whole report of another run; one that was damaged is not told apart from a right one here.
    private static func isReport(_ bytes: [UInt8], of statement: Statement) -> Bool {
        guard let session = (try? JSON(parsing: bytes))?["session"]?.string else { return true }
        return session == statement.predicate.session
    }

    private static func anotherRun(_ report: String, _ manifest: String) -> Problem {
        Problem(
            .notFound,
            subject: report,
            summary: "is the report of another run than \(manifest)",
            remedy: "Runs that fail and runs with --locked leave their report here and their other papers in "
                + "purser-run.d: name purser-run.d/purser.lock, or run the build again."
        )
    }

    private static func bytes(_ path: String) throws(Problem) -> [UInt8] {
        do throws(SystemError) { return try Files.readAll(path, limit: 256 << 20) } catch {
            throw Problem(
                .notFound,
                subject: path,
                summary: "could not be read (\(error))",
                remedy: "Name the manifest of a finished run; its statement and report lie beside it."
            )
        }
    }
}
