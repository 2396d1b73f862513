internal import Core
internal import SwiftASN1
internal import X509

/// A time-stamping authority's word on when a signature was there (RFC 3161).
struct TimeStamp {
    /// When it was made.
    let time: Timestamp
    private let imprint: (hash: Digest.Algorithm, value: [UInt8])
    /// What the authority signed, and how.
    private let signed: (attributes: [UInt8], signature: [UInt8], hash: Digest.Algorithm)

    private static let signedData: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 7, 2]
    private static let stampContent: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 9, 16, 1, 4]
    private static let contentType: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 9, 3]
    private static let messageDigest: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 9, 4]

    /// Reads the whole answer of an authority, or the token within.
    init(_ der: [UInt8]) throws(Malformed) {
        let answer = try DERPart(der).parts
        guard answer.count == 2 else { throw Malformed("has a timestamp that is none") }
        // An answer starts with a status, a token with a name.
        let token = try answer[0].tag == 0x30 ? answer[1].parts : answer
        if answer[0].tag == 0x30 {
            guard let status = try answer[0].parts.first, try status.octets.reduce(0, { $0 | $1 }) <= 1 else {
                throw Malformed("has a timestamp that the authority refused")
            }
        }
        guard token.count == 2, try token[0].identifier == TimeStamp.signedData, let data = try token[1].parts.first
        else { throw Malformed("has a timestamp that is not signed") }
        let parts = try data.parts
        guard parts.count >= 4, let signers = parts.last, try signers.parts.count == 1,
            let signer = try signers.parts.first
        else { throw Malformed("has a timestamp without exactly one signer") }
        let inside = try parts[2].parts
        guard inside.count == 2, try inside[0].identifier == TimeStamp.stampContent,
            let octets = try inside[1].parts.first
        else { throw Malformed("has a timestamp that holds something else") }
        let content = try octets.octets
        let said = try TimeStamp.content(content)
        imprint = said.imprint
        time = said.time
        signed = try TimeStamp.signature(signer, over: content)
    }

    /// Throws unless an authority of the root made it, of this signature.
    func check(of signature: [UInt8], by root: TrustedRoot) throws(Malformed) {
        guard let hash = Hashing.hash(signature, imprint.hash), hash == imprint.value else {
            throw Malformed("has a timestamp of another signature")
        }
        var why = Malformed("has a timestamp of an authority that the trusted root does not name")
        for authority in root.timestampAuthorities {
            guard let key = PublicKey(authority.chain[0]),
                key.isValid(signed.signature, for: signed.attributes, hash: signed.hash)
            else { continue }
            do throws(Malformed) {
                guard authority.validity.covers(time) else {
                    throw Malformed("has a timestamp of an authority that was not trusted at \(time)")
                }
                return try CertificateChain.check(authority.chain, at: time, for: .timeStamping)
            } catch { why = error }
        }
        throw why
    }

    private static func content(_ der: [UInt8]) throws(Malformed) -> (
        imprint: (hash: Digest.Algorithm, value: [UInt8]), time: Timestamp
    ) {
        let parts = try DERPart(der).parts
        guard parts.count >= 5 else { throw Malformed("has a timestamp without a time") }
        let imprint = try parts[2].parts
        guard imprint.count == 2, let name = try imprint[0].parts.first,
            let hash = Hashing.algorithm(try name.identifier)
        else { throw Malformed("has a timestamp over a hash that is not good enough") }
        // `20251010082228Z`, with a fraction perhaps.
        let text = String(decoding: try parts[4].octets, as: UTF8.self)
        let digits = Array(text.prefix(14))
        guard digits.count == 14, digits.allSatisfy({ $0.isASCII && $0.isNumber }), text.hasSuffix("Z") else {
            throw Malformed("has a timestamp whose time cannot be read")
        }
        func two(_ at: Int) -> String { String(digits[at..<(at + 2)]) }
        let spelled = "\(two(0))\(two(2))-\(two(4))-\(two(6))T\(two(8)):\(two(10)):\(two(12))Z"
        guard let time = Timestamp(rfc3339: spelled) else { throw Malformed("has a timestamp of a time that is none") }
        return (imprint: (hash: hash, value: try imprint[1].octets), time: time)
    }

    private static func signature(_ signer: DERPart, over content: [UInt8]) throws(Malformed)
        -> (attributes: [UInt8], signature: [UInt8], hash: Digest.Algorithm)
    {
        let parts = try signer.parts
        guard parts.count >= 6, parts[3].tag == 0xA0, let name = try parts[2].parts.first,
            let hash = Hashing.algorithm(try name.identifier)
        else { throw Malformed("has a timestamp whose signature cannot be read") }
        var (type, digest) = (false, false)
        for attribute in try parts[3].parts {
            let pair = try attribute.parts
            guard pair.count == 2, let value = try pair[1].parts.first else { continue }
            let name = try pair[0].identifier
            if name == contentType { type = try value.identifier == stampContent }
            if name == messageDigest { digest = try value.octets == Hashing.hash(content, hash) }
        }
        guard type, digest else { throw Malformed("has a timestamp whose content was changed") }
        // The attributes are signed as a set; in the message they stand under a tag.
        let attributes: [UInt8] = [0x31] + parts[3].bytes.dropFirst()
        return (attributes, try parts[5].octets, try signatureHash(parts[4]) ?? hash)
    }

    /// The hash that ECDSA's names say; nil for other kinds of signature.
    private static func signatureHash(_ algorithm: DERPart) throws(Malformed) -> Digest.Algorithm? {
        guard let name = try algorithm.parts.first?.identifier else { return nil }
        return switch name {
        case [1, 2, 840, 10_045, 4, 3, 2]: .sha256
        case [1, 2, 840, 10_045, 4, 3, 3]: .sha384
        case [1, 2, 840, 10_045, 4, 3, 4]: .sha512
        default: nil
        }
    }
}
