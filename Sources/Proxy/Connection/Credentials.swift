internal import Core
internal import Upstream

/// The session's secret, compared without telling by the time it takes how much of a guess was right.
struct Credentials: Sendable {
    private let secret: [UInt8]
    private let basic: [UInt8]

    init(_ secret: Secret) {
        self.secret = Array(secret.reveal().utf8)
        basic = Array(Base64.encode(Array("purser:\(secret.reveal())".utf8)).utf8)
    }

    /// For links that lead back to us.
    var pathSegment: String { String(decoding: secret, as: UTF8.self) }

    func isSecret(_ text: Substring) -> Bool { Credentials.isSame(text.utf8, secret) }

    /// `Basic` with the user `purser` and the secret as its password.
    func admits(_ authorization: String?) -> Bool {
        guard let authorization, authorization.utf8.count > 6,
            HeaderField(String(authorization.prefix(6)), "").isNamed("basic ")
        else { return false }
        return Credentials.isSame(authorization.dropFirst(6).utf8, basic)
    }

    private static func isSame(_ a: some Collection<UInt8>, _ b: [UInt8]) -> Bool {
        guard a.count == b.count, !b.isEmpty else { return false }
        var difference: UInt8 = 0
        for (x, y) in zip(a, b) { difference |= x ^ y }
        return difference == 0
    }
}
