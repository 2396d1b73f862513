internal import Core
internal import JSONText

/// Reads one of our documents: strict JSON within limits, then `read` over its members.
func document<T>(
    _ bytes: [UInt8],
    maximumBytes: Int,
    _ read: (inout JSONFields) throws(JSONFieldError) -> T
) throws(Malformed) -> T {
    let value: JSON
    do {
        value = try JSON(parsing: bytes, limits: JSONLimits(depth: 16, bytes: maximumBytes))
    } catch { throw Malformed(error.description, offset: error.offset) }
    do { return try JSONField(value).object(read) } catch { throw Malformed(error.description) }
}

extension JSONField {
    /// 64 lower-case hexadecimal digits.
    func sha256() throws(JSONFieldError) -> Digest {
        try text("a sha256 in lower-case hexadecimal") { hex in
            Digest(.sha256, hex: hex).flatMap { $0.hex == hex ? $0 : nil }
        }
    }

    /// `{"sha256": HEX}`, in-toto's digest set with the one digest that we use.
    func digestSet() throws(JSONFieldError) -> Digest {
        try object { fields throws(JSONFieldError) in try fields.required("sha256").sha256() }
    }

    func time() throws(JSONFieldError) -> Timestamp {
        try text("a time such as 2026-03-01T10:20:30Z") { text in
            Timestamp(rfc3339: text).flatMap { $0.description == text ? $0 : nil }
        }
    }
}

extension JSON {
    static func digestSet(_ digest: Digest) -> JSON { ["sha256": .string(digest.hex)] }
}
