internal import NIOCore

/// Takes one line at a time out of a growing buffer. A line ends with CR LF and with nothing else.
struct LineReader {
    /// Bytes already looked through, so that a line that comes byte by byte is not searched again and again.
    private var searched = 0

    /// Nil until the line is complete. `room` is how long it may be with its end; beyond, `excess` is thrown.
    mutating func next(in buffer: inout ByteBuffer, room: Int, excess: Refusal) throws(Refusal) -> ByteBuffer? {
        guard let length = LineReader.length(of: buffer, from: searched) else {
            guard buffer.readableBytes <= room else { throw excess }
            searched = buffer.readableBytes
            return nil
        }
        searched = 0
        guard length < room else { throw excess }
        guard length > 0, buffer.readableBytesUInt8Span[length - 1] == 0x0D else {
            throw .bad("usage.invalid: a line does not end with CR LF")
        }
        let line = buffer.readSlice(length: length - 1)
        buffer.moveReaderIndex(forwardBy: 2)
        return line
    }

    /// How many bytes stand before the first line feed.
    private static func length(of buffer: ByteBuffer, from start: Int) -> Int? {
        let bytes = buffer.readableBytesUInt8Span
        var length = start
        while length < bytes.count, bytes[length] != 0x0A { length += 1 }
        return length < bytes.count ? length : nil
    }
}

/// The alphabets of RFC 9110 §5.6.
enum Octets {
    static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E...0x60, 0x7C, 0x7E: true
        default: false
        }
    }

    /// Visible, blank or beyond ASCII; never CR, LF, NUL or another control.
    static func isFieldValue(_ byte: UInt8) -> Bool {
        (byte >= 0x20 && byte != 0x7F) || byte == 0x09
    }

    static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}

extension LineReader {
    /// One header or trailer line. Folded lines, blanks around the name and controls in the value are refused.
    static func field(_ line: ByteBuffer) throws(Refusal) -> HeaderFieldText {
        let view = line.readableBytesView
        guard let colon = view.firstIndex(of: 0x3A), colon > view.startIndex else {
            throw .bad("usage.invalid: a header line has no name")
        }
        guard view[..<colon].allSatisfy(Octets.isToken) else {
            throw .bad("usage.invalid: a header name has a byte that no name may have")
        }
        var start = colon + 1
        var end = view.endIndex
        while start < end, Octets.isBlank(view[start]) { start += 1 }
        while end > start, Octets.isBlank(view[end - 1]) { end -= 1 }
        guard view[start..<end].allSatisfy(Octets.isFieldValue) else {
            throw .bad("usage.invalid: a header value has a control byte")
        }
        guard let name = String(validating: view[..<colon], as: UTF8.self),
            let value = String(validating: view[start..<end], as: UTF8.self)
        else { throw .bad("usage.invalid: a header value is not UTF-8") }
        return HeaderFieldText(name: name, value: value)
    }
}

/// Name and value of a line, before anybody judged what they mean.
struct HeaderFieldText {
    let name: String
    let value: String
}
