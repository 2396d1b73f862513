internal import Core
internal import JSONText

/// The core's words as they are read from and printed to JSON.
extension JSONField {
    func purl() throws(JSONFieldError) -> Purl {
        let text = try string()
        do { return try Purl(parsing: text) } catch { throw refused("is not a purl: \(error.what)") }
    }

    /// `sha256:HEX`, lower case.
    func digest() throws(JSONFieldError) -> Digest {
        try text("a digest such as sha256:…") { text in
            Digest(text).flatMap { $0.description == text ? $0 : nil }
        }
    }

    func time() throws(JSONFieldError) -> Timestamp {
        try text("a time such as 2026-03-01T10:20:30Z") { text in
            Timestamp(rfc3339: text).flatMap { $0.description == text ? $0 : nil }
        }
    }

    /// `{"sha256": HEX, …}`; sha256 is always there, since it is what names the bytes.
    func digests() throws(JSONFieldError) -> [Digest] {
        var digests: [Digest] = []
        for (name, text) in try map({ field throws(JSONFieldError) in try field.string() }) {
            guard let algorithm = Digest.Algorithm(rawValue: name),
                let digest = Digest("\(algorithm.rawValue):\(text)"),
                digest.text == text
            else { throw refused("has a wrong digest '\(name)'") }
            digests.append(digest)
        }
        guard digests.contains(where: { $0.algorithm == .sha256 }) else { throw refused("has no 'sha256'") }
        return digests.sorted()
    }

    /// A word of lower-case letters, digits and dashes.
    func word() throws(JSONFieldError) -> String {
        try text("a word") { text in
            let isWord = text.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-")
            }
            return isWord && !text.isEmpty ? text : nil
        }
    }
}

extension JSON {
    static func digests(_ digests: [Digest]) -> JSON {
        .object(Dictionary(digests.map { ($0.algorithm.rawValue, .string($0.text)) }) { first, _ in first })
    }

    static func text(_ value: some CustomStringConvertible) -> JSON { .string(value.description) }
    static func text(_ value: (some CustomStringConvertible)?) -> JSON? { value.map { .string($0.description) } }
    static func count(_ value: Int) -> JSON { .integer(Int64(value)) }
}

extension Malformed {
    init(_ error: JSONFieldError) { self.init(error.description) }
    init(_ error: JSONError) { self.init(error.description, offset: error.offset) }
}

/// Reads one of our documents: strict JSON within limits, then `read` over its members.
func document<T>(
    _ bytes: [UInt8],
    maximumBytes: Int,
    _ read: (inout JSONFields) throws(JSONFieldError) -> T
) throws(Malformed) -> T {
    let value: JSON
    do {
        value = try JSON(parsing: bytes, limits: JSONLimits(depth: 16, bytes: maximumBytes))
    } catch { throw Malformed(error) }
    do { return try JSONField(value).object(read) } catch { throw Malformed(error) }
}

/// A document that is signed or compared by its digest has one spelling: the bytes it would be printed as.
func checkCanonical(_ bytes: [UInt8], is printed: [UInt8]) throws(Malformed) {
    guard bytes != printed else { return }
    let offset = zip(bytes, printed).prefix { $0 == $1 }.count
    throw Malformed("is not written in its canonical form (sorted, no duplicates, RFC 8785)", offset: offset)
}

/// Orders and names things by bytes, so that no locale and no Unicode normalisation has a say.
struct SortKey: Hashable, Comparable {
    private let bytes: [[UInt8]]

    init(_ parts: String...) { bytes = parts.map { Array($0.utf8) } }

    static func < (a: SortKey, b: SortKey) -> Bool {
        a.bytes.lexicographicallyPrecedes(b.bytes) { $0.lexicographicallyPrecedes($1) }
    }
}

extension Sequence {
    /// Sorted by key, and of those with one key a single one, made by `merge`.
    func settled(by key: (Element) -> SortKey, merging merge: (Element, Element) -> Element) -> [Element] {
        var settled: [(key: SortKey, element: Element)] = []
        for pair in map({ (key: key($0), element: $0) }).sorted(by: { $0.key < $1.key }) {
            if let last = settled.last, last.key == pair.key {
                settled[settled.count - 1].element = merge(last.element, pair.element)
            } else {
                settled.append(pair)
            }
        }
        return settled.map(\.element)
    }
}
