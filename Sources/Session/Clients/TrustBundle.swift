internal import Core
internal import Kernel

/// The certificates that clients of a session trust: the system's, those the user already named, and the session's own.
/// Additive, so that other HTTPS keeps working.
enum TrustBundle {
    /// Variables that replace a client's whole trust store; what they name is merged in, not dropped.
    static let replacingVariables = [
        "SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "PIP_CERT", "NODE_EXTRA_CA_CERTS", "GIT_SSL_CAINFO",
        "CARGO_HTTP_CAINFO", "AWS_CA_BUNDLE", "npm_config_cafile", "COMPOSER_CAFILE", "DENO_CERT",
        "BUNDLE_SSL_CA_CERT",
    ]

    static let systemBundles = [
        "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem",
        "/etc/ssl/ca-bundle.pem",
    ]

    /// The certificates of others. A file that the user names and that cannot be read is an error, not a silent loss of trust.
    static func named(in environment: [String: String]) throws(Problem) -> [UInt8] {
        var bundle: [UInt8] = []
        var read: Set<String> = []
        var paths: [(path: String, variable: String?)] = []
        if let system = systemBundles.first(where: { Files.exists($0) }) { paths.append((system, nil)) }
        for variable in replacingVariables {
            if let path = environment[variable], !path.isEmpty { paths.append((path, variable)) }
        }
        for (path, variable) in paths where read.insert(path).inserted {
            do {
                bundle += try Files.readAll(path, limit: 8 << 20)
                if bundle.last != 0x0A { bundle.append(0x0A) }
            } catch {
                throw Problem(
                    .configUnreadable,
                    subject: variable.map { "\($0)=\(path)" } ?? path,
                    summary: "names certificates that cannot be read (\(error))",
                    remedy: "Correct the variable or the file's permissions, or unset it."
                )
            }
        }
        return bundle
    }
}
