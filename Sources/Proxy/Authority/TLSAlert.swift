internal import NIOSSL

/// Reads why a TLS handshake failed.
enum TLSAlert {
    /// The alerts of clients that do not take our certificate: OpenSSL says unknown_ca, Go bad_certificate, Java
    /// certificate_unknown. In TLS 1.3 OpenSSL sends its alert in the clear, where only encrypted records may come; such
    /// a record is too short to be anything else.
    private static let words = [
        "ALERT_UNKNOWN_CA", "ALERT_BAD_CERTIFICATE", "ALERT_CERTIFICATE_UNKNOWN", "BAD_PACKET_LENGTH",
    ]

    static func isDistrust(_ error: any Error) -> Bool {
        guard case NIOSSLError.handshakeFailed(let reason) = error else { return false }
        let text = "\(reason)"
        return words.contains { text.contains($0) }
    }
}
