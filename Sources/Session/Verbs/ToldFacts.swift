internal import Core
internal import Gateway
internal import Policy
internal import RegistryClient

/// What the central registry says of all pins of some lockfiles, asked for at once. What it does not say is asked of the
/// indexes, as without a registry.
enum ToldFacts {
    static func learn(_ files: [ProjectLockfiles.Found], _ plan: Plan, _ gateway: Gateway) async {
        // With upstreams of the job's own, the registry would ask other places than this job means.
        guard let registry = plan.registry, !plan.isOffline, plan.upstreams.isEmpty,
            let client = try? registry.client(plan.environment)
        else { return }
        let pins = files.flatMap(\.pins).filter { $0.release.version != nil && gateway.isPublic($0) }
        let releases = Set(pins.map(\.release.release)).sorted { $0.description < $1.description }
        guard !releases.isEmpty,
            let told = try? await client.facts(of: releases, history: plan.policy.needsHistory)
        else { return }
        for package in told { gateway.learn(package.releases, of: package.package) }
    }
}
