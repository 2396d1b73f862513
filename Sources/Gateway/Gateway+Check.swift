public import Core
public import Policy

/// Judging what a lockfile pins, or a release by its name, without a build and without fetching a file.
extension Gateway {
    /// What is known of a release, and what each rule makes of it.
    public struct Explained: Sendable {
        public let facts: Facts
        public let verdict: Verdict
        /// One of each rule, in the order of the catalogue; nil for a rule that has nothing to say.
        public let views: [(rule: String, finding: Finding?)]
    }

    /// What can be known of a pin without its bytes.
    private enum Known {
        /// The name may not leave: nobody was asked.
        case name(Verdict, Facts)
        case facts(Facts)
    }

    /// What policy says of a pin, by what the lockfile and the indexes state. Facts that cannot be had stay unknown, and
    /// policy decides on that; names that may not leave are judged before anybody is asked. Nil for a pin of a type that
    /// no codec reads.
    public func judge(_ pin: Pin, from lockfile: String) async throws(Problem) -> Verdict? {
        learn([pin], from: lockfile)
        switch try await known(pin, from: lockfile) {
        case nil: return nil
        case .name(let verdict, _): return verdict
        case .facts(let facts): return configuration.policy.judge(facts)
        }
    }

    /// The same of a release that nothing pins, with every rule's view. Nil for a type that no codec reads.
    public func explain(_ release: Purl) async throws(Problem) -> Explained? {
        let pin = Pin(release: release)
        let facts: Facts
        let verdict: Verdict
        switch try await known(pin, from: nil) {
        case nil: return nil
        case .name(let found, let name): (facts, verdict) = (name, found)
        case .facts(let found): (facts, verdict) = (found, configuration.policy.judge(found))
        }
        return Explained(facts: facts, verdict: verdict, views: configuration.policy.views(in: verdict))
    }

    /// `lockfile` is nil where nothing pins the release.
    private func known(_ pin: Pin, from lockfile: String?) async throws(Problem) -> Known? {
        guard let ecosystem = configuration.ecosystems.first(where: { $0.type == pin.release.type }) ?? conversing(pin)
        else { return nil }
        let index = ecosystem.defaultOrigin.flatMap { ecosystem.indexRequest(for: pin.release.package, at: $0)?.url }
        let root = ecosystem.defaultOrigin.flatMap { try? HTTPURL(origin: $0, target: "/") }
        // A registry of one's own is asked, and not the public one about its names. Helm has no public one.
        let place = pin.release.qualifiers["repository_url"]
        let stated = place.flatMap { try? HTTPURL($0.contains("://") ? $0 : "https://\($0)") }
        let isReachable = place == nil || stated != nil || pin.url != nil
        guard let url = pin.url ?? stated ?? index ?? root else { return nil }
        let exchange = exchange(ClientRequest(request: Request(url: url, userAgent: "purser")), ecosystem)
        let file = pin.file ?? pin.url?.file ?? ""
        let name = ArtifactName(release: pin.release, file: file)
        let source: Facts.Source = lockfile == nil ? .index : .lockfile
        if let verdict = nameVerdict(of: .artifact(name), exchange) {
            return .name(verdict, facts(Release(purl: pin.release), nil, exchange, claims: [], source: source))
        }
        guard file.isEmpty || !isReachable else {
            return .facts(await signedFacts(try await named(name, exchange), exchange, source))
        }
        if isReachable, !pin.isOfRepository {
            try await readPinnedIndex(of: pin.release, exchange)
            // Where the index knows no times, what stands beside the files does.
            let isDated = memory.release(pin.release)?.published != nil
            if !isDated { _ = try? await readStatements(about: name, file, exchange) }
        }
        let release = memory.release(pin.release) ?? Release(purl: pin.release, published: pin.published)
        let claims = pin.digests.map { DigestClaim(by: lockfile ?? "index", digest: $0) }
        // A release is judged by its first file where nobody says which is meant.
        let artifact = lockfile == nil ? release.artifacts.first : nil
        let listed = (artifact?.digests ?? []).map { DigestClaim(by: "index", digest: $0) }
        guard let artifact else {
            return .facts(facts(release, nil, exchange, claims: claims + listed, source: source))
        }
        let named = NamedArtifact(release: release, artifact: artifact, claims: claims + listed, source: source)
        return .facts(await signedFacts(named, exchange, source))
    }

    private func signedFacts(_ named: NamedArtifact, _ exchange: Exchange, _ source: Facts.Source) async -> Facts {
        let named = await vouched(named, exchange)
        var facts = facts(named.release, named.artifact, exchange, claims: named.claims, source: source)
        facts.signatures = signatureFindings(named, exchange)
        return facts
    }

    /// Repositories are named by their host's purl type, whichever codec reads them.
    private func conversing(_ pin: Pin) -> (any Ecosystem)? {
        guard ["github", "bitbucket", "git"].contains(pin.release.type) else { return nil }
        return configuration.ecosystems.first { $0 is any ConversingEcosystem }
    }
}
