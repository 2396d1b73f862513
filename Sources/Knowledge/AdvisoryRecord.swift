public import Core

/// What a data set says about a release.
public struct AdvisoryRecord: Hashable, Sendable {
    /// For example `MAL-2024-1234`.
    public let id: String
    /// Other names of the same flaw, such as its CVE.
    public let aliases: [String]
    /// One line.
    public let summary: String
    /// True for a record of malicious code, false for one of a flaw.
    public let isMalware: Bool
    /// Nil where the record does not say how bad it is.
    public let severity: Severity?
    /// The CVSS score times ten, where a vector gives one.
    public let score: Int?
    /// The versions that end what the release is in; empty where no fix is known.
    public var fixedIn: [String] = []
}
