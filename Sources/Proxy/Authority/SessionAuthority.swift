public import Core
internal import Crypto
internal import FoundationEssentials
internal import NIOConcurrencyHelpers
internal import NIOSSL
internal import SwiftASN1
internal import X509

/// The certificate authority of one session: signs a leaf for every host we answer as.
///
/// Its keys live in memory only and die with the process; the certificate is what clients are told to trust.
public final class SessionAuthority: Sendable {
    /// What clients have to trust, PEM.
    public let certificatePEM: String

    /// The name under which OpenSSL looks the certificate up in a folder, without its number.
    public let lookupName: String

    private let name: DistinguishedName
    private let key: Certificate.PrivateKey
    private let keyIdentifier: SubjectKeyIdentifier
    /// One key serves all leaves: they all end in this process anyhow.
    private let leafKey: Certificate.PrivateKey
    private let leafKeySource: NIOSSLPrivateKeySource
    private let validity: ClosedRange<Date>
    private let leaves = NIOLockedValueBox<[String: NIOSSLCertificate]>([:])
    private let capacity: Int

    /// Certificates are valid from an hour before `now` (clocks of containers lag) for a day.
    public init(now: Timestamp, capacity: Int = 1_024) throws(Problem) {
        self.capacity = capacity
        let middle = Date(timeIntervalSince1970: Double(now.seconds))
        validity = middle.addingTimeInterval(-3_600)...middle.addingTimeInterval(86_400)
        key = Certificate.PrivateKey(P256.Signing.PrivateKey())
        leafKey = Certificate.PrivateKey(P256.Signing.PrivateKey())
        keyIdentifier = SubjectKeyIdentifier(hash: key.publicKey)
        do {
            // Stores that look issuers up by name must not mix up two sessions.
            let label = Hex.encode(keyIdentifier.keyIdentifier.prefix(4))
            name = try DistinguishedName { CommonName("Purser session \(label)") }
            lookupName = SessionAuthority.lookupName("Purser session \(label)")
            leafKeySource = .privateKey(
                try NIOSSLPrivateKey(bytes: Array(leafKey.serializeAsPEM().derBytes), format: .der)
            )
            let certificate = try SessionAuthority.certificate(name, key, keyIdentifier, validity)
            certificatePEM = try certificate.serializeAsPEM().pemString
        } catch {
            throw SessionAuthority.failure("the session's authority", error)
        }
    }

    /// The first four bytes, backwards, of the SHA-1 of the name in OpenSSL's canonical form: lower case, UTF-8.
    private static func lookupName(_ text: String) -> String {
        let value = Array(text.lowercased().utf8)
        let pair = [0x06, 0x03, 0x55, 0x04, 0x03, 0x0C, UInt8(value.count)] + value
        let sequence = [0x30, UInt8(pair.count)] + pair
        let digest = Insecure.SHA1.hash(data: [0x31, UInt8(sequence.count)] + sequence)
        return Hex.encode(digest.prefix(4).reversed())
    }

    /// The leaf for a host name or literal address, minted once.
    func leaf(for host: String) throws(Problem) -> NIOSSLCertificate {
        if let known = leaves.withLockedValue({ $0[host] }) { return known }
        do {
            let leaf = try mint(host)
            leaves.withLockedValue { known in
                // Hosts come from clients: forget rather than grow.
                if known.count >= capacity { known.removeAll() }
                known[host] = leaf
            }
            return leaf
        } catch {
            throw SessionAuthority.failure(host, error)
        }
    }

    var privateKey: NIOSSLPrivateKeySource { leafKeySource }

    private func mint(_ host: String) throws -> NIOSSLCertificate {
        let subject = try DistinguishedName { CommonName(host.utf8.count <= 64 ? host : "Purser leaf") }
        let leaf = try Certificate(
            version: .v3,
            serialNumber: Certificate.SerialNumber(),
            publicKey: leafKey.publicKey,
            notValidBefore: validity.lowerBound,
            notValidAfter: validity.upperBound,
            issuer: name,
            subject: subject,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([.serverAuth])
                SubjectAlternativeNames([try SessionAuthority.name(of: host)])
                AuthorityKeyIdentifier(keyIdentifier: keyIdentifier.keyIdentifier)
            },
            issuerPrivateKey: key
        )
        var serializer = DER.Serializer()
        try leaf.serialize(into: &serializer)
        return try NIOSSLCertificate(bytes: serializer.serializedBytes, format: .der)
    }

    private static func name(of host: String) throws -> GeneralName {
        guard let address = AddressLiteral(host) else { return .dnsName(host) }
        return .ipAddress(ASN1OctetString(contentBytes: address.bytes[...]))
    }

    private static func certificate(
        _ name: DistinguishedName,
        _ key: Certificate.PrivateKey,
        _ identifier: SubjectKeyIdentifier,
        _ validity: ClosedRange<Date>
    ) throws -> Certificate {
        try Certificate(
            version: .v3,
            serialNumber: Certificate.SerialNumber(),
            publicKey: key.publicKey,
            notValidBefore: validity.lowerBound,
            notValidAfter: validity.upperBound,
            issuer: name,
            subject: name,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(keyCertSign: true, cRLSign: true))
                identifier
            },
            issuerPrivateKey: key
        )
    }

    private static func failure(_ subject: String, _ error: any Error) -> Problem {
        Problem(
            .bug,
            subject: subject,
            summary: "no certificate could be made",
            remedy: "report this with the output of 'purser doctor'",
            details: ["cause": "\(error)"]
        )
    }
}
