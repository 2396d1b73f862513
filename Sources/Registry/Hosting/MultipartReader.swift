/// Reads a `multipart/form-data` body (RFC 7578) as it arrives, strictly and within limits: no preamble, no other
/// transfer encoding, no missing end.
struct MultipartReader {
    /// What a stretch of bytes meant.
    enum Event: Hashable {
        case part(name: String, file: String?)
        case content([UInt8])
        case partEnd
    }

    /// Why a body is no form that we read.
    enum Failure: Error, Hashable {
        case malformed(String)
        case tooManyParts(Int)
        case headTooLong(Int)
    }

    private enum State { case start, head, content, ended }

    private let delimiter: [UInt8]
    private let partLimit: Int
    private let headLimit = 16 << 10
    private var buffer: [UInt8]
    private var state = State.start
    private var parts = 0
    /// Bytes at the front of the buffer that belong to the head before it.
    private var foreign = 0

    /// Nil where the content type is no multipart form with a lawful boundary.
    init?(contentType: String, partLimit: Int = 1_000) {
        let fields = HeaderParameters(contentType)
        guard let fields, fields.value == "multipart/form-data", let boundary = fields.parameters["boundary"],
            (1...70).contains(boundary.utf8.count), !boundary.hasSuffix(" "),
            boundary.utf8.allSatisfy(MultipartReader.isBoundaryByte)
        else { return nil }
        delimiter = Array("\r\n--\(boundary)".utf8)
        self.partLimit = partLimit
        // The first delimiter has no line before it.
        buffer = [0x0D, 0x0A]
    }

    /// True once the closing delimiter came; a body that ends before is cut.
    var isComplete: Bool { state == .ended }

    mutating func feed(_ bytes: [UInt8]) throws(Failure) -> [Event] {
        buffer += bytes
        var events: [Event] = []
        while try step(&events) {}
        return events
    }

    private mutating func step(_ events: inout [Event]) throws(Failure) -> Bool {
        switch state {
        case .start:
            guard buffer.count >= delimiter.count else { return false }
            guard buffer.starts(with: delimiter) else { throw .malformed("does not begin with its boundary") }
            return try endDelimiter(at: 0, &events)
        case .head: return try readHead(&events)
        case .content: return try readContent(&events)
        case .ended:
            guard buffer.allSatisfy({ $0 == 0x0D || $0 == 0x0A }), buffer.count <= 2 else {
                throw .malformed("goes on after its end")
            }
            return false
        }
    }

    /// What follows a delimiter: another part, or the end.
    private mutating func endDelimiter(at place: Int, _ events: inout [Event]) throws(Failure) -> Bool {
        let end = place + delimiter.count
        guard buffer.count >= end + 2 else { return false }
        let mark = (buffer[end], buffer[end + 1])
        if place > foreign { events.append(.content(Array(buffer[foreign..<place]))) }
        foreign = 0
        if state == .content { events.append(.partEnd) }
        switch mark {
        case (0x0D, 0x0A): state = .head
        case (0x2D, 0x2D): state = .ended
        default: throw .malformed("has its boundary within a part")
        }
        buffer.removeFirst(end + 2)
        return true
    }

    private mutating func readHead(_ events: inout [Event]) throws(Failure) -> Bool {
        let blank: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A]
        guard let end = buffer.firstRange(of: blank)?.lowerBound, end <= headLimit else {
            guard buffer.count <= headLimit else { throw .headTooLong(headLimit) }
            return false
        }
        parts += 1
        guard parts <= partLimit else { throw .tooManyParts(partLimit) }
        guard let text = String(validating: buffer[..<end], as: UTF8.self) else {
            throw .malformed("has a part whose head is not UTF-8")
        }
        events.append(try MultipartReader.part(text))
        // A part may be empty: then the delimiter begins with the line break that ends the head.
        buffer.removeFirst(end + 2)
        foreign = 2
        state = .content
        return true
    }

    private mutating func readContent(_ events: inout [Event]) throws(Failure) -> Bool {
        if let place = buffer.firstRange(of: delimiter)?.lowerBound {
            return try endDelimiter(at: place, &events)
        }
        // The last bytes may be the beginning of the delimiter.
        let kept = min(buffer.count, delimiter.count - 1)
        guard buffer.count - kept > foreign else { return false }
        events.append(.content(Array(buffer[foreign..<(buffer.count - kept)])))
        foreign = 0
        buffer.removeFirst(buffer.count - kept)
        return false
    }

    private static func part(_ head: String) throws(Failure) -> Event {
        var name: String?
        var file: String?
        for line in head.split(separator: "\r\n") {
            let pair = line.split(separator: ":", maxSplits: 1)
            guard pair.count == 2 else { throw .malformed("has a part with a line that is no header") }
            let value = String(pair[1]).trimmingBlanks()
            switch pair[0].lowercased() {
            case "content-disposition":
                guard name == nil, let fields = HeaderParameters(value), fields.value == "form-data",
                    let own = fields.parameters["name"]
                else { throw .malformed("has a part without a name") }
                name = own
                file = fields.parameters["filename"]
            case "content-transfer-encoding":
                guard ["binary", "8bit", "7bit"].contains(value.lowercased()) else {
                    throw .malformed("has a part in the transfer encoding '\(value.prefix(40))'")
                }
            default: continue
            }
        }
        guard let name else { throw .malformed("has a part without a name") }
        return .part(name: name, file: file)
    }

    private static func isBoundaryByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "'()+_,-./:=? ".utf8.contains(byte)
        }
    }
}

/// A header value with parameters: `form-data; name="content"; filename="a.whl"`.
struct HeaderParameters {
    /// In lower case.
    let value: String
    /// Under lower-case names.
    let parameters: [String: String]

    /// Nil where it cannot be read without guessing: a parameter twice, a quote that does not end, control bytes.
    init?(_ text: String) {
        guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { return nil }
        var rest = text[...]
        value = rest.prefix { $0 != ";" }.lowercased().trimmingBlanks()
        rest = rest.drop { $0 != ";" }
        var parameters: [String: String] = [:]
        while !rest.isEmpty {
            rest = rest.dropFirst().drop { $0 == " " || $0 == "\t" }
            if rest.isEmpty { break }
            guard let equals = rest.firstIndex(of: "=") else { return nil }
            let name = rest[..<equals].lowercased()
            rest = rest[rest.index(after: equals)...]
            guard let value = HeaderParameters.value(&rest), parameters.updateValue(value, forKey: name) == nil else {
                return nil
            }
        }
        self.parameters = parameters
    }

    private static func value(_ rest: inout Substring) -> String? {
        guard rest.first == "\"" else {
            let token = rest.prefix { $0 != ";" }
            rest = rest[token.endIndex...]
            return String(token).trimmingBlanks()
        }
        rest = rest.dropFirst()
        var value = ""
        while let character = rest.popFirst() {
            switch character {
            case "\"":
                rest = rest.drop { $0 == " " || $0 == "\t" }
                return rest.isEmpty || rest.first == ";" ? value : nil
            case "\\":
                guard let escaped = rest.popFirst() else { return nil }
                value.append(escaped)
            default: value.append(character)
            }
        }
        return nil
    }
}
