public import Core
internal import Crypto

/// `Purser-Signature: t=SECONDS,v1=HEX`: HMAC-SHA256 of `SECONDS.BODY`, so that a receiver knows who sent a body and when.
public enum WebhookSignature {
    public static let header = "Purser-Signature"

    public static func value(of body: [UInt8], at time: Timestamp, secret: Secret) -> String {
        let message = Array("\(time.seconds).".utf8) + body
        let key = SymmetricKey(data: Array(secret.reveal().utf8))
        return "t=\(time.seconds),v1=\(Hex.encode(HMAC<SHA256>.authenticationCode(for: message, using: key)))"
    }
}
