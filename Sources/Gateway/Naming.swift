internal import Core
internal import Policy
internal import Upstream

/// A file as policy and the record call it: found in an index, in a lockfile, or nowhere.
struct NamedArtifact: Sendable {
    let release: Release
    let artifact: Artifact
    let claims: [DigestClaim]
    let source: Facts.Source

    /// The SHA-256 that somebody promised.
    var sha256: Digest? { claims.first { $0.digest.algorithm == .sha256 }?.digest }
    /// The same file with promises that stand elsewhere than in an index or a lockfile.
    func claimed(_ more: [DigestClaim]) -> NamedArtifact {
        let all = Array(Set(claims + more)).sorted()
        return NamedArtifact(release: release, artifact: artifact, claims: all, source: source)
    }

    /// Digests that count as verification.
    var strongClaims: [Digest] { claims.map(\.digest).filter(\.algorithm.isStrong) }
}

/// Names an artifact request. Never a guess: an index or a lockfile has to list the very URL or file.
extension Gateway {
    func named(_ name: ArtifactName, _ exchange: Exchange) async throws(Problem) -> NamedArtifact {
        let url = exchange.request.url
        let file = name.file.isEmpty ? url.file : name.file
        let found = try await unaddressed(name, file, exchange)
        let promised = name.digests.map { DigestClaim(by: "address", digest: $0) }
        return promised.isEmpty ? found : found.claimed(promised)
    }

    /// What indexes, statements and lockfiles say of the file.
    private func unaddressed(_ name: ArtifactName, _ file: String, _ exchange: Exchange) async throws(Problem)
        -> NamedArtifact
    {
        let url = exchange.request.url
        if let found = known(name.release, file, url) { return found }
        if await memory.readPostponed(), let found = known(name.release, file, url) { return found }
        if let late = configuration.latePins {
            for (lockfile, pins) in await late(url, exchange.ecosystem) { memory.learn(pins, from: lockfile) }
            if let found = known(name.release, file, url) { return found }
        }
        let candidates = name.release.map { [$0] } ?? exchange.ecosystem.candidates(forFile: file, at: url)
        for candidate in candidates {
            if candidate.type == "generic" { continue }
            try await readOwningIndex(of: candidate, exchange)
            if let found = known(candidate, file, url) { return found }
        }
        try await readStatements(about: name, exchange)
        if let release = name.release, let found = known(release, file, url) { return found }
        return unlisted(candidates.first.flatMap { name.release == nil ? nil : $0 }, file, url)
    }

    /// All at once: they are small, and the file itself waits for them.
    private func readStatements(about name: ArtifactName, _ exchange: Exchange) async throws(Problem) {
        guard !configuration.isReplay else { return }
        let statements = exchange.ecosystem.statements(about: name, at: exchange.request.url)
        let failed = await withTaskGroup(of: Problem?.self) { group in
            for statement in statements {
                group.addTask {
                    if statement.method == "HEAD", let release = name.release {
                        await self.readHead(statement, of: release, exchange)
                        return nil
                    }
                    do throws(Problem) {
                        try await self.readIndex(statement, exchange)
                        return nil
                    } catch { return error }
                }
            }
            return await group.reduce(into: nil as Problem?) { first, problem in first = first ?? problem }
        }
        if let failed { throw failed }
    }

    /// What memory and pins say, without asking anybody.
    private func known(_ release: Purl?, _ file: String, _ url: HTTPURL) -> NamedArtifact? {
        let entry = memory.entry(at: url) ?? release.flatMap { memory.entry(of: $0, file: file) }
        var pins = memory.pins(at: url)
        if let release = entry?.release.purl ?? release {
            pins += memory.pins(of: release, file: file).filter { !pins.map(\.pin).contains($0.pin) }
        }
        var claims = (entry?.artifact.digests ?? []).map { DigestClaim(by: "index", digest: $0) }
        claims += memory.vouched(for: url).map { DigestClaim(by: "index", digest: $0) }
        claims += pinned(pins, agreeingWith: claims)
        claims = Array(Set(claims)).sorted()
        if let entry {
            return NamedArtifact(release: entry.release, artifact: entry.artifact, claims: claims, source: .index)
        }
        // In replay a pin is all there is; otherwise the index, be it a cached one, may know more, such as the time. What
        // an earlier manifest called a file is no name: then it may have been known less well.
        let isAlone = configuration.isReplay
        guard let pin = pins.first(where: { isAlone || $0.lockfile != Gateway.ownManifest })?.pin,
            isAlone || pin.published != nil || !isIndexed(pin.release.type)
        else { return nil }
        let artifact = Artifact(file: file, url: url, digests: pin.digests, published: pin.published)
        let named = Release(purl: pin.release, published: pin.published, artifacts: [artifact])
        return NamedArtifact(release: named, artifact: artifact, claims: claims, source: .lockfile)
    }

