internal import Core
internal import Policy
internal import Storage
internal import Upstream

/// A document after policy looked at it.
struct JudgedIndex: Sendable {
    /// The document without what was refused; nil where it must stay as it is.
    let printed: Document?
    let hidden: Set<String>
    /// True for a document that lists itself: it is a file of a release too, and judged as one.
    var isFile = false
}

/// From documents to verdicts: the facts of every listed file, and what an index shows.
extension Gateway {
    func judge(_ document: Document, _ scope: IndexScope, _ exchange: Exchange) async throws(Problem) -> JudgedIndex {
        let ecosystem = exchange.ecosystem
        let request = exchange.request
        guard ecosystem.mayRewriteIndex else {
            try await learn(document, scope, exchange)
            return JudgedIndex(printed: nil, hidden: [])
        }
        let companions = await companions(of: document, scope, exchange)
        do {
            let index = try ecosystem.readIndex(document, companions: companions, for: request, scope: scope)
            memory.learn(index)
            try await noteWayRound(index, document, exchange)
            let place = request.url.withoutFragment
            if index.releases.contains(where: { $0.artifacts.contains { $0.url == place } }) {
                return JudgedIndex(printed: nil, hidden: [], isFile: true)
            }
            let refused = refusedFiles(in: index, exchange)
            if let problem = try await refusalOfEmptied(index, refused, exchange) { throw problem }
            let printed: Document
            do {
                printed = try ecosystem.writeIndex(document, for: request, scope: scope, view: refused.view)
            } catch {
                // A document that is about one release cannot be shown without it: it is refused, with the reason.
                throw try await refusalOfWhole(refused, exchange) ?? error
            }
            try await recordHidden(refused, in: index, exchange)
            return JudgedIndex(printed: printed, hidden: refused.hidden)
        } catch let error as Malformed {
            throw Gateway.unreadable(exchange, error)
        } catch {
            throw error as? Problem ?? .unexpected(error, subject: request.url.redacted)
        }
    }

    /// Clients reach their own machine without a proxy, so what an index of another origin lists there comes past us. The
    /// record says so; in registry mode its links are led to us.
    private func noteWayRound(_ index: PackageIndex, _ document: Document, _ exchange: Exchange)
        async throws(Problem)
    {
        let asked = exchange.request.url
        guard exchange.client.linkBase == nil, !asked.origin.isLoopback else { return }
        let links = index.releases.lazy.flatMap(\.artifacts).compactMap(\.url)
        // A link without a host came out of a mirror's address; the client resolves it against the address it asked.
        let isWritten = { (link: HTTPURL) in document.bytes.contains(Array(link.origin.authority.utf8)) }
        guard let link = links.first(where: \.origin.isLoopback), isWritten(link) else { return }
        try await recorder.record(.gap(kind: .loopbackLinks, host: link.origin.host, detail: asked.redacted))
    }

    /// An index that must stay as it is. Large ones are read when the first artifact asks; the small ones that vouch for
    /// others are read now.
    private func learn(_ document: Document, _ scope: IndexScope, _ exchange: Exchange) async throws(Problem) {
        let (ecosystem, request) = (exchange.ecosystem, exchange.request)
        guard document.bytes.count < 1 << 20 else {
            memory.postpone { try? ecosystem.readIndex(document, companions: [], for: request, scope: scope) }
            return
        }
        let companions = await companions(of: document, scope, exchange)
        do {
            memory.learn(try ecosystem.readIndex(document, companions: companions, for: request, scope: scope))
        } catch {
            throw Gateway.unreadable(exchange, error)
        }
    }

