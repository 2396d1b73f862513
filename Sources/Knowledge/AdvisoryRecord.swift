/// What a data set says about a release.
public struct AdvisoryRecord: Hashable, Sendable {
    /// For example `MAL-2024-1234`.
    public let id: String
    /// One line.
    public let summary: String
    /// True for a record of malicious code, false for one of a flaw.
    public let isMalware: Bool
}
