/// An ecosystem whose clients do not ask for an index and a file, but hold a conversation about objects (git).
///
/// The gateway asks policy about everything a request wants before it sends it on, keeps the answer until a
/// `ConversationWitness` has looked into it, and gives the same answer to the same request again.
public protocol ConversingEcosystem: Ecosystem {
    /// What a request is about. Its body is whole and decoded.
    func topic(of request: Request) throws(Malformed) -> Topic
    /// A refusal in the words of the protocol, which the client shows; the status of the answer is 200.
    func refusal(of request: Request, for problem: Problem) -> Document
}

/// What one request of a conversation is about.
public enum Topic: Hashable, Sendable {
    /// Names and what they stand for at the moment; may be other tomorrow.
    case listing(Purl)
    /// Objects that never change. `body` is what is asked of the origin in the client's stead; a client that has objects of
    /// its own may be given fewer than it wants.
    case objects([Purl], body: [UInt8], clientHasSome: Bool)
}
