import Core
import Foundation
import NIOSSL
import SwiftASN1
import Testing
import X509

@testable import Proxy

/// Certificates of one session, and which addresses are public.
@Suite struct AuthorityTests {
    private let now = Timestamp(seconds: 1_800_000_000)

    @Test func makesAnAuthorityThatStrictClientsTake() throws {
        let authority = try SessionAuthority(now: now)
        let certificate = try Certificate(pemEncoded: authority.certificatePEM)
        let constraints = try #require(try certificate.extensions.basicConstraints)
        #expect(constraints == .isCertificateAuthority(maxPathLength: 0))
        #expect(try certificate.extensions.keyUsage == KeyUsage(keyCertSign: true, cRLSign: true))
        #expect(try certificate.extensions.subjectKeyIdentifier != nil)
        #expect(certificate.extensions.allSatisfy { $0.critical == ($0.oid != .X509ExtensionID.subjectKeyIdentifier) })
        #expect(certificate.notValidBefore == Date(timeIntervalSince1970: 1_800_000_000 - 3_600))
        #expect(certificate.notValidAfter == Date(timeIntervalSince1970: 1_800_000_000 + 86_400))
    }

    @Test func makesLeavesForNamesAndAddressesOnce() throws {
        let authority = try SessionAuthority(now: now, capacity: 3)
        let issuer = try Certificate(pemEncoded: authority.certificatePEM)
        for host in ["pypi.org", "192.0.2.1", "2001:db8::1", String(repeating: "a.", count: 100) + "org"] {
            let leaf = try Certificate(derEncoded: authority.leaf(for: host).toDERBytes())
            let names = try #require(try leaf.extensions.subjectAlternativeNames)
            #expect(names.count == 1)
            #expect(try leaf.extensions.extendedKeyUsage?.contains(.serverAuth) ?? false)
            let key = try leaf.extensions.authorityKeyIdentifier?.keyIdentifier
            #expect(try key == issuer.extensions.subjectKeyIdentifier?.keyIdentifier)
            #expect(issuer.publicKey.isValidSignature(leaf.signature, for: leaf))
            let again = try authority.leaf(for: host)
            #expect(try again.toDERBytes() == authority.leaf(for: host).toDERBytes())
        }
    }

    @Test func keepsSessionsApart() throws {
        let one = try Certificate(pemEncoded: SessionAuthority(now: now).certificatePEM)
        let other = try Certificate(pemEncoded: SessionAuthority(now: now).certificatePEM)
        #expect(one.subject != other.subject)
    }

    @Test(arguments: [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "224.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.0.1", "::1", "::", "fe80::1", "fc00::1",
        "fd12::1",
        "::ffff:10.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:db8::1", "ff02::1", "2001::1",
    ])
    func takesTheAddressForAPrivateOne(_ text: String) throws {
        #expect(try #require(AddressLiteral(text)).isPublic == false)
    }

    @Test(arguments: ["8.8.8.8", "172.32.0.1", "151.101.0.223", "2a04:4e42::223", "2606:4700::6810:1"])
    func takesTheAddressForAPublicOne(_ text: String) throws {
        #expect(try #require(AddressLiteral(text)).isPublic)
    }

    @Test(arguments: ["pypi.org", "1.2.3", "a.1", "1.2.3.4.5"]) func takesOtherTextForAName(_ text: String) {
        #expect(AddressLiteral(text) == nil)
    }
}
