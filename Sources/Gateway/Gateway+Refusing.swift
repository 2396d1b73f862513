internal import Core
internal import Policy

/// What policy refuses of the files that an index lists.
struct RefusedFiles: Sendable {
    /// Keys of files that the index does not show.
    var hidden: Set<String> = []
    /// Why files that stay listed are refused on their bytes, by key.
    var listed: [String: String] = [:]
    /// Refusals of what this index does not show, the last one last.
    var denials: [Denial] = []
    /// True where the request named the very version that is refused, not a tag that leads there.
    var isNamed = false

    /// One refusal; the verdict is nil where policy has nothing against it and `--locked` has.
    struct Denial: Sendable {
        let purl: Purl
        let problem: Problem
        let verdict: Verdict?
    }

    /// The versions that only `--locked` keeps out.
    var lockedOut: [String] {
        var versions: [String] = []
        for denial in denials where denial.verdict == nil {
            if let version = denial.purl.version, versions.last != version { versions.append(version) }
        }
        return versions
    }

    var view: IndexView {
        let (hidden, listed) = (hidden, listed)
        return IndexView(
            keeps: { !hidden.contains(Gateway.fileKey($0.purl, $1.file)) },
            refusal: { listed[Gateway.fileKey($0.purl, $1.file)] }
        )
    }
}

/// Refused releases: hidden from an index, or still listed there because a lockfile of the project pins them, and refused
/// on their bytes always.
extension Gateway {
    /// What an index calls a release without its version it calls by a tag.
    static func fileKey(_ release: Purl, _ file: String) -> String {
        "\(release.version ?? release.qualifiers["tag"] ?? "")\n\(file)"
    }

    func refusedFiles(in index: PackageIndex, _ exchange: Exchange) -> RefusedFiles {
        var refused = RefusedFiles()
        // A record holds indexes as they were judged then; the bytes are judged again.
        guard !configuration.isReplay else { return refused }
        for release in index.releases {
            // Of a release whose files the index does not list, only the release can be judged.
            let files: [Artifact?] = release.artifacts.isEmpty ? [nil] : release.artifacts
            var hidden = 0
            for artifact in files {
                guard let denial = judged(release, artifact, exchange) else { continue }
                // Where policy wants no fallback the release stays as it is, so that the client runs into the refusal.
                if let verdict = denial.verdict, !verdict.isHidden { continue }
                let key = Gateway.fileKey(release.purl, artifact?.file ?? "")
                if denial.verdict != nil, isPinned(release, artifact, index.scope, exchange) {
                    refused.listed[key] = denial.problem.reasonPhrase
                } else {
                    refused.hidden.insert(key)
                    refused.denials.append(denial)
                    if case .package(let subject) = index.scope { refused.isNamed = subject.release == denial.purl }
                    hidden += 1
                }
            }
            // Some documents of a format list releases without their files.
            let whole = Gateway.fileKey(release.purl, "")
            if hidden == files.count { refused.hidden.insert(whole) }
            if let reason = files.lazy.compactMap({ refused.listed[Gateway.fileKey(release.purl, $0?.file ?? "")] })
                .first
            {
                refused.listed[whole] = reason
            }
        }
        return refused
    }

    /// Says in the record what an index does not show.
    func recordHidden(
        _ refused: RefusedFiles,
        in index: PackageIndex,
        _ exchange: Exchange
    ) async throws(Problem) {
        for denial in refused.denials { try await recordHidden(denial) }
        try await recordLockedOut(refused, index, exchange)
    }

    private func recordHidden(_ denial: RefusedFiles.Denial) async throws(Problem) {
        guard let verdict = denial.verdict else { return }
        let problem = denial.problem
        let refusal = Refusal(
            subject: problem.subject,
            purl: denial.purl,
            problem: problem,
            verdict: verdict,
            isHidden: true
        )
        try await recorded.once("hidden \(problem.subject)") { [recorder] () async throws(Problem) in
            try await recorder.record(.refused(refusal))
        }
    }

    /// Why a document that cannot do without a refused release is not given out. What we ask ourselves is no request of
    /// the job's.
    func refusalOfWhole(_ refused: RefusedFiles, _ exchange: Exchange) async throws(Problem) -> Problem? {
        guard let denial = refused.denials.last else { return nil }
        if exchange.isOurs || !refused.isNamed {
            try await recordHidden(denial)
        } else {
            try await recordRefusal(of: denial.purl, denial.problem, denial.verdict)
        }
        return denial.problem
    }

    /// Why an index is not given out of which nothing would be left: of the refusals the one that ends first.
    func refusalOfEmptied(_ index: PackageIndex, _ refused: RefusedFiles, _ exchange: Exchange) async throws(Problem)
        -> Problem?
    {
        guard exchange.ecosystem.tellsOfEmptiedIndexes, !exchange.isOurs, case .package(let subject) = index.scope,
            subject.version == nil, !refused.denials.isEmpty, refused.listed.isEmpty,
            refused.denials.allSatisfy({ $0.verdict != nil }),
            index.releases.allSatisfy({ refused.hidden.contains(Gateway.fileKey($0.purl, "")) })
        else { return nil }
        let ends = refused.denials.map { $0.verdict?.findings.first?.allowedFrom?.seconds ?? .max }
        let place = refused.denials.indices.min { (ends[$0], -$0) < (ends[$1], -$1) } ?? 0
        for (at, denial) in refused.denials.enumerated() where at != place { try await recordHidden(denial) }
        let told = refused.denials[place]
        try await recordRefusal(of: told.purl, told.problem, told.verdict)
        return told.problem
    }

    private func judged(_ release: Release, _ artifact: Artifact?, _ exchange: Exchange) -> RefusedFiles.Denial? {
        let claims = (artifact?.digests ?? []).map { DigestClaim(by: "index", digest: $0) }
        let facts = facts(release, artifact, exchange, claims: claims, source: .index)
        let verdict = configuration.policy.judge(facts)
        let subject = release.purl.release.description
        let purl = release.purl.release
        if verdict.isDenied {
            return RefusedFiles.Denial(purl: purl, problem: verdict.problem(subject: subject), verdict: verdict)
        }
        // What names no version (a tag) is judged when it is asked for.
        let isVersion = release.purl.version != nil
        guard isVersion, configuration.lock?.releases.contains(purl) == false else { return nil }
        return RefusedFiles.Denial(purl: purl, problem: Gateway.lockedOut(subject), verdict: nil)
    }

    /// A document about one release is refused by itself, so there the client is told at once.
    private func isPinned(_ release: Release, _ artifact: Artifact?, _ scope: IndexScope, _ exchange: Exchange) -> Bool
    {
        let isAlone = if case .package(let subject) = scope { subject.version != nil } else { false }
        guard !isAlone || exchange.ecosystem.looksUpLockedReleasesAlone else { return false }
        return exchange.ecosystem.looksUpLockedReleases && memory.isPinned(release.purl, artifact)
    }

    /// A client that is refused asks again, by another method or for a document beside the file: one line says it all.
    func recordRefusal(of purl: Purl, _ problem: Problem, _ verdict: Verdict?) async throws(Problem) {
        let refusal = Refusal(subject: problem.subject, purl: purl, problem: problem, verdict: verdict, isHidden: false)
        let key = "refused \(purl.release) \(problem.code.rawValue) \(problem.rule ?? problem.summary)"
        try await recorded.once(key) { [recorder] () async throws(Problem) in
            try await recorder.record(.refused(refusal))
        }
    }
}
