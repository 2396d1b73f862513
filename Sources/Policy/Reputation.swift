/// What data on disk says of a package beside advisories. Nil and empty members: no data is named, or it says nothing.
public struct Reputation: Hashable, Sendable {
    /// What OpenSSF Scorecard found of the source repository.
    public struct Scorecard: Hashable, Sendable {
        /// Times ten.
        public var score: Int
        /// Single checks, 0 to 10.
        public var checks: [String: Int]

        public init(score: Int, checks: [String: Int]) {
            self.score = score
            self.checks = checks
        }
    }

    /// Why the release is suspected, one text for each line of `data.suspects` that names it; nil where there is no list.
    public var suspicions: [String]?
    /// Whether `data.reviewed` names the release; nil where there is no list.
    public var isReviewed: Bool?
    /// As `data.packages` counts them.
    public var downloads: Int?
    public var scorecard: Scorecard?
    /// Packages that `data.packages` knows to be made from the repository that this one names.
    public var repositoryOwners: [String] = []

    public init() {}
}
