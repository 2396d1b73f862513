internal import Crypto

/// Ed25519 keys as PKCS#8 and SubjectPublicKeyInfo (RFC 8410), which the library does not read: each is a fixed
/// beginning and 32 bytes, so that comparing the beginning is the whole of strict DER.
enum KeyEncoding {
    private static let privateHead: [UInt8] = [
        0x30, 0x2E, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
    ]
    private static let publicHead: [UInt8] = [
        0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00,
    ]

    /// The seed of an Ed25519 private key; nil for any other DER.
    static func seed(fromPKCS8 der: [UInt8]) -> [UInt8]? {
        guard der.count == privateHead.count + 32, der.starts(with: privateHead) else { return nil }
        return Array(der.dropFirst(privateHead.count))
    }

    static func pkcs8(seed: some Sequence<UInt8>) -> [UInt8] { privateHead + seed }

    /// The point of an Ed25519 public key; nil for any other DER.
    static func point(fromSPKI der: [UInt8]) -> [UInt8]? {
        guard der.count == publicHead.count + 32, der.starts(with: publicHead) else { return nil }
        return Array(der.dropFirst(publicHead.count))
    }

    static func spki(point: some Sequence<UInt8>) -> [UInt8] { publicHead + point }
}
