internal import Gateway
internal import NIOCore
internal import Upstream

/// How the body of an answer is delimited on the wire.
enum ReplyFraming: Hashable, Sendable {
    /// No body follows, whatever the head announces.
    case empty
    case length(Int64)
    case chunked
    /// Without a known length in HTTP/1.0 or HTTP/2: the end of the connection, or stream, is the end of the body.
    case untilClose

    init(_ reply: Reply, to head: RequestHead?, isStream: Bool = false) {
        guard head?.method != "HEAD", reply.mayHaveBody else {
            self = .empty
            return
        }
        switch reply.announcedLength {
        case .some(let length): self = length == 0 ? .empty : .length(length)
        case .none: self = isStream || head?.isVersion10 ?? true ? .untilClose : .chunked
        }
    }
}

extension Reply {
    var mayHaveBody: Bool { status != 204 && status != 304 && status >= 200 }

    /// Nil where nobody knows.
    var announcedLength: Int64? {
        switch body {
        case .none: 0
        case .bytes(let bytes): Int64(bytes.count)
        case .file(_, let range): range.upperBound - range.lowerBound
        case .stream(let length, _), .head(let length): length
        }
    }
}

/// Prints status line and headers.
enum ReplyHead {
    static func print(_ reply: Reply, framing: ReplyFraming, to head: RequestHead?, closes: Bool) -> ByteBuffer {
        var text = ByteBuffer()
        text.reserveCapacity(512)
        let isStatus = (200...599).contains(reply.status)
        text.writeStaticString("HTTP/1.1 ")
        text.writeString(String(isStatus ? reply.status : 502))
        text.writeStaticString(" ")
        text.writeString(printable(reply.reason ?? standardReason(reply.status)))
        text.writeStaticString("\r\n")
        for field in reply.headers where isProper(field) {
            text.writeString(field.name)
            text.writeStaticString(": ")
            text.writeString(field.value)
            text.writeStaticString("\r\n")
        }
        switch framing {
        case .chunked: text.writeStaticString("Transfer-Encoding: chunked\r\n")
        case .untilClose: break
        case .empty, .length:
            // RFC 9110 §8.6: an answer to HEAD announces what GET would send; 204 and 304 announce nothing.
            if reply.mayHaveBody, let length = reply.announcedLength, !(head?.method == "HEAD" && reply.hasNoBody) {
                text.writeString("Content-Length: \(length)\r\n")
            }
        }
        if closes {
            text.writeStaticString("Connection: close\r\n")
        } else if head?.isVersion10 ?? false {
            text.writeStaticString("Connection: keep-alive\r\n")
        }
        text.writeStaticString("\r\n")
        return text
    }

    /// A value with a line end in it would let an upstream write headers or a whole second answer.
    private static func isProper(_ field: HeaderField) -> Bool {
        guard !field.name.isEmpty, field.name.utf8.allSatisfy(Octets.isToken),
            field.value.utf8.allSatisfy(Octets.isFieldValue)
        else { return false }
        switch field.name.utf8.count {
        case 7: return !field.isNamed("upgrade") && !field.isNamed("trailer")
        case 10: return !field.isNamed("connection") && !field.isNamed("keep-alive")
        case 14: return !field.isNamed("content-length")
        case 16: return !field.isNamed("proxy-connection")
        case 17: return !field.isNamed("transfer-encoding")
        default: return true
        }
    }

    private static func printable(_ reason: String) -> String {
        guard !reason.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) || reason.utf8.count > 200 else { return reason }
        let text = reason.unicodeScalars.prefix(200).map { (0x20...0x7E).contains($0.value) ? Character($0) : "?" }
        return String(text)
    }

    private static func standardReason(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 206: "Partial Content"
        case 301: "Moved Permanently"
        case 302: "Found"
        case 304: "Not Modified"
        case 307: "Temporary Redirect"
        case 308: "Permanent Redirect"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 409: "Conflict"
        case 410: "Gone"
        case 412: "Precondition Failed"
        case 416: "Range Not Satisfiable"
        case 429: "Too Many Requests"
        case 500: "Internal Server Error"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        default: status < 400 ? "OK" : "Error"
        }
    }
}

extension Reply {
    fileprivate var hasNoBody: Bool {
        if case .none = body { true } else { false }
    }
}
