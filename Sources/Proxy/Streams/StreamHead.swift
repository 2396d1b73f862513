internal import NIOCore
internal import NIOHPACK
internal import Upstream

/// The head of a message as HTTP/2 has it, and as HTTP/1.1 prints it.
enum StreamHead {
    /// Nil where the fields could be read as something else once they are text.
    static func print(_ fields: HPACKHeaders, hasBody: Bool) -> (text: ByteBuffer, isChunked: Bool)? {
        guard let method = fields.first(name: ":method"), let path = fields.first(name: ":path"),
            method.utf8.allSatisfy(Octets.isToken), path.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            let host = fields.first(name: ":authority") ?? fields.first(name: "host"), !method.isEmpty,
            host.utf8.allSatisfy(Octets.isFieldValue)
        else { return nil }
        var text = ByteBuffer()
        text.writeString("\(method) \(path) HTTP/1.1\r\n")
        var isChunked = hasBody
        text.writeString("host: \(host)\r\n")
        for field in fields where !field.name.hasPrefix(":") {
            let (name, value) = (field.name, field.value)
            guard name.utf8.allSatisfy(Octets.isToken), value.utf8.allSatisfy(Octets.isFieldValue) else { return nil }
            if name == "host" {
                guard value == host else { return nil }
                continue
            }
            if name == "content-length" { isChunked = false }
            text.writeString("\(name): \(value)\r\n")
        }
        text.writeString(isChunked ? "transfer-encoding: chunked\r\n\r\n" : "\r\n")
        return (text, isChunked)
    }

    /// Takes one printed head off the front; nil until all of it is there.
    static func read(_ bytes: inout ByteBuffer) -> (fields: HPACKHeaders, isFinal: Bool)? {
        let view = bytes.readableBytesView
        guard let end = view.firstRange(of: [0x0D, 0x0A, 0x0D, 0x0A]) else { return nil }
        let length = view.distance(from: view.startIndex, to: end.upperBound)
        guard let text = bytes.readString(length: length) else { return nil }
        let lines = text.split(separator: "\r\n")
        let status = lines.first?.split(separator: " ").dropFirst().first ?? "502"
        var fields: HPACKHeaders = [":status": String(status)]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let name = line[..<colon].lowercased()
            // RFC 9113 §8.2.2: what belongs to a connection has no place in a stream.
            guard name != "connection", name != "transfer-encoding", name != "keep-alive" else { continue }
            fields.add(name: name, value: String(line[line.index(after: colon)...].drop { $0 == " " }))
        }
        return (fields, !status.hasPrefix("1"))
    }
}
