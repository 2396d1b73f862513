/// What bytes hash to.
public struct Digest: Hashable, Sendable {
    /// The hash functions that indexes and lockfiles use. Only those that `isStrong` count as verification.
    public enum Algorithm: String, Sendable, CaseIterable, Comparable {
        case sha256, sha512, sha384, sha1, md5
        /// The hash of a zip's entries, not of its bytes, as Go's go.sum and Terraform's lockfile write it: `h1:BASE64`.
        /// <https://pkg.go.dev/golang.org/x/mod/sumdb/dirhash>
        case h1

        /// False for a hash that is computed over what an archive holds instead of over the bytes that were sent.
        public var isOfBytes: Bool { self != .h1 }

        public var byteCount: Int {
            switch self {
            case .sha256, .h1: 32
            case .sha512: 64
            case .sha384: 48
            case .sha1: 20
            case .md5: 16
            }
        }

        /// False where somebody can make two files with one digest (MD5, SHA-1).
        public var isStrong: Bool { self != .sha1 && self != .md5 }

        public static func < (a: Algorithm, b: Algorithm) -> Bool { a.rawValue < b.rawValue }
    }

    public let algorithm: Algorithm
    /// Lower-case hexadecimal, always of the algorithm's length.
    public let hex: String

    /// Nil unless `hex` is hexadecimal (either case) of the right length.
    public init?(_ algorithm: Algorithm, hex: String) {
        guard hex.utf8.count == algorithm.byteCount * 2, hex.utf8.allSatisfy({ Hex.value($0) != nil }) else {
            return nil
        }
        self.algorithm = algorithm
        self.hex = hex.lowercased()
    }

    /// Nil unless there are as many bytes as the algorithm gives.
    public init?(_ algorithm: Algorithm, bytes: some Collection<UInt8>) {
        guard bytes.count == algorithm.byteCount else { return nil }
        self.algorithm = algorithm
        self.hex = Hex.encode(bytes)
    }

    /// Reads `sha256:HEX` and `h1:BASE64`.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1)
        guard parts.count == 2, let algorithm = Algorithm(rawValue: String(parts[0])) else { return nil }
        if algorithm == .h1 {
            guard let bytes = Base64.decode(String(parts[1])) else { return nil }
            self.init(.h1, bytes: bytes)
            return
        }
        self.init(algorithm, hex: String(parts[1]))
    }

    /// Reads one subresource integrity hash, `sha512-BASE64` (options after `?` are dropped).
    public init?(integrity text: String) {
        let parts = text.prefix { $0 != "?" }.split(separator: "-", maxSplits: 1)
        guard parts.count == 2, let algorithm = Algorithm(rawValue: String(parts[0]).lowercased()),
            let bytes = Base64.decode(String(parts[1]))
        else { return nil }
        self.init(algorithm, bytes: bytes)
    }

    public var bytes: [UInt8] { Hex.decode(hex) ?? [] }
    /// `sha512-BASE64`, as npm writes it.
    public var integrity: String { "\(algorithm.rawValue)-\(Base64.encode(bytes))" }
}

extension Digest: CustomStringConvertible, Comparable {
    public var description: String { "\(algorithm.rawValue):\(text)" }

    /// The value as this algorithm's users write it: hexadecimal, and for `h1` Base64.
    public var text: String { algorithm == .h1 ? Base64.encode(bytes) : hex }

    public static func < (a: Digest, b: Digest) -> Bool { (a.algorithm, a.hex) < (b.algorithm, b.hex) }
}

/// Somebody's statement of a digest, made before the bytes were seen.
public struct DigestClaim: Hashable, Sendable, Comparable {
    /// Who says so: `index`, `uv.lock`, `sidecar`, `record`, `request`.
    public let by: String
    public let digest: Digest

    public init(by: String, digest: Digest) {
        self.by = by
        self.digest = digest
    }

    public static func < (a: DigestClaim, b: DigestClaim) -> Bool { (a.by, a.digest) < (b.by, b.digest) }
}
