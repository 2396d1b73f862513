internal import Crypto

/// The checks of an Ed25519 key and signature that the library leaves out, so that a signature means one key and one text.
///
/// RFC 8032 verification without cofactor is the library's; it refuses `S` out of range but takes points of small order,
/// under which one signature fits many messages (the "strict" verification of dalek and libsodium refuses them).
enum Ed25519Check {
    static func isValid(_ signature: [UInt8], for message: [UInt8], key: [UInt8]) -> Bool {
        guard signature.count == 64, key.count == 32 else { return false }
        guard isUsable(key: key) else { return false }
        guard !isSmallOrder(signature[..<32]), isCanonical(signature[..<32]) else { return false }
        guard isBelowOrder(signature[32...]) else { return false }
        guard let publicKey = try? Curve25519.Signing.PublicKey(rawRepresentation: key) else { return false }
        return publicKey.isValidSignature(signature, for: message)
    }

    /// False for an encoding that is not canonical, a point of small order, and 32 bytes that are no point.
    static func isUsable(key: [UInt8]) -> Bool {
        guard key.count == 32, !isSmallOrder(key[...]), isCanonical(key[...]) else { return false }
        return (try? Curve25519.Signing.PublicKey(rawRepresentation: key)) != nil
    }

    /// The y coordinates of the eight points whose order divides the cofactor, in canonical form, sign bit cleared.
    private static let smallOrder: [[UInt8]] = [
        [UInt8](repeating: 0, count: 32),
        [1] + [UInt8](repeating: 0, count: 31),
        [0xEC] + [UInt8](repeating: 0xFF, count: 30) + [0x7F],
        [
            0x26, 0xE8, 0x95, 0x8F, 0xC2, 0xB2, 0x27, 0xB0, 0x45, 0xC3, 0xF4, 0x89, 0xF2, 0xEF, 0x98, 0xF0,
            0xD5, 0xDF, 0xAC, 0x05, 0xD3, 0xC6, 0x33, 0x39, 0xB1, 0x38, 0x02, 0x88, 0x6D, 0x53, 0xFC, 0x05,
        ],
        [
            0xC7, 0x17, 0x6A, 0x70, 0x3D, 0x4D, 0xD8, 0x4F, 0xBA, 0x3C, 0x0B, 0x76, 0x0D, 0x10, 0x67, 0x0F,
            0x2A, 0x20, 0x53, 0xFA, 0x2C, 0x39, 0xCC, 0xC6, 0x4E, 0xC7, 0xFD, 0x77, 0x92, 0xAC, 0x03, 0x7A,
        ],
    ]

    private static func isSmallOrder(_ point: ArraySlice<UInt8>) -> Bool {
        var y = Array(point)
        y[31] &= 0x7F
        return smallOrder.contains(y)
    }

    /// True when y is below p = 2^255 - 19; the field's other encodings name the same point twice.
    private static func isCanonical(_ point: ArraySlice<UInt8>) -> Bool {
        var y = Array(point)
        y[31] &= 0x7F
        let isTop = y[31] == 0x7F && y[1..<31].allSatisfy { $0 == 0xFF }
        return !isTop || y[0] < 0xED
    }

    /// The order of the base point, little-endian.
    private static let order: [UInt8] =
        [
            0xED, 0xD3, 0xF5, 0x5C, 0x1A, 0x63, 0x12, 0x58, 0xD6, 0x9C, 0xF7, 0xA2, 0xDE, 0xF9, 0xDE, 0x14,
        ] + [UInt8](repeating: 0, count: 15) + [0x10]

    private static func isBelowOrder(_ scalar: ArraySlice<UInt8>) -> Bool {
        scalar.reversed().lexicographicallyPrecedes(order.reversed())
    }
}
