internal import Knowledge
internal import Policy

extension Advisory {
    /// What the data says, as policy takes it.
    init(_ record: AdvisoryRecord) {
        self.init(id: record.id, isMalware: record.isMalware, summary: record.summary)
        aliases = record.aliases
        severity = record.severity
        score = record.score
        fixedIn = record.fixedIn
    }
}
