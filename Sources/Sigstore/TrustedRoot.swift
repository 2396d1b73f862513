public import Core
internal import JSONText
internal import SwiftASN1
internal import X509

/// Whom a Sigstore instance is made of: its certificate authorities, logs and time-stamping authorities, each with the
/// time for which it is trusted (`trusted_root.json`).
public struct TrustedRoot: Sendable {
    /// A certificate authority with its chain, the one that signs leaves first. Of a time-stamping authority the first is
    /// the one that stamps.
    struct Authority: Sendable {
        let chain: [Certificate]
        let validity: Validity
    }

    /// A log and its key.
    struct Log: Sendable {
        let keyID: [UInt8]
        let key: PublicKey
        /// `rekor.sigstore.dev`: what its checkpoints are signed as.
        let name: String
        let validity: Validity
    }

    let authorities: [Authority]
    let logs: [Log]
    /// Certificate transparency logs.
    let certificateLogs: [Log]
    let timestampAuthorities: [Authority]
    /// Of the file.
    public let digest: Digest

    public static let mediaType = "application/vnd.dev.sigstore.trustedroot+json"

    public init(parsing bytes: [UInt8]) throws(Malformed) {
        let json = try JSON.reading(bytes, "the trusted root")
        guard json["mediaType"]?.string?.hasPrefix(TrustedRoot.mediaType) == true else {
            throw Malformed("is no trusted root of Sigstore")
        }
        authorities = try TrustedRoot.authorities(json, "certificateAuthorities")
        logs = try TrustedRoot.logs(json, "tlogs")
        certificateLogs = try TrustedRoot.logs(json, "ctlogs")
        timestampAuthorities = try TrustedRoot.authorities(json, "timestampAuthorities")
        guard !authorities.isEmpty, !logs.isEmpty else { throw Malformed("names no authority or no log") }
        guard let digest = Digest(.sha256, bytes: Hashing.sha256(bytes)) else { throw Malformed("cannot be hashed") }
        self.digest = digest
    }

    private static func authorities(_ json: JSON, _ key: String) throws(Malformed) -> [Authority] {
        var found: [Authority] = []
        for item in json.list(key) {
            var chain: [Certificate] = []
            for one in item["certChain"]?.list("certificates") ?? [] {
                chain.append(try Certificate.reading(try one.bytes("rawBytes")))
            }
            guard !chain.isEmpty else { throw Malformed("has an authority without a certificate") }
            found.append(Authority(chain: chain, validity: try Validity(item["validFor"])))
        }
        return found
    }

    /// A key of a kind that is not read here is not trusted either.
    private static func logs(_ json: JSON, _ key: String) throws(Malformed) -> [Log] {
        var found: [Log] = []
        for item in json.list(key) {
            guard let holder = item["publicKey"], let id = item["logId"] else {
                throw Malformed("has a log without a key")
            }
            let validity = try Validity(holder["validFor"])
            guard let key = PublicKey(spki: try holder.bytes("rawBytes")) else { continue }
            let address = item["baseUrl"]?.string ?? ""
            let host = address.split(separator: "/", omittingEmptySubsequences: true).dropFirst().first
            found.append(
                Log(keyID: try id.bytes("keyId"), key: key, name: host.map(String.init) ?? address, validity: validity)
            )
        }
        return found
    }
}

extension Certificate {
    static func reading(_ der: [UInt8]) throws(Malformed) -> Certificate {
        do { return try Certificate(derEncoded: der) } catch {
            throw Malformed("has a certificate that cannot be read")
        }
    }
}
