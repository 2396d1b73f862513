internal import Attestation
internal import Core
internal import Kernel
internal import Manifest
internal import RegistryClient
internal import Storage

/// `purser replay`: the same command with the network replaced by the recorded one, and the artifacts compared.
public enum Replay {
    public static func perform(_ invocation: Invocation, manifest: String) async -> Int32 {
        let console = invocation.console
        do throws(Problem) {
            try? Signals.ignoreBrokenPipes()
            guard !invocation.command.isEmpty else { throw withoutCommand }
            let plan = try Plan.local(invocation)
            let papers = try StoredPapers.read(plan.path(manifest), plan)
            let bytes = try ReplayBytes(plan)
            let source = ReplaySource(
                manifest: papers.manifest,
                record: try await bytes.record(papers.recordDigest),
                bytes: { digest throws(Problem) in try await bytes.blob(digest) }
            )
            let begun = try await Enclosure.begin(plan, invocation.program)
            let canary = try begun.isWalled ? nil : Canary.start(invocation.program)
            let interrupts = Interrupts.watch()
            defer { interrupts.stop() }
            let session = try await Session.start(plan, replaying: source)
            interrupts.cover(session.paths)
            let status: Int32
            do throws(Problem) {
                let enclosure = try await begun.settle(session)
                try await enclosure.prove(session, canary, invocation.program)
                try await session.settle()
                status = try await perform(invocation, session, papers, (source, interrupts, enclosure))
                await enclosure.end()
            } catch {
                console.problem(error)
                status = error.code.exitStatus
            }
            await session.end()
            return status
        } catch {
            console.problem(error)
            return error.code.exitStatus
        }
    }

    private static var withoutCommand: Problem {
        Problem(
            .usageInvalid,
            subject: "purser replay",
            summary: "has no command",
            remedy: "Write it behind two dashes: purser replay purser.lock -- COMMAND …"
        )
    }

    private static func perform(
        _ invocation: Invocation,
        _ session: Session,
        _ papers: StoredPapers,
        _ play: (source: ReplaySource, interrupts: Interrupts, enclosure: Enclosure)
    ) async throws(Problem) -> Int32 {
        let console = invocation.console
        let ending = await Command.run(
            invocation.command,
            environment: session.clients.environment,
            folder: session.plan.folder,
            interrupts: play.interrupts,
            enclosure: play.enclosure
        )
        if case .notStarted(let problem) = ending {
            console.problem(problem)
            return ending.status
        }
        let verdict = compare(papers, session, ending, play.source.misses.all)
        for line in verdict.lines { console.line("  " + line) }
        console.line("verdict: \(verdict.word)")
        try await report(verdict, papers, session.plan, console)
        if ending.status != 0 { return ending.status }
        return verdict.word == "identical" ? 0 : Problem.Code.verifyDrift.exitStatus
    }

    private struct Verdict {
        let word: String
        let lines: [String]
    }

    /// Every artifact against the manifest, and every request against the record.
    private static func compare(
        _ papers: StoredPapers,
        _ session: Session,
        _ ending: Command.Ending,
        _ misses: [String]
    ) -> Verdict {
        var lines = misses.map { "not in the record: \($0)" }
        var isDifferent = false
        for (digest, path) in papers.artifacts {
            let name = String(path.dropFirst(session.plan.folder.count + 1))
            let got = try? FileDigest.sha256(of: path).0
            isDifferent = isDifferent || got != digest
            switch got {
            case digest: lines.append("identical  \(name)  \(digest)")
            case nil: lines.append("missing    \(name): the replay did not build it")
            case let got?: lines.append("differs    \(name): recorded \(digest), built \(got)")
            }
        }
        if ending.status != 0 { lines.append("the command ended with \(ending.status)") }
        if !misses.isEmpty || ending.status != 0 { return Verdict(word: "unknown", lines: lines) }
        if papers.artifacts.isEmpty {
            return Verdict(word: "unknown", lines: ["the manifest names no artifacts, so there is nothing to compare"])
        }
        return Verdict(word: isDifferent ? "artifacts-differ" : "identical", lines: lines)
    }

    /// Tells the registry, when one is given, so that promotion can ask for reproduced builds.
    private static func report(
        _ verdict: Verdict,
        _ papers: StoredPapers,
        _ plan: Plan,
        _ console: Console
    ) async throws(Problem) {
        guard let registry = plan.registry, registry.token != nil else { return }
        let build = String(Digest.sha256(of: papers.envelopeBytes).hex.prefix(16))
        do throws(Problem) {
            let client = try registry.client(plan.environment)
            try await client.report(verdict.word, details: verdict.lines.joined(separator: "\n"), of: build)
            console.line("reported to the registry for build \(build)")
        } catch {
            // A registry that does not have the build, or a token that may not write, takes nothing from the verdict.
            console.line("not reported to the registry: \(error.summary)")
        }
    }
}

/// The bytes of a recorded build: from the local cache, else from the registry into a private store.
final class ReplayBytes: Sendable {
    private let local: CacheStores
    private let fetched: BlobStore
    private let client: RegistryClient?
    private let paths: SessionPaths

    init(_ plan: Plan) throws(Problem) {
        local = try CacheStores.open(plan)
        paths = try SessionPaths.make(cache: "off", environment: plan.environment, level: "replay")
        do throws(StorageError) { fetched = try BlobStore(folder: "\(paths.session)/fetched") } catch {
            throw error.problem
        }
        client = try plan.registry.map { registry throws(Problem) in try registry.client(plan.environment) }
    }

    deinit { paths.remove() }

    func record(_ digest: Digest) async throws(Problem) -> ReplayRecord {
        guard let blob = try await blob(digest) else { return try await local.record(digest) }
        return try CacheStores.record(blob, digest)
    }

    func blob(_ digest: Digest) async throws(Problem) -> Blob? {
        if let blob = try await local.blob(digest) { return blob }
        do throws(StorageError) {
            if let blob = try await fetched.blob(digest) { return blob }
        } catch { throw error.problem }
        guard let body = try await client?.blob(digest) else { return nil }
        return try await keep(body, digest)
    }

    private func keep(_ body: RegistryBody, _ digest: Digest) async throws(Problem) -> Blob? {
        let staging: Staging
        do throws(StorageError) { staging = try fetched.stage() } catch { throw error.problem }
        while let chunk = try await body.next() {
            do throws(StorageError) { try staging.append(chunk) } catch { throw error.problem }
        }
        guard staging.digests.contains(digest) else {
            throw Problem(
                .integrityMismatch,
                subject: digest.description,
                summary: "was answered by the registry with other bytes",
                remedy: "Tell the registry's operator to run `purser-registry fsck`; nothing was used.",
                reason: "hash"
            )
        }
        do throws(StorageError) { return try staging.commit() } catch { throw error.problem }
    }
}
