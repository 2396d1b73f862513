public import Core
internal import Crypto

/// Ours, not swift-crypto's protocol of the same name.
private typealias Digest = Core.Digest

/// Several digests of one stream of bytes, taken in one pass. SHA-256 is always among them.
struct Hashes: Sendable {
    private var sha256 = SHA256()
    private var sha512: SHA512?
    private var sha384: SHA384?
    private var sha1: Insecure.SHA1?
    private var md5: Insecure.MD5?

    init(_ algorithms: Set<Core.Digest.Algorithm>) {
        if algorithms.contains(.sha512) { sha512 = SHA512() }
        if algorithms.contains(.sha384) { sha384 = SHA384() }
        if algorithms.contains(.sha1) { sha1 = Insecure.SHA1() }
        if algorithms.contains(.md5) { md5 = Insecure.MD5() }
    }

    mutating func update(_ bytes: [UInt8]) {
        sha256.update(data: bytes)
        sha512?.update(data: bytes)
        sha384?.update(data: bytes)
        sha1?.update(data: bytes)
        md5?.update(data: bytes)
    }

    /// The digests of what was given so far; more may follow.
    var digests: [Core.Digest] {
        [
            Digest(.sha256, bytes: Array(sha256.finalize())),
            sha512.flatMap { Digest(.sha512, bytes: Array($0.finalize())) },
            sha384.flatMap { Digest(.sha384, bytes: Array($0.finalize())) },
            sha1.flatMap { Digest(.sha1, bytes: Array($0.finalize())) },
            md5.flatMap { Digest(.md5, bytes: Array($0.finalize())) },
        ].compactMap(\.self)
    }
}

extension Core.Digest {
    /// The SHA-256 of bytes that are at hand.
    public static func sha256(of bytes: [UInt8]) -> Core.Digest {
        guard let digest = Digest(.sha256, bytes: Array(SHA256.hash(data: bytes))) else {
            preconditionFailure("SHA-256 is 32 bytes long")
        }
        return digest
    }
}

/// The digests of bytes that come piece by piece; SHA-256 is always among them.
public struct DigestStream: Sendable {
    private var hashes: Hashes

    public init(_ algorithms: Set<Core.Digest.Algorithm> = []) { hashes = Hashes(algorithms) }

    public mutating func update(_ bytes: [UInt8]) { hashes.update(bytes) }

    public var sha256: Core.Digest { hashes.digests[0] }
    public var digests: [Core.Digest] { hashes.digests }
}
