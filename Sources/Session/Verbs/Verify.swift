internal import Attestation
internal import Core
internal import Kernel
internal import Manifest
internal import RegistryClient
internal import Storage

/// `purser verify`: is this manifest signed by a key that is trusted, and are its files the ones it names?
public enum Verify {
    public static func perform(_ invocation: Invocation, manifest: String, trust: String?) async -> Int32 {
        let console = invocation.console
        do throws(Problem) {
            let plan = try Plan.local(invocation)
            let path = plan.path(manifest)
            let papers = try StoredPapers.read(path, plan)
            let trustFile = try trustFile(trust, plan)
            var failures: [Problem] = []
            for artifact in papers.artifacts {
                do throws(Problem) { try check(artifact) } catch { failures.append(error) }
            }
            let inputs = try await checkInputs(papers, plan, &failures)
            console.line("manifest   \(manifest) fits its statement; \(papers.manifest.inputs.count) inputs, \(inputs)")
            console.line(
                "artifacts  \(papers.artifacts.count - failures.count(where: { $0.reason == "artifact" })) of \(papers.artifacts.count) are what the manifest names"
            )
            for failure in failures { console.problem(failure) }
            if let first = failures.first { return first.code.exitStatus }
            let signed = try Attestation.verify(bytes: papers.envelopeBytes, trust: trustFile, now: Clock.now)
            let source = signed.predicate.source.map { source in
                let place = source.repository.isEmpty ? "a repository without a remote" : source.repository
                return "\(place) at \(source.commit.prefix(12))\(source.isDirty ? " (dirty)" : "")"
            }
            console.line(
                "signature  good; source \(source ?? "not known"), isolation \(signed.predicate.isolation.tier), policy \(signed.predicate.policy.mode)"
            )
            return 0
        } catch {
            console.problem(error)
            return error.code.exitStatus
        }
    }

    private static func trustFile(_ name: String?, _ plan: Plan) throws(Problem) -> TrustFile {
        let path = plan.path(name ?? "purser-trust.json")
        let bytes: [UInt8]
        do throws(SystemError) { bytes = try Files.readAll(path, limit: 1 << 20) } catch {
            if name == nil, error.isMissing { return .empty }
            throw Problem(
                .configUnreadable,
                subject: path,
                summary: "could not be read (\(error))",
                remedy: "Name the file with the keys you trust; docs/manifest.md shows its form."
            )
        }
        return try TrustFile.read(bytes, named: path)
    }

    private static func check(_ artifact: (digest: Digest, path: String)) throws(Problem) {
        let got: Digest
        do throws(SystemError) { got = try FileDigest.sha256(of: artifact.path).0 } catch {
            throw changed(artifact, "could not be read (\(error))", got: "nothing")
        }
        guard got == artifact.digest else {
            throw changed(artifact, "is not the file that was built", got: got.description)
        }
    }

    private static func changed(_ artifact: (digest: Digest, path: String), _ summary: String, got: String) -> Problem {
        Problem(
            .integrityMismatch,
            subject: artifact.path,
            summary: summary,
            remedy: "Take the file from the registry, or build it again and compare.",
            details: ["expected": artifact.digest.description, "got": got],
            reason: "artifact"
        )
    }

    /// Inputs are checked where their bytes can be had: in the cache, or at the registry.
    private static func checkInputs(
        _ papers: StoredPapers,
        _ plan: Plan,
        _ failures: inout [Problem]
    ) async throws(Problem) -> String {
        let stores = try CacheStores.open(plan)
        var found = 0
        var absent: [Digest] = []
        for input in papers.manifest.inputs {
            guard let digest = Digest(.sha256, hex: input.sha256) else { continue }
            if let blob = try await stores.blob(digest) {
                found += 1
                if blob.size != input.size { failures.append(wrongSize(input, blob.size)) }
            } else {
                absent.append(digest)
            }
        }
        guard let registry = plan.registry, !absent.isEmpty else { return "\(found) re-hashed in the cache" }
        let missing = try await registry.client(plan.environment).missing(absent)
        for digest in missing.sorted() {
            failures.append(
                Problem(
                    .notFound,
                    subject: digest.description,
                    summary: "is an input of the build, but neither the cache nor the registry has it",
                    remedy: "The build cannot be replayed until somebody pushes it again."
                )
            )
        }
        return "\(found) re-hashed in the cache, \(absent.count - missing.count) held by the registry"
    }

    private static func wrongSize(_ input: Input, _ size: Int64) -> Problem {
        Problem(
            .integrityMismatch,
            subject: input.purl.description,
            summary: "has \(size) bytes where the manifest says \(input.size)",
            remedy: "The manifest was changed by hand; restore it from the commit or the registry."
        )
    }
}
