public import Core
public import Policy

/// Judging what a lockfile pins, without a build and without fetching a file.
extension Gateway {
    /// What policy says of a pin, by what the lockfile and the indexes state. Facts that cannot be had stay unknown, and
    /// policy decides on that; names that may not leave are judged before anybody is asked. Nil for a pin of a type that
    /// no codec reads.
    public func judge(_ pin: Pin, from lockfile: String) async throws(Problem) -> Verdict? {
        guard let ecosystem = configuration.ecosystems.first(where: { $0.type == pin.release.type }) ?? conversing(pin)
        else { return nil }
        learn([pin], from: lockfile)
        let index = ecosystem.defaultOrigin.flatMap { ecosystem.indexRequest(for: pin.release.package, at: $0)?.url }
        guard let url = pin.url ?? index ?? ecosystem.defaultOrigin.flatMap({ try? HTTPURL(origin: $0, target: "/") })
        else { return nil }
        let exchange = exchange(ClientRequest(request: Request(url: url, userAgent: "purser")), ecosystem)
        let file = pin.file ?? pin.url?.file ?? ""
        let name = ArtifactName(release: pin.release, file: file)
        if let verdict = nameVerdict(of: .artifact(name), exchange) { return verdict }
        let facts: Facts
        if file.isEmpty {
            try await readOwningIndex(of: pin.release, exchange)
            let release = memory.release(pin.release) ?? Release(purl: pin.release, published: pin.published)
            let claims = pin.digests.map { DigestClaim(by: lockfile, digest: $0) }
            facts = self.facts(release, nil, exchange, claims: claims, source: .lockfile)
        } else {
            let named = try await named(name, exchange)
            facts = self.facts(named.release, named.artifact, exchange, claims: named.claims, source: .lockfile)
        }
        return configuration.policy.judge(facts)
    }

    /// Repositories are named by their host's purl type, whichever codec reads them.
    private func conversing(_ pin: Pin) -> (any Ecosystem)? {
        guard ["github", "bitbucket", "git"].contains(pin.release.type) else { return nil }
        return configuration.ecosystems.first { $0 is any ConversingEcosystem }
    }
}