    /// What the manifest that is obeyed keeps out of the index of a package: clients cannot say what they miss. Where that
    /// is all there is, the index is empty now; what we read ahead ourselves nobody misses.
    func recordLockedOut(_ refused: RefusedFiles, _ index: PackageIndex, _ exchange: Exchange) async throws(Problem) {
        guard let lock = configuration.lock, case .package(let package) = index.scope, !index.releases.isEmpty else {
            return
        }
        let isAll = index.releases.allSatisfy {
            $0.purl.version != nil && !lock.releases.contains($0.purl.release)
        }
        let versions = refused.lockedOut
        guard isAll || !versions.isEmpty && !exchange.isOurs else { return }
        let problem = isAll ? Gateway.lockedOut(package.description) : Gateway.lockedOut(package.description, versions)
        let refusal = Refusal(subject: problem.subject, purl: package, problem: problem, verdict: nil, isHidden: true)
        try await recorded.once("hidden \(package)") { [recorder] () async throws(Problem) in
            try await recorder.record(.refused(refusal))
        }
    }

    func facts(
        _ release: Release,
        _ artifact: Artifact?,
        _ exchange: Exchange,
        claims: [DigestClaim],
        source: Facts.Source
    ) -> Facts {
        let ecosystem = codec(of: release.purl, exchange)
        let compare: @Sendable (String, String) -> Int? = { ecosystem.compare($0, $1) }
        var facts = Facts(
            release: release,
            origin: exchange.request.url.origin,
            type: ecosystem.type,
            now: configuration.now(),
            compare: compare
        )
        facts.artifact = artifact
        facts.isPublicOrigin = isPublic(exchange)
        facts.claims = claims
        facts.isIdentityKnown = release.purl.type != "generic" || exchange.ecosystem.type == "generic"
        facts.source = source
        facts.advisories = configuration.advisories.flatMap { $0(release.purl, compare) }
        facts.stale = configuration.stale?(facts.now) ?? [:]
        if configuration.policy.needsReputation { facts.reputation = configuration.reputation?(release, compare) }
        facts.registryAssignsTimes = ecosystem.registryAssignsTimes
        complete(&facts, ecosystem)
        return facts
    }

    /// Whose rules a release is judged by: its own, also where another codec's host serves the file.
    func codec(of release: Purl, _ exchange: Exchange) -> any Ecosystem {
        guard release.type != exchange.ecosystem.type, release.type != "generic" else { return exchange.ecosystem }
        return configuration.ecosystems.first { $0.type == release.type } ?? exchange.ecosystem
    }

    /// Documents an index needs beside it. One that cannot be had leaves a fact unknown, and policy decides on that.
    private func companions(
        of document: Document,
        _ scope: IndexScope,
        _ exchange: Exchange
    ) async -> [Document] {
        guard !configuration.isReplay else { return [] }
        let wanted = exchange.ecosystem.companions(of: document, for: exchange.request, scope: scope)
        return await withTaskGroup(of: (Int, Document?).self) { group in
            var found: [Document?] = Array(repeating: nil, count: wanted.count)
            for (position, companion) in wanted.enumerated() {
                if position >= Gateway.companionsAtOnce, let (at, one) = await group.next() { found[at] = one }
                group.addTask { (position, await self.companion(companion, exchange)) }
            }
            for await (at, one) in group { found[at] = one }
            return found.compactMap(\.self)
        }
    }

    private static var companionsAtOnce: Int { 16 }

    func companion(_ companion: CompanionRequest, _ exchange: Exchange) async -> Document? {
        let request = Request(url: companion.url, accept: companion.accept, userAgent: exchange.request.userAgent)
        // The client's credentials are for the origin it asked and for no other.
        let headers = companion.url.origin == exchange.request.url.origin ? exchange.client.headers : []
        let own = self.exchange(ClientRequest(request: request, headers: headers), exchange.ecosystem)
        guard mayAsk(own) else { return nil }
        let key = IndexKey(url: companion.url, accept: companion.accept, credential: own.credential)
        let promises = exchange.ecosystem.promises(of: request)
        let promised = promises.first { $0.algorithm == .sha256 }
        let answer = try? await indexAnswer(key, own, isPromised: { $0.digest == promised }) {
            (cached, body) async throws(Problem) -> [UInt8] in
            try self.checkVouched(body, by: promises, cached)
            do throws(StorageError) { return try body.bytes(limit: Gateway.indexLimit) } catch { throw error.problem }
        }
        guard case .document(let cached, let bytes, _)? = answer else { return nil }
        return cached.document(bytes)
    }
}
