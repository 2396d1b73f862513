internal import Core
internal import Policy
internal import Upstream

/// A file as policy and the record call it: found in an index, in a lockfile, or nowhere.
struct NamedArtifact: Sendable {
    let release: Release
    let artifact: Artifact
    let claims: [DigestClaim]
    let source: Facts.Source
    /// True where the registry said, when it was asked about the file, that it has none.
    var isAbsent = false

    /// The SHA-256 that somebody promised.
    var sha256: Digest? { claims.first { $0.digest.algorithm == .sha256 }?.digest }
    /// The same file with promises that stand elsewhere than in an index or a lockfile.
    func claimed(_ more: [DigestClaim]) -> NamedArtifact {
        let all = Array(Set(claims + more)).sorted()
        return NamedArtifact(release: release, artifact: artifact, claims: all, source: source, isAbsent: isAbsent)
    }

    /// The digests that bytes must have. What an index says today counts less than what a lockfile pinned by the same
    /// algorithm.
    var binding: [Digest] {
        let pinned = Set(claims.filter { $0.by != "index" && $0.digest.algorithm.isStrong }.map(\.digest.algorithm))
        return claims.filter { $0.by != "index" || !pinned.contains($0.digest.algorithm) }.map(\.digest)
    }

    /// True where nothing that a statement beside the file could add is missing.
    var isSettled: Bool { !strongClaims.isEmpty && (artifact.published ?? release.published) != nil }

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
        // Where a format states facts beside the file, an index that lists it may know less than those do.
        let mayBeStated =
            !configuration.isReplay
            && exchange.ecosystem.statements(about: name, at: url).contains { !memory.hasRead($0.url) }
        if let found = known(name.release, file, url), !mayBeStated || found.isSettled {
            try await claimReadAhead(found.release.purl, exchange)
            return found
        }
        if await memory.readPostponed(), let found = known(name.release, file, url) { return found }
        if let late = configuration.latePins {
            for (lockfile, pins) in await late(url, exchange.ecosystem) { memory.learn(pins, from: lockfile) }
            if let found = known(name.release, file, url), !mayBeStated || found.isSettled { return found }
        }
        let candidates = name.release.map { [$0] } ?? exchange.ecosystem.candidates(forFile: file, at: url)
        for candidate in candidates {
            if candidate.type == "generic" { continue }
            lookAhead(beside: candidate, exchange)
            try await readOwningIndex(of: candidate, exchange)
            if let found = known(candidate, file, url), !mayBeStated || found.isSettled { return found }
        }
        let isThere = try await readStatements(about: name, file, exchange)
        var found =
            known(name.release, file, url)
            ?? unlisted(candidates.first.flatMap { name.release == nil ? nil : $0 }, file, url)
        found.isAbsent = !isThere
        return found
    }

    /// Reads what is kept beside the file, all documents at once. What is promised already is said to the codec. False where
    /// the registry says that there is no such file; then it is asked again the next time.
    @discardableResult
    func readStatements(about name: ArtifactName, _ file: String, _ exchange: Exchange) async throws(Problem) -> Bool {
        guard !configuration.isReplay else { return true }
        let url = exchange.request.url
        let promised = name.release.map { promises(of: $0, file: file).map(\.digest) } ?? []
        let asked = ArtifactName(release: name.release, file: file, digests: name.digests + promised)
        let statements = exchange.ecosystem.statements(about: asked, at: url)
        let (failure, isThere) = await withTaskGroup(of: (Problem?, Bool).self) { group in
            for statement in statements {
                group.addTask {
                    if statement.method == "HEAD", let release = name.release {
                        return (nil, await self.readHead(statement, of: release, exchange))
                    }
                    do throws(Problem) { try await self.readIndex(statement, exchange) } catch { return (error, true) }
                    return (nil, true)
                }
            }
            return await group.reduce((nil, true)) { ($0.0 ?? $1.0, $0.1 && $1.1) }
        }
        if isThere { memory.noteRead(statements.map(\.url)) }
        if let failure { throw failure }
        return isThere
    }

    /// What indexes, statements and lockfiles promise of this very file of a release.
    func promises(of release: Purl, file: String) -> [DigestClaim] {
        let listed = memory.entry(of: release, file: file)?.artifact.digests ?? []
        let pins = memory.pins(of: release, file: file).filter { $0.pin.file == file }
        let claims = listed.map { DigestClaim(by: "index", digest: $0) }
        return claims + pins.flatMap { entry in entry.pin.digests.map { DigestClaim(by: entry.lockfile, digest: $0) } }
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
        // In replay a pin is all there is, and of several the one that knows the time, as the manifest does and the
        // project's lockfile may not; otherwise the index, be it a cached one, may know more. What an earlier manifest
        // called a file is no name: then it may have been known less well.
        let isAlone = configuration.isReplay
        let told = isAlone ? pins.first(where: { $0.pin.published != nil }) : nil
        guard let pin = (told ?? pins.first(where: { isAlone || $0.lockfile != Gateway.ownManifest }))?.pin,
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
        guard !memory.isTold(release) else { return }
        if let request = owningIndex(of: release, exchange) { try await readIndex(request, exchange) }
    }

    /// The same for a release that may say itself where its index is, which then lists many.
    func readPinnedIndex(of release: Purl, _ exchange: Exchange) async throws(Problem) {
        guard !memory.isTold(release), let request = exchange.ecosystem.indexRequest(forPinned: release) else {
            return try await readOwningIndex(of: release, exchange)
        }
        // A repository's list is long, and asked for once; that of a package is kept as others are.
        let isList = exchange.ecosystem.defaultOrigin == nil
        guard !isList || !memory.hasRead(request.url) else { return }
        try await readIndex(request, exchange)
        if isList { memory.noteRead([request.url]) }
    }

    private func readIndex(_ request: Request, _ exchange: Exchange) async throws(Problem) {
        guard let (scope, own) = ownQuestion(request, exchange) else { return }
        do {
            let index = try await preparedIndex(scope, own)
            if let body = index.body { try await recordIndex(index, body, own) }
        } catch {
            // Without the index a rule may lack a fact; what could not be recorded or stored is an error all the same.
            let isUnknown = error.code.mayRetry || [.verifyDrift, .notFound, .policyDenied].contains(error.code)
            guard isUnknown || error.code == .integrityMismatch || error.code == .tooLarge else { throw error }
        }
    }

    /// Reads what the next files of this lockfile need. Nothing of it is recorded: that is done when somebody asks.
    private func lookAhead(beside release: Purl, _ exchange: Exchange) {
        guard !configuration.isOffline, !configuration.isReplay else { return }
        let next = memory.neighbours(of: release, at: exchange.request.url.origin, reach: LookAhead.reach)
        guard !next.isEmpty else { return }
        lookAhead.begin(next.map(\.package)) { [self] package in
            guard let request = owningIndex(of: package, exchange),
                let (scope, own) = ownQuestion(request, exchange)
            else { return }
            // A failure is the business of whoever asks for the file.
            _ = try? await preparedIndex(scope, own)
        }
    }

    /// What was read ahead is wanted indeed: replay will ask for it, and what stands beside it is likely wanted next.
    private func claimReadAhead(_ release: Purl, _ exchange: Exchange) async throws(Problem) {
        guard lookAhead.isUnclaimed(release.package) else { return }
        lookAhead(beside: release, exchange)
        try await readOwningIndex(of: release, exchange)
        lookAhead.claim(release.package)
    }

    /// The question for an index that a client did not ask for, as we ask it ourselves.
    private func ownQuestion(_ request: Request, _ exchange: Exchange) -> (IndexScope, Exchange)? {
        let ecosystem = exchange.ecosystem
        guard case .index(let scope)? = try? intent(of: request, ecosystem) else { return nil }
        let isSameOrigin = request.url.origin == exchange.request.url.origin
        let headers = isSameOrigin ? exchange.client.headers : []
        var own = self.exchange(ClientRequest(request: request, headers: headers), ecosystem)
        own.isOurs = true
        // A lockfile lists internal names beside public ones.
        return mayAsk(own) ? (scope, own) : nil
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
