/// What an ecosystem's row in the documentation says beyond what the codec itself shows: the rest of the row is read
/// off the codec, so that it cannot say otherwise.
public struct Profile: Hashable, Sendable {
    /// Clients that were run for real, with their versions; empty where only documents were read.
    public let clients: [String]
    /// The digests that are compared before the last byte is given out, and who states them.
    public let claims: String
    /// What policy may know of a release: publish time and its worth, withdrawal, publisher, licence.
    public let facts: String
    /// What is not covered, one sentence each.
    public let limits: [String]

    public init(clients: [String], claims: String, facts: String, limits: [String] = []) {
        self.clients = clients
        self.claims = claims
        self.facts = facts
        self.limits = limits
    }
}
