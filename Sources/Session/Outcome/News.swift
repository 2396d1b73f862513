internal import Attestation
internal import Core
internal import Manifest
internal import RegistryClient

/// What came in that did not come in before.
struct News: Sendable {
    /// Against what, in words; nil where there is nothing to hold it against.
    let basis: String?
    let fresh: [Purl]

    private static let buildsLooked = 10
    private static let seconds = 3.0

    private init(_ inputs: [Input], against old: BuildManifest?, _ basis: String?) {
        let known = Set((old?.inputs ?? []).map(\.purl))
        var seen: Set<Purl> = []
        fresh = old == nil ? [] : inputs.map(\.purl).filter { !known.contains($0) && seen.insert($0).inserted }
        self.basis = basis
    }

    /// Against the default branch's last build where a registry knows it, else against the manifest that lay there.
    static func find(_ manifest: BuildManifest, old: BuildManifest?, _ plan: Plan) async -> News {
        if let (build, branch, known) = await lastBuild(plan) {
            return News(manifest.inputs, against: known, "the last build of \(branch) (\(build))")
        }
        return News(manifest.inputs, against: old, old.map { _ in "the manifest that was there" })
    }

    /// News are no reason to keep a job waiting: what the registry does not say in time is not said.
    private static func lastBuild(_ plan: Plan) async -> (String, String, BuildManifest)? {
        guard let registry = plan.registry, !plan.isOffline, let branch = plan.ci?.defaultBranch else { return nil }
        return await withTaskGroup(of: (String, String, BuildManifest)?.self) { group in
            group.addTask { try? await ask(registry, branch, plan) }
            group.addTask {
                try? await Task.sleep(for: .seconds(seconds))
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    private static func ask(
        _ registry: RegistryAddress,
        _ branch: String,
        _ plan: Plan
    ) async throws -> (String, String, BuildManifest)? {
        let client = try registry.client(plan.environment)
        let names = [branch, "refs/heads/\(branch)", "origin/\(branch)"]
        for build in try await client.builds(of: registry.repository).prefix(buildsLooked) {
            guard let envelope = try await bytes(build.statement, client),
                let statement = try? Envelope(parsing: envelope).unverifiedStatement(),
                let source = statement.predicate.source, names.contains(source.ref ?? ""),
                plan.ci?.repository == nil || source.repository == plan.ci?.repository,
                let text = try await bytes(build.manifest, client)
            else { continue }
            return (build.id, branch, try BuildManifest.read(text, named: "build \(build.id)"))
        }
        return nil
    }

    private static func bytes(_ digest: Digest, _ client: RegistryClient) async throws -> [UInt8]? {
        guard let body = try await client.blob(digest) else { return nil }
        var bytes: [UInt8] = []
        while let chunk = try await body.next(), bytes.count < 64 << 20 { bytes += chunk }
        return bytes
    }
}