    /// True where an index of ours to read may list the release.
    private func isIndexed(_ type: String) -> Bool {
        configuration.ecosystems.contains { $0.type == type && $0.mayRewriteIndex && $0.defaultOrigin != nil }
    }

    /// The claims of lockfiles. Pins that name no file are alternatives (one hash for each wheel of a release): the one
    /// that the index promised too counts; where none is, the first stands for the disagreement.
    private func pinned(_ pins: [IndexMemory.PinEntry], agreeingWith known: [DigestClaim]) -> [DigestClaim] {
        var claims: [DigestClaim] = []
        var alternatives: [String: [Digest]] = [:]
        for entry in pins {
            if entry.pin.file != nil || entry.pin.url != nil {
                claims += entry.pin.digests.map { DigestClaim(by: entry.lockfile, digest: $0) }
            } else {
                alternatives[entry.lockfile, default: []] += entry.pin.digests
            }
        }
        for (lockfile, digests) in alternatives {
            let promised = Set(known.map(\.digest))
            let comparable = digests.filter { digest in promised.contains { $0.algorithm == digest.algorithm } }
            if let agreed = digests.first(where: promised.contains) {
                claims.append(DigestClaim(by: lockfile, digest: agreed))
            } else if let first = comparable.first ?? (digests.count == 1 ? digests.first : nil) {
                claims.append(DigestClaim(by: lockfile, digest: first))
            }
        }
        return claims
    }

    /// A file that no index lists. With a release in its path (a lockfile's URL) it keeps that name; else it is generic.
    private func unlisted(_ release: Purl?, _ file: String, _ url: HTTPURL) -> NamedArtifact {
        var pins = memory.pins(at: url)
        if let release { pins += memory.pins(of: release, file: file) }
        let vouched = memory.vouched(for: url).map { DigestClaim(by: "index", digest: $0) }
        let claims = vouched + pinned(pins, agreeingWith: vouched)
        let artifact = Artifact(file: file, url: url, digests: claims.map(\.digest))
        let purl = pins.first?.pin.release ?? release ?? Purl.generic(url, file: file)
        // A document beside the file may have told when it was made, and nothing more.
        var named = memory.release(purl) ?? Release(purl: purl)
        named.artifacts = [artifact]
        return NamedArtifact(
            release: named,
            artifact: artifact,
            claims: Array(Set(claims)).sorted(),
            source: pins.isEmpty ? .directURL : .lockfile
        )
    }

    /// Fetches the index that lists the release, and records it, since replay will ask for it too. A failure leaves the
    /// facts unknown, and policy decides on that.
    func readOwningIndex(of release: Purl, _ exchange: Exchange) async throws(Problem) {
        if let request = owningIndex(of: release, exchange) { try await readIndex(request, exchange) }
    }

    private func readIndex(_ request: Request, _ exchange: Exchange) async throws(Problem) {
        let ecosystem = exchange.ecosystem
        guard case .index(let scope)? = try? ecosystem.intent(of: request) else { return }
        let isSameOrigin = request.url.origin == exchange.request.url.origin
        let headers = isSameOrigin ? exchange.client.headers : []
        let own = self.exchange(ClientRequest(request: request, headers: headers), ecosystem)
        do {
            let index = try await preparedIndex(scope, own)
            if let body = index.body { try await recordIndex(index, body, own) }
        } catch {
            // Without the index a rule may lack a fact; what could not be recorded or stored is an error all the same.
            let isUnknown = error.code.mayRetry || error.code == .verifyDrift || error.code == .notFound
            guard isUnknown || error.code == .integrityMismatch || error.code == .tooLarge else { throw error }
        }
    }

    /// Public files belong to the index of the default origin; a declared registry keeps its index below its own prefix.
    private func owningIndex(of release: Purl, _ exchange: Exchange) -> Request? {
        let ecosystem = exchange.ecosystem
        let url = exchange.request.url
        let isPublic = ecosystem.hosts.contains(url.origin.host)
        let origin = isPublic ? ecosystem.defaultOrigin ?? url.origin : url.origin
        guard let request = ecosystem.indexRequest(for: release.package, at: origin) else { return nil }
        guard let declared = declaration(for: url), declared.prefix.path != "/", !isPublic else { return request }
        let prefix = declared.prefix.path
        let folder = prefix.hasSuffix("/") ? String(prefix.dropLast()) : prefix
        guard let below = try? request.url.moved(to: origin, path: folder + request.url.path) else { return request }
        return Request(url: below, accept: request.accept, userAgent: exchange.request.userAgent)
    }
}

extension Purl {
    /// The name of a file that belongs to no ecosystem: its address without what may be secret.
    static func generic(_ url: HTTPURL, file: String) -> Purl {
        let name = file.isEmpty ? url.origin.host : file
        return Purl(type: "generic", name: name, qualifiers: ["download_url": url.redacted])
    }
}
