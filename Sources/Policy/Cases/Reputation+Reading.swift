internal import Core

extension Reputation {
    /// What a case says that lists on disk say.
    init(_ parts: [String: YAMLValue]) throws(Problem) {
        self.init()
        suspicions = try parts["suspicions"]?.texts()
        isReviewed = try parts["reviewed"]?.flag()
        downloads = try parts["downloads"]?.number(in: 0...Int(Int32.max))
        repositoryOwners = try parts["repository_owners"]?.texts() ?? []
        guard let entry = parts["scorecard"] else { return }
        guard entry.isMap else {
            scorecard = Scorecard(score: try entry.number(in: 0...10) * 10, checks: [:])
            return
        }
        var checks: [String: Int] = [:]
        for (name, value) in try entry.map() where name != "score" { checks[name] = try value.number(in: 0...10) }
        scorecard = Scorecard(score: try (entry["score"]?.number(in: 0...10) ?? 0) * 10, checks: checks)
    }
}
