/// Reads header lines as they come and gives out the one final head; interim answers and trailers are skipped.
struct HeadReader {
    struct Parts {
        var status = 0
        var reason = ""
        var version = ""
        var headers: [HeaderField] = []
    }

    private enum Place { case status, fields, done }

    private let limit: Int
    private var seen = 0
    private var place = Place.status
    private var parts = Parts()

    init(limit: Int) {
        self.limit = limit
    }

    /// Takes one line with its line break; the final head when this line ends it.
    mutating func read(_ bytes: [UInt8]) throws(TransferError) -> Parts? {
        seen += bytes.count
        guard seen <= limit else { throw .tooLarge(limit: Int64(limit)) }
        var line = bytes[...]
        if line.last == 0x0a { line.removeLast() }
        if line.last == 0x0d { line.removeLast() }
        switch place {
        case .done:
            return nil
        case .status:
            try readStatus(line)
            place = .fields
            return nil
        case .fields where line.isEmpty:
            return try finish()
        case .fields:
            try readField(line)
            return nil
        }
    }

    private mutating func readStatus(_ line: ArraySlice<UInt8>) throws(TransferError) {
        let words = line.split(separator: 0x20, maxSplits: 2, omittingEmptySubsequences: false)
        guard words.count >= 2, words[0].starts(with: "HTTP/".utf8), words[1].count == 3,
            let status = Int(text(words[1])), 100...999 ~= status
        else { throw .badResponse("the status line cannot be read") }
        parts = Parts(status: status, reason: words.count > 2 ? text(words[2]) : "", version: text(words[0]))
    }

    private mutating func readField(_ line: ArraySlice<UInt8>) throws(TransferError) {
        if line.first == 0x20 || line.first == 0x09 {
            guard !parts.headers.isEmpty else { throw .badResponse("a header line is continued before any began") }
            parts.headers[parts.headers.count - 1].value += " " + text(trimmed(line))
            return
        }
        guard let colon = line.firstIndex(of: 0x3a), colon > line.startIndex else {
            throw .badResponse("a header line has no name")
        }
        let name = line[..<colon]
        guard !name.contains(where: { $0 <= 0x20 || $0 == 0x7f }) else {
            throw .badResponse("a header name holds a blank")
        }
        parts.headers.append(HeaderField(name: text(name), value: text(trimmed(line[line.index(after: colon)...]))))
    }

    private mutating func finish() throws(TransferError) -> Parts? {
        guard parts.status != 101 else { throw .badResponse("the peer changed the protocol unasked") }
        guard parts.status >= 200 else {
            place = .status
            return nil
        }
        place = .done
        let lengths = Set(parts.headers.filter { $0.name.lowercased() == "content-length" }.map(\.value))
        guard lengths.count <= 1 else { throw .badResponse("two lengths are given") }
        // curl takes an answer whose length or coding it cannot read for one that ends with its connection, which would
        // make a cut one look whole.
        if let length = lengths.first, Int64(length) == nil { throw .badResponse("its length is no number") }
        let codings = parts.headers.filter { $0.name.lowercased() == "transfer-encoding" }.map { $0.value.lowercased() }
        guard codings.isEmpty || codings == ["chunked"] || codings == ["identity"] else {
            throw .badResponse("its transfer coding is not 'chunked' alone")
        }
        return parts
    }

    private func trimmed(_ slice: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
        let head = slice.drop(while: isBlank)
        guard let last = head.lastIndex(where: { !isBlank($0) }) else { return [] }
        return head[...last]
    }

    /// Header bytes are UTF-8 where they can be, else Latin-1: nothing is lost.
    private func text(_ bytes: ArraySlice<UInt8>) -> String {
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        var scalars = String.UnicodeScalarView()
        scalars.append(contentsOf: bytes.map { Unicode.Scalar($0) })
        return String(scalars)
    }
}
