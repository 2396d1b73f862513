internal import Core
internal import RegistryClient
internal import Transfer

/// The central registry as `--registry` names it: where it is, which repository, and the token for it.
struct RegistryAddress: Sendable {
    let base: HTTPURL
    let repository: String
    let token: Secret?

    /// `http://host:8080/acme`; without a path the repository is `main`.
    init(_ text: String, token: Secret?) throws(Problem) {
        let url: HTTPURL
        do { url = try HTTPURL(text) } catch {
            throw RegistryAddress.invalid(text, error.what)
        }
        let segments = url.segments
        guard segments.count <= 1, url.query == nil else {
            throw RegistryAddress.invalid(text, "has more behind its host than the name of a repository")
        }
        repository = segments.first ?? "main"
        do { base = try HTTPURL(origin: url.origin, target: "/") } catch {
            throw RegistryAddress.invalid(text, error.what)
        }
        self.token = token
    }

    private static func invalid(_ text: String, _ what: String) -> Problem {
        Problem(
            .usageInvalid,
            subject: "--registry",
            summary: what,
            remedy:
                "Give http(s)://host[:port][/repository], without user and password; the token has an option of its own."
        )
    }
}

extension RegistryAddress {
    /// A client for this registry, with this job's proxy and trust settings.
    func client(_ environment: [String: String]) throws(Problem) -> RegistryClient {
        do throws(TransferError) {
            let engine = try TransferEngine(TransferConfiguration(userAgent: "purser", environment: environment))
            return RegistryClient(base, token: token, engine: engine)
        } catch {
            throw Problem(
                .registryUnreachable,
                subject: base.redacted,
                summary: "cannot be asked (\(error))",
                remedy: "Check SSL_CERT_FILE and the proxy settings."
            )
        }
    }
}
