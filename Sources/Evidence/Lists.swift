internal import Core
internal import Knowledge
internal import Policy

/// Lists on disk: what they say of flaws and of packages.
struct Lists: Sendable {
    let exploited: ExploitedFlaws?
    let forecast: ExploitForecast?
    private let suspects: ReleaseList?
    private let reviewed: ReleaseList?
    private let figures: PackageFigures?
    private let scorecards: Scorecards?

    init(_ reader: DatasetReader) throws(Problem) {
        exploited = try reader.read(.kev) { bytes throws(Malformed) in try ExploitedFlaws(parsing: bytes) }
        forecast = try reader.read(.epss) { bytes throws(Malformed) in try ExploitForecast(parsing: bytes) }
        suspects = try reader.list(.suspects)
        reviewed = try reader.list(.reviewed)
        figures = try reader.read(.packages) { bytes throws(Malformed) in try PackageFigures(parsing: bytes) }
        scorecards = try reader.read(.scorecards) { bytes throws(Malformed) in try Scorecards(parsing: bytes) }
    }

    /// True where no list speaks of packages.
    var isEmpty: Bool { suspects == nil && reviewed == nil && figures == nil && scorecards == nil }

    /// What the lists say of their own age.
    var dates: [PolicyFile.Dataset: Timestamp] {
        var dates: [PolicyFile.Dataset: Timestamp] = [:]
        dates[.kev] = exploited?.date
        dates[.epss] = forecast?.date
        dates[.suspects] = suspects?.date
        dates[.reviewed] = reviewed?.date
        dates[.packages] = figures?.date
        dates[.scorecards] = scorecards?.date
        return dates
    }

    func reputation(of release: Release, _ compare: @escaping @Sendable (String, String) -> Int?) -> Reputation? {
        if isEmpty { return nil }
        var reputation = Reputation()
        reputation.suspicions = suspects?.entries(naming: release.purl, compare: compare)
        reputation.isReviewed = reviewed?.names(release.purl, compare: compare)
        let known = figures?.figures(of: release.purl)
        reputation.downloads = known?.downloads
        let named = release.repository.flatMap { $0.isEmpty ? nil : $0 }
        if let scorecards, let repository = named ?? known?.repository, let card = scorecards.card(of: repository) {
            reputation.scorecard = Reputation.Scorecard(score: card.score, checks: card.checks)
        }
        if let named { reputation.repositoryOwners = owners(of: named, beside: release.purl) }
        return reputation
    }

    /// The packages of the same registry that are known to be made from a repository; none where this one is among them, or
    /// has its namespace in common with one: many packages come from one repository.
    private func owners(of repository: String, beside package: Purl) -> [String] {
        let all = (figures?.packages(from: repository) ?? []).filter { $0.type == package.type }
        let isOne = all.contains { owner in
            owner.registryKey == package.registryKey || owner.namespace != nil && owner.namespace == package.namespace
        }
        return isOne ? [] : all.map(\.description)
    }
}
