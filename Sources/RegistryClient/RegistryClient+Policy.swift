public import Core
internal import Transfer

extension RegistryClient {
    /// The organisation's policy as the registry keeps it: a signed envelope that the caller must check. Nil where the
    /// registry has none.
    public func policy() async throws(Problem) -> [UInt8]? {
        var question = Question("/api/v1/policy")
        question.accepted = [200, 404]
        let (head, bytes) = try await answer(to: question, limit: 8 << 20)
        return head.status == 200 ? bytes : nil
    }
}
