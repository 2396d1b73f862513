import Crypto

/// The library's hash, by a short name.
enum SHA256 {
    static func of(_ bytes: [UInt8]) -> [UInt8] { Array(Crypto.SHA256.hash(data: bytes)) }
}
