internal import Core
internal import FoundationEssentials
internal import SwiftASN1
internal import X509

/// A certificate that publishers or time-stamping authorities sign with, and how it leads to an authority of the root.
enum CertificateChain {
    /// What the leaf must be for.
    enum Purpose {
        case codeSigning, timeStamping

        var usage: ExtendedKeyUsage.Usage { self == .codeSigning ? .codeSigning : .timeStamping }
    }

    private static let understood: Set<ASN1ObjectIdentifier> = [
        .X509ExtensionID.basicConstraints, .X509ExtensionID.keyUsage, .X509ExtensionID.extendedKeyUsage,
        .X509ExtensionID.subjectAlternativeName,
    ]

    /// Throws unless each signed the one before, all were valid at that time, and each may do what it did. `chain` starts
    /// with the leaf and ends with what is trusted.
    static func check(_ chain: [Certificate], at time: Timestamp, for purpose: Purpose) throws(Malformed) {
        guard let leaf = chain.first, chain.count > 1 else { throw Malformed("has a certificate that leads nowhere") }
        let moment = Date(timeIntervalSince1970: Double(time.seconds))
        for certificate in chain {
            guard certificate.notValidBefore <= moment, moment <= certificate.notValidAfter else {
                throw Malformed("has a certificate that was not valid at \(time)")
            }
            let stranger = certificate.extensions.first { $0.critical && !understood.contains($0.oid) }
            if let stranger { throw Malformed("has a certificate with a rule that is not known here: \(stranger.oid)") }
        }
        guard let usages = try? leaf.extensions.extendedKeyUsage, usages.contains(purpose.usage) else {
            throw Malformed("has a certificate that is not for this")
        }
        guard (try? leaf.extensions.keyUsage)?.digitalSignature == true else {
            throw Malformed("has a certificate that may not sign")
        }
        for (depth, (certificate, issuer)) in zip(chain, chain.dropFirst()).enumerated() {
            guard certificate.issuer == issuer.subject, isAuthority(issuer, below: depth),
                issuer.publicKey.isValidSignature(certificate.signature, for: certificate)
            else { throw Malformed("has a certificate that its issuer did not sign") }
        }
    }

    /// `below`: how many authorities stand between it and the leaf.
    private static func isAuthority(_ certificate: Certificate, below: Int) -> Bool {
        guard case .isCertificateAuthority(let most) = try? certificate.extensions.basicConstraints,
            most.map({ below <= $0 }) ?? true, let usage = try? certificate.extensions.keyUsage
        else { return false }
        return usage.keyCertSign
    }
}

extension TrustedRoot {
    /// The authority that issued a leaf which signed at these times.
    func issuer(of leaf: Certificate, at times: [Timestamp]) throws(Malformed) -> Certificate {
        var why = Malformed("has a certificate of an authority that the trusted root does not name")
        for authority in authorities where authority.chain.first?.subject == leaf.issuer {
            do throws(Malformed) {
                for time in times {
                    guard authority.validity.covers(time) else {
                        throw Malformed("has a certificate of an authority that was not trusted at \(time)")
                    }
                    try CertificateChain.check([leaf] + authority.chain, at: time, for: .codeSigning)
                }
                return authority.chain[0]
            } catch { why = error }
        }
        throw why
    }
}

extension Certificate {
    /// True for one that stands for itself: a root has no place in a bundle.
    var isRoot: Bool { subject == issuer }
}
