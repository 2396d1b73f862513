internal import Core

/// One PEM block (RFC 7468), read strictly: the label that was asked for, nothing before or after, canonical base64.
enum PEM {
    static func encode(_ bytes: [UInt8], label: String) -> String {
        var rest = Substring(Base64.encode(bytes))
        var lines: [Substring] = []
        while !rest.isEmpty {
            lines.append(rest.prefix(64))
            rest = rest.dropFirst(64)
        }
        return "-----BEGIN \(label)-----\n\(lines.joined(separator: "\n"))\n-----END \(label)-----\n"
    }

    /// Nil unless the text is exactly one block with this label; line ends may be CRLF, as files from Windows have.
    static func decode(_ text: String, label: String, maximumBytes: Int = 65_536) -> [UInt8]? {
        guard text.utf8.count <= maximumBytes else { return nil }
        var lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        while lines.last?.isEmpty == true { lines.removeLast() }
        while lines.first?.isEmpty == true { lines.removeFirst() }
        guard lines.count >= 3, lines[0] == "-----BEGIN \(label)-----", lines.last == "-----END \(label)-----" else {
            return nil
        }
        let body = lines.dropFirst().dropLast()
        // Every line but the last has 64 characters, so that one key has one text.
        guard body.dropLast().allSatisfy({ $0.utf8.count == 64 }),
            body.last.map({ (1...64).contains($0.utf8.count) }) == true
        else { return nil }
        return Base64.decode(body.joined())
    }
}
