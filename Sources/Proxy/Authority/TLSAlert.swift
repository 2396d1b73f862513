internal import NIOSSL

/// Reads why a TLS handshake failed.
enum TLSAlert {
    /// The alerts of clients that do not take our certificate: OpenSSL says unknown_ca, Go bad_certificate, Java
    /// certificate_unknown.
    private static let words = ["ALERT_UNKNOWN_CA", "ALERT_BAD_CERTIFICATE", "ALERT_CERTIFICATE_UNKNOWN"]

    static func isDistrust(_ error: any Error) -> Bool {
        guard error is NIOSSLError || error is BoringSSLError else { return false }
        let text = "\(error)"
        return words.contains { text.contains($0) }
    }
}
