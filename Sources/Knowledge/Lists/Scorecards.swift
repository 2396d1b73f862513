public import Core
internal import JSONText

/// What OpenSSF Scorecard found of source repositories: its JSON, one result after the other.
public struct Scorecards: Sendable {
    /// The result for one repository.
    public struct Card: Hashable, Sendable {
        /// Times ten.
        public let score: Int
        /// Single checks, 0 to 10; those that could not be made are not here.
        public let checks: [String: Int]
    }

    private let cards: [String: Card]
    /// Of the youngest result.
    public let date: Timestamp?

    public var count: Int { cards.count }

    public init(parsing bytes: [UInt8]) throws(Malformed) {
        var cards: [String: (card: Card, date: Timestamp?)] = [:]
        for json in try JSON.documents(bytes) {
            guard let text = json["repo"]?["name"]?.string, let name = RepositoryName.of(text),
                let score = json["score"]?.real, (-1...10).contains(score)
            else { throw Malformed("holds something that is no result of Scorecard: it needs repo.name and score") }
            let date = json["date"]?.string.flatMap { Timestamp(rfc3339: $0) }
            if let other = cards[name], let known = other.date, date.map({ $0 < known }) ?? true { continue }
            var checks: [String: Int] = [:]
            for check in json["checks"]?.array ?? [] {
                guard let name = check["name"]?.string, let score = check["score"]?.integer else { continue }
                if (0...10).contains(score) { checks[name] = Int(score) }
            }
            cards[name] = (Card(score: Int((score * 10).rounded()), checks: checks), date)
        }
        guard !cards.isEmpty else { throw Malformed("holds no result of Scorecard") }
        self.cards = cards.mapValues(\.card)
        date = cards.values.compactMap(\.date).max()
    }

    /// Of the repository that a package names; nil where it has none, or nobody looked.
    public func card(of repository: String) -> Card? { RepositoryName.of(repository).flatMap { cards[$0] } }
}
