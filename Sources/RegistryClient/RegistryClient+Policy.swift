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

    /// A data snapshot and the digest that the registry names for it, which the caller must compare. Nil where the registry
    /// has none of that name.
    public func snapshot(_ name: String) async throws(Problem) -> (bytes: [UInt8], digest: Digest)? {
        var question = Question("/api/v1/data/\(PercentEncoding.encode(name))")
        question.accepted = [200, 404]
        let (head, bytes) = try await answer(to: question, limit: 1 << 30)
        guard head.status == 200 else { return nil }
        let tag = head.value(of: "etag") ?? ""
        guard tag.hasPrefix("\"sha256-"), let digest = Digest(.sha256, hex: String(tag.dropFirst(8).dropLast())) else {
            throw senseless("a snapshot without a digest")
        }
        return (bytes, digest)
    }
}
