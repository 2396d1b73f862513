public import Core

/// The releases of one package in the order of their dates, made once for each index and asked by many verdicts.
public struct ReleaseHistory: Sendable {
    /// A release as its successors are compared with it.
    public struct Past: Sendable {
        public let version: String
        public let published: Timestamp
        public let isPrerelease: Bool
        public let evidence: PublisherEvidence.Kind?
        public let publishers: [String]
        /// The bytes of its largest file, where the index says.
        public let size: Int64?
    }

    /// The dated ones, oldest first.
    public let releases: [Past]
    public let count: Int
    public let yankedCount: Int
    /// For each place in `releases` the place of the best evidence among the proper releases up to and with it.
    private let best: [Int]
    /// The same for the highest first number.
    private let highest: [Int]

    public init(_ all: [Release], isPrerelease: (String) -> Bool) {
        var dated: [Past] = []
        for release in all {
            guard let version = release.purl.version, let published = release.published else { continue }
            dated.append(
                Past(
                    version: version,
                    published: published.time,
                    isPrerelease: isPrerelease(version),
                    evidence: release.evidence?.kind,
                    publishers: release.publishers,
                    size: release.artifacts.compactMap(\.size).max()
                )
            )
        }
        dated.sort { ($0.published, $0.version) < ($1.published, $1.version) }
        var (best, highest) = ([Int](), [Int]())
        var (proof, top) = (-1, -1)
        for (at, past) in dated.enumerated() {
            if !past.isPrerelease, let kind = past.evidence, proof < 0 || kind >= dated[proof].evidence ?? .none {
                proof = at
            }
            let major = VersionJumpRule.major(of: past.version) ?? 0
            if top < 0 || major >= VersionJumpRule.major(of: dated[top].version) ?? 0 { top = at }
            best.append(proof)
            highest.append(top)
        }
        releases = dated
        count = all.count
        yankedCount = all.count { $0.yanked != nil }
        self.best = best
        self.highest = highest
    }

    public var newest: Past? { releases.last }

    /// How many were published before this time.
    private func place(_ time: Timestamp) -> Int {
        var (low, high) = (0, releases.count)
        while low < high {
            let middle = (low + high) / 2
            if releases[middle].published < time { low = middle + 1 } else { high = middle }
        }
        return low
    }

    func releases(before time: Timestamp) -> ArraySlice<Past> { releases[..<place(time)] }

    /// The release next before a time.
    func last(before time: Timestamp) -> Past? {
        let place = place(time)
        return place > 0 ? releases[place - 1] : nil
    }

    /// The proper release next before a time.
    func lastProper(before time: Timestamp) -> Past? { releases[..<place(time)].last { !$0.isPrerelease } }

    /// The earlier proper release with the best evidence of its publisher.
    func best(before time: Timestamp) -> Past? {
        let place = place(time)
        return place > 0 && best[place - 1] >= 0 ? releases[best[place - 1]] : nil
    }

    func highestMajor(before time: Timestamp) -> (version: String, major: Int)? {
        let place = place(time)
        guard place > 0, highest[place - 1] >= 0 else { return nil }
        let past = releases[highest[place - 1]]
        return (past.version, VersionJumpRule.major(of: past.version) ?? 0)
    }
}
