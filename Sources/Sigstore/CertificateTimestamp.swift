internal import Core
internal import SwiftASN1
internal import X509

/// The word of a certificate transparency log that it knows a certificate, as it stands in the certificate (RFC 6962 §3.3).
struct CertificateTimestamp {
    let logID: [UInt8]
    /// Milliseconds since 1970.
    let time: UInt64
    let extensions: [UInt8]
    let hash: UInt8
    let signature: [UInt8]

    static let extensionID: ASN1ObjectIdentifier = [1, 3, 6, 1, 4, 1, 11_129, 2, 4, 2]

    /// Throws unless a log of the root has signed that it knows the certificate. A root without such logs asks for none.
    static func check(_ leaf: Certificate, issuer: Certificate, by root: TrustedRoot) throws(Malformed) {
        guard !root.certificateLogs.isEmpty else { return }
        guard let found = leaf.extensions[oid: extensionID] else {
            throw Malformed("has a certificate that no transparency log knows")
        }
        let issued = try signedPart(of: leaf)
        let issuerHash = Hashing.sha256(try keyPart(of: issuer))
        for stamp in try list(Array(found.value)) {
            let moment = Timestamp(seconds: Int64(clamping: stamp.time / 1_000))
            for log in root.certificateLogs where log.keyID == stamp.logID && log.validity.covers(moment) {
                // Hash 4 is SHA-256; the signature's kind is the key's.
                if stamp.hash == 4,
                    log.key.isValid(stamp.signature, for: stamp.message(issued, issuerHash), hash: .sha256)
                {
                    return
                }
            }
        }
        throw Malformed("has a certificate that no transparency log of the trusted root knows")
    }

    private func message(_ issued: [UInt8], _ issuerHash: [UInt8]) -> [UInt8] {
        var message: [UInt8] = [0, 0]
        for shift in stride(from: 56, through: 0, by: -8) { message.append(UInt8(truncatingIfNeeded: time >> shift)) }
        message += [0, 1] + issuerHash
        message += [16, 8, 0].map { UInt8(truncatingIfNeeded: issued.count >> $0) } + issued
        message += [8, 0].map { UInt8(truncatingIfNeeded: extensions.count >> $0) } + extensions
        return message
    }

    private static func list(_ der: [UInt8]) throws(Malformed) -> [CertificateTimestamp] {
        let bytes = try DERPart(der).octets
        var reader = WireReader(bytes)
        var whole = WireReader(try reader.block())
        var stamps: [CertificateTimestamp] = []
        while !whole.isAtEnd {
            var one = WireReader(try whole.block())
            guard try one.number(1) == 0 else { continue }
            let (id, time) = (try one.take(32), try one.number(8))
            let extensions = try one.block()
            let (hash, _) = (try one.number(1), try one.number(1))
            stamps.append(
                CertificateTimestamp(
                    logID: id,
                    time: time,
                    extensions: extensions,
                    hash: UInt8(truncatingIfNeeded: hash),
                    signature: try one.block()
                )
            )
        }
        return stamps
    }

    /// The key of a certificate with what kind of key it is, as it stands there.
    private static func keyPart(of certificate: Certificate) throws(Malformed) -> [UInt8] {
        // Version, number, algorithm, issuer, validity, subject, key.
        let parts = try DERPart(Array(certificate.tbsCertificateBytes)).parts
        guard parts.count > 6, parts[0].tag == 0xA0 else { throw Malformed("has an issuer without a key") }
        return parts[6].bytes
    }

    /// What the log was shown: the certificate's content before the log's word was put into it.
    private static func signedPart(of leaf: Certificate) throws(Malformed) -> [UInt8] {
        let parts = try DERPart(Array(leaf.tbsCertificateBytes)).parts
        let kept = try parts.map { part throws(Malformed) -> [UInt8] in
            guard part.bytes.first == 0xA3, let list = try part.parts.first else { return part.bytes }
            let others = try list.parts.filter { item in
                (try? item.parts.first?.bytes) != DERPart.identifier(of: extensionID)
            }
            return DERPart.wrap(0xA3, DERPart.wrap(0x30, others.flatMap(\.bytes)))
        }
        return DERPart.wrap(0x30, kept.flatMap(\.self))
    }
}

/// A part of an encoding in DER.
struct DERPart {
    let bytes: [UInt8]
    private let node: ASN1Node

    init(_ bytes: [UInt8]) throws(Malformed) {
        let node: ASN1Node
        do { node = try DER.parse(bytes) } catch { throw Malformed("holds what is no DER") }
        self.init(node)
    }

    private init(_ node: ASN1Node) {
        self.node = node
        bytes = Array(node.encodedBytes)
    }

    var tag: UInt8 { bytes.first ?? 0 }

    /// The parts of a sequence, a set or a tagged part.
    var parts: [DERPart] {
        get throws(Malformed) {
            guard case .constructed(let nodes) = node.content else { throw Malformed("holds a part without parts") }
            var parts: [DERPart] = []
            for node in nodes { parts.append(DERPart(node)) }
            return parts
        }
    }

    /// The content of a part without parts.
    var octets: [UInt8] {
        get throws(Malformed) {
            guard case .primitive(let bytes) = node.content else { throw Malformed("holds parts where bytes belong") }
            return Array(bytes)
        }
    }

    var identifier: ASN1ObjectIdentifier {
        get throws(Malformed) {
            do { return try ASN1ObjectIdentifier(derEncoded: node) } catch {
                throw Malformed("holds something else than a name")
            }
        }
    }

    static func identifier(of oid: ASN1ObjectIdentifier) -> [UInt8] {
        var serializer = DER.Serializer()
        do { try serializer.serialize(oid) } catch { return [] }
        return serializer.serializedBytes
    }

    static func wrap(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        if content.count < 0x80 { return [tag, UInt8(content.count)] + content }
        var length: [UInt8] = []
        var rest = content.count
        while rest > 0 {
            length.insert(UInt8(truncatingIfNeeded: rest), at: 0)
            rest >>= 8
        }
        return [tag, 0x80 | UInt8(length.count)] + length + content
    }
}

/// Reads numbers and blocks as TLS writes them.
private struct WireReader {
    private let bytes: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { place >= bytes.count }

    mutating func take(_ count: Int) throws(Malformed) -> [UInt8] {
        guard count <= bytes.count - place else { throw Malformed("has a timestamp of a log that is cut short") }
        defer { place += count }
        return Array(bytes[place..<(place + count)])
    }

    mutating func number(_ count: Int) throws(Malformed) -> UInt64 {
        try take(count).reduce(0) { $0 << 8 | UInt64($1) }
    }

    mutating func block() throws(Malformed) -> [UInt8] { try take(Int(try number(2))) }
}
