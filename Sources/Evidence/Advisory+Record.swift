internal import Core
internal import Knowledge
internal import Policy

extension Advisory {
    /// What the data says, as policy takes it, with what lists add.
    init(_ record: AdvisoryRecord, _ lists: Lists) {
        self.init(id: record.id, isMalware: record.isMalware, summary: record.summary)
        aliases = record.aliases
        severity = record.severity
        score = record.score
        fixedIn = record.fixedIn
        let names = [record.id] + record.aliases
        if let ids = lists.exploited?.ids { isExploited = names.contains(where: ids.contains) }
        if let forecast = lists.forecast { likelihood = names.compactMap { forecast.chance(of: $0) }.max() }
    }
}
