internal import Attestation
internal import Core
internal import Kernel
internal import Policy
internal import Storage
internal import Transfer

/// Policy from outside the repository: what the organisation signed, and a text that was named by its address.
struct OutsidePolicy: Sendable {
    /// The registry's signed policy, checked.
    struct Organisation: Sendable {
        let source: PolicySource
        let digest: Digest
        let keyID: String
        let serial: Int64
        /// When the copy was fetched, where the registry could not be asked now.
        let copied: Timestamp?

        var words: String {
            let copy = copied.map { ", a copy of \($0)" } ?? ""
            return "organisation \(source.name) (serial \(serial), key \(keyID.prefix(16))\(copy))"
        }
    }

    var organisation: Organisation?
    /// What `--policy URL` names.
    var chosen: PolicySource?

    static let none = OutsidePolicy()

    /// Fetches what the settings ask for. Without a good answer, or a good copy that is not too old, nothing is started.
    static func fetch(_ settings: Settings, now: Timestamp) async throws(Problem) -> OutsidePolicy {
        var outside = OutsidePolicy()
        let shelf = PolicyCopies(settings)
        let trust = try trust(settings)
        if let trust {
            guard let registry = settings.registry else {
                throw settings.options.invalid(
                    "policy-trust",
                    "asks for the registry's policy, and no registry is named",
                    "Add --registry URL, or leave --policy-trust away."
                )
            }
            outside.organisation = try await shelf.organisation(registry, trust, now)
        }
        if let text = settings.options.text("policy"), text.hasPrefix("http://") || text.hasPrefix("https://") {
            outside.chosen = try await chosen(text, settings, shelf, trust, now)
        }
        return outside
    }

    private static func trust(_ settings: Settings) throws(Problem) -> TrustFile? {
        guard let name = settings.options.text("policy-trust") else { return nil }
        let bytes: [UInt8]
        do throws(SystemError) { bytes = try Files.readAll(settings.path(name), limit: 1 << 20) } catch {
            throw settings.options.invalid(
                "policy-trust",
                "could not be read (\(error))",
                "Name the file with the keys that sign the organisation's policy."
            )
        }
        return try TrustFile.read(bytes, named: name)
    }

    /// A text at an address: with `#sha256=HEX` its bytes must be those; without, it must be a policy that a key of
    /// `--policy-trust` has signed.
    private static func chosen(
        _ text: String,
        _ settings: Settings,
        _ shelf: PolicyCopies,
        _ trust: TrustFile?,
        _ now: Timestamp
    ) async throws(Problem) -> PolicySource {
        let url: HTTPURL
        do { url = try HTTPURL(text) } catch {
            throw settings.options.invalid("policy", error.what, "Give an absolute URL without user and password.")
        }
        let name = url.withoutFragment.redacted
        // What purser.yml names, the commit can change.
        var isOwn = false
        if case .file = settings.options.source("policy") { isOwn = true }
        let layer: PolicyLayer = isOwn ? .repository : .organisation
        if let fragment = url.fragment {
            guard fragment.hasPrefix("sha256="), let digest = Digest(.sha256, hex: String(fragment.dropFirst(7))) else {
                throw settings.options.invalid("policy", "has a fragment that is no digest", "Write URL#sha256=HEX.")
            }
            return PolicySource(layer, name: name, text: try await shelf.text(at: url, digest))
        }
        guard let trust else {
            throw settings.options.invalid(
                "policy",
                "is an address, and what it serves may change at any time",
                "Pin it with URL#sha256=HEX, or name the keys that sign it with --policy-trust FILE."
            )
        }
        let bytes = try await shelf.bytes(at: url, limit: 8 << 20)
        let signed = try TrustedPolicy(verifying: bytes, trust: trust, now: now)
        return PolicySource(layer, name: name, text: signed.policy.text)
    }
}
