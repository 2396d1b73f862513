extension TransferRequest {
    private static let framing: Set<String> = [
        "connection", "content-length", "expect", "keep-alive", "proxy-connection", "te", "trailer",
        "transfer-encoding", "upgrade",
    ]

    /// The headers that are sent: all but those that would change the framing.
    var sentHeaders: [HeaderField] {
        headers.filter { !Self.framing.contains($0.name.lowercased()) }
    }

    func sends(_ name: String) -> Bool {
        headers.contains { $0.name.lowercased() == name }
    }

    /// Refuses what could add a line to the request or could be read in two ways.
    func check() throws(TransferError) {
        guard !method.isEmpty, method.utf8.allSatisfy(Self.isToken) else {
            throw .invalidRequest("the method is not a token")
        }
        guard !url.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7f }) else {
            throw .invalidRequest("the URL holds a blank or a control character")
        }
        for field in headers {
            guard !field.name.isEmpty, field.name.utf8.allSatisfy(Self.isToken) else {
                throw .invalidRequest("a header name is not a token")
            }
            guard !field.value.utf8.contains(where: { $0 == 0 || $0 == 0x0a || $0 == 0x0d }) else {
                throw .invalidRequest("the value of header \(field.name) holds a line break or a zero byte")
            }
        }
        if let body, body.size < 0 { throw .invalidRequest("the size of the body is negative") }
    }

    /// RFC 9110 section 5.6.2.
    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
