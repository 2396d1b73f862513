internal import Core
internal import Crypto
internal import Foundation
internal import JSONText
internal import SwiftASN1
internal import X509

/// A Sigstore of the tests' own: an authority, a log, and publishers who sign with them.
public struct SigstoreInstance: Sendable {
    private let authority = P256.Signing.PrivateKey()
    private let log = P256.Signing.PrivateKey()
    private let name: DistinguishedName
    private let root: Certificate

    private static let time = Date(timeIntervalSince1970: 1_794_000_000)
    public static let workflow = "https://github.com/acme/demo/.github/workflows/release.yml@refs/tags/v1"
    public static let issuer = "https://token.actions.githubusercontent.com"

    public init() throws {
        name = try DistinguishedName { CommonName("an authority of the tests") }
        root = try Certificate(
            version: .v3,
            serialNumber: Certificate.SerialNumber(),
            publicKey: Certificate.PublicKey(authority.publicKey),
            notValidBefore: Self.time.addingTimeInterval(-86_400),
            notValidAfter: Self.time.addingTimeInterval(86_400 * 3_650),
            issuer: name,
            subject: name,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(keyCertSign: true))
            },
            issuerPrivateKey: Certificate.PrivateKey(authority)
        )
    }

    /// `trusted_root.json`.
    public var trustedRoot: [UInt8] {
        get throws {
            let since: JSON = ["start": "2026-01-01T00:00:00Z"]
            let spki = Array(log.publicKey.derRepresentation)
            let json: JSON = [
                "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
                "certificateAuthorities": [
                    ["certChain": ["certificates": [["rawBytes": .string(try Self.base64(root))]]], "validFor": since]
                ],
                "tlogs": [
                    [
                        "baseUrl": "https://log.test",
                        "logId": ["keyId": .string(Base64.encode(SHA256.hash(data: spki)))],
                        "publicKey": ["rawBytes": .string(Base64.encode(spki)), "validFor": since],
                    ]
                ],
            ]
            return json.canonicalBytes()
        }
    }

    private static func base64(_ certificate: Certificate) throws -> String {
        var serializer = DER.Serializer()
        try serializer.serialize(certificate)
        return Base64.encode(serializer.serializedBytes)
    }

    /// What a publisher signed, as its parts.
    struct Signed {
        let certificate: String
        let entry: JSON
        let payload: String
        let signature: String
    }

    /// What a registry gives out for a file that a workflow published: its name is the file's at PyPI, the purl at npm.
    public func attestations(_ kind: Package.Kind, of name: String, bytes: [UInt8]) throws -> [UInt8] {
        guard kind == .npm else {
            let digest = Hex.encode(Array(SHA256.hash(data: bytes)))
            let subject: JSON = ["name": .string(name), "digest": ["sha256": .string(digest)]]
            return try sign([subject], type: "https://docs.pypi.org/attestations/publish/v1").pypi
        }
        let digest = Hex.encode(Array(SHA512.hash(data: bytes)))
        let subject: JSON = ["name": .string(name), "digest": ["sha512": .string(digest)]]
        return try sign([subject], type: "https://slsa.dev/provenance/v1").npm
    }

    /// A workflow of this repository signs that it made these files.
    func sign(_ subjects: JSON, type: String, repository: String = "https://github.com/acme/demo") throws -> Signed {
        let key = P256.Signing.PrivateKey()
        let leaf = try leaf(key, repository)
        let statement: JSON = [
            "_type": "https://in-toto.io/Statement/v1", "subject": subjects, "predicateType": .string(type),
            "predicate": [:],
        ]
        let payload = statement.canonicalBytes()
        let kind = "application/vnd.in-toto+json"
        let message = Array("DSSEv1 \(kind.utf8.count) \(kind) \(payload.count) ".utf8) + payload
        let signature = Base64.encode(Array(try key.signature(for: message).derRepresentation))
        let certificate = try Self.base64(leaf)
        let pem = "-----BEGIN CERTIFICATE-----\n\(certificate)\n-----END CERTIFICATE-----\n"
        let body: JSON = [
            "apiVersion": "0.0.1", "kind": "dsse",
            "spec": [
                "payloadHash": [
                    "algorithm": "sha256", "value": .string(Hex.encode(Array(SHA256.hash(data: payload)))),
                ],
                "signatures": [
                    ["signature": .string(signature), "verifier": .string(Base64.encode(Array(pem.utf8)))]
                ],
            ],
        ]
        return Signed(
            certificate: certificate,
            entry: try entry(body.canonicalBytes()),
            payload: Base64.encode(payload),
            signature: signature
        )
    }

    private func leaf(_ key: P256.Signing.PrivateKey, _ repository: String) throws -> Certificate {
        func text(_ text: String) -> [UInt8] { [0x0C, UInt8(text.utf8.count)] + Array(text.utf8) }
        return try Certificate(
            version: .v3,
            serialNumber: Certificate.SerialNumber(),
            publicKey: Certificate.PublicKey(key.publicKey),
            notValidBefore: Self.time.addingTimeInterval(-60),
            notValidAfter: Self.time.addingTimeInterval(540),
            issuer: name,
            subject: DistinguishedName(),
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([.codeSigning])
                Critical(SubjectAlternativeNames([.uniformResourceIdentifier(Self.workflow)]))
                Certificate.Extension(
                    oid: [1, 3, 6, 1, 4, 1, 57_264, 1, 8],
                    critical: false,
                    value: text(Self.issuer)[...]
                )
                Certificate.Extension(
                    oid: [1, 3, 6, 1, 4, 1, 57_264, 1, 12],
                    critical: false,
                    value: text(repository)[...]
                )
            },
            issuerPrivateKey: Certificate.PrivateKey(authority)
        )
    }

    /// The only entry of its log.
    private func entry(_ body: [UInt8]) throws -> JSON {
        let id = Array(SHA256.hash(data: Array(log.publicKey.derRepresentation)))
        let time = Int64(Self.time.timeIntervalSince1970)
        let promise: JSON = [
            "body": .string(Base64.encode(body)), "integratedTime": .integer(time), "logID": .string(Hex.encode(id)),
            "logIndex": 0,
        ]
        let root = Base64.encode(Array(SHA256.hash(data: [0] + body)))
        let note = "log.test\n1\n\(root)\n"
        let word = try log.signature(for: Array(note.utf8))
        let signed = id.prefix(4) + Array(word.derRepresentation)
        return [
            "logIndex": "0", "logId": ["keyId": .string(Base64.encode(id))],
            "kindVersion": ["kind": "dsse", "version": "0.0.1"], "integratedTime": .string("\(time)"),
            "inclusionPromise": [
                "signedEntryTimestamp": .string(
                    Base64.encode(Array(try log.signature(for: promise.canonicalBytes()).derRepresentation))
                )
            ],
            "inclusionProof": [
                "logIndex": "0", "treeSize": "1", "rootHash": .string(root), "hashes": [],
                "checkpoint": ["envelope": .string("\(note)\n\u{2014} log.test \(Base64.encode(signed))\n")],
            ],
            "canonicalizedBody": .string(Base64.encode(body)),
        ]
    }
}

extension SigstoreInstance.Signed {
    /// As npm's registry gives it out.
    var npm: [UInt8] {
        let bundle: JSON = [
            "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "verificationMaterial": ["certificate": ["rawBytes": .string(certificate)], "tlogEntries": [entry]],
            "dsseEnvelope": [
                "payload": .string(payload), "payloadType": "application/vnd.in-toto+json",
                "signatures": [["sig": .string(signature), "keyid": ""]],
            ],
        ]
        let json: JSON = [
            "attestations": [
                ["predicateType": "https://github.com/npm/attestation/tree/main/specs/publish/v0.1", "bundle": [:]],
                ["predicateType": "https://slsa.dev/provenance/v1", "bundle": bundle],
            ]
        ]
        return json.canonicalBytes()
    }

    /// As PyPI gives it out.
    var pypi: [UInt8] {
        let json: JSON = [
            "version": 1,
            "attestation_bundles": [
                [
                    "publisher": ["kind": "GitHub"],
                    "attestations": [
                        [
                            "version": 1,
                            "verification_material": [
                                "certificate": .string(certificate), "transparency_entries": [entry],
                            ],
                            "envelope": ["statement": .string(payload), "signature": .string(signature)],
                        ]
                    ],
                ]
            ],
        ]
        return json.canonicalBytes()
    }
}
