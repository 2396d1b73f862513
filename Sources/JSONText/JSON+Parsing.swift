internal import CJansson

extension JSON {
    /// Parses one strict RFC 8259 text in UTF-8: no duplicate key, byte order mark, lone surrogate, integer outside
    /// `Int64`, or byte after the value.
    public init(parsing bytes: [UInt8], limits: JSONLimits = JSONLimits()) throws(JSONError) {
        guard bytes.count <= limits.effectiveBytes else {
            throw JSONError(message: "longer than \(limits.bytes) bytes", offset: 0, line: 1, column: 1)
        }
        try Self.checkShape(of: bytes, limit: limits.effectiveDepth)
        if Self.mentionsNUL(bytes) {
            // jansson refuses U+0000 in a key, which RFC 8259 allows.
            self = try JSONDocument(bytes, limits: limits, integersMustFit: true).root.value
        } else {
            self = try JSONTree(parsing: bytes).value(of: bytes)
        }
    }

    /// jansson recurses, so nesting is counted before it sees the text.
    private static func checkShape(of bytes: [UInt8], limit: Int) throws(JSONError) {
        var depth = 0
        var inString = false
        var index = 0
        while index < bytes.count {
            switch bytes[index] {
            // jansson takes a NUL behind the value for the end of the text.
            case 0: throw JSONError("NUL byte", at: index, in: bytes)
            case UInt8(ascii: "\""): inString.toggle()
            case UInt8(ascii: "\\") where inString: index += 1
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                guard !inString else { break }
                depth += 1
                guard depth <= limit else { throw JSONError("nested deeper than \(limit)", at: index, in: bytes) }
            case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= inString ? 0 : 1
            default: break
            }
            index += 1
        }
    }

    private static func mentionsNUL(_ bytes: [UInt8]) -> Bool {
        var zeros = 0
        for byte in bytes {
            if byte == UInt8(ascii: "0"), zeros > 0 {
                zeros += 1
                if zeros == 5 { return true }
            } else {
                zeros = byte == UInt8(ascii: "u") ? 1 : 0
            }
        }
        return false
    }
}

/// Owns one reference to a jansson tree, from birth to `deinit`.
@safe private struct JSONTree: ~Copyable {
    private let root: UnsafeMutablePointer<json_t>

    init(parsing bytes: [UInt8]) throws(JSONError) {
        var failure = json_error_t()
        let flags = Int(JSON_REJECT_DUPLICATES) | Int(JSON_DECODE_ANY) | Int(JSON_ALLOW_NUL)
        let parsed = unsafe bytes.withUnsafeBytes { buffer in
            unsafe json_loadb(buffer.baseAddress, buffer.count, flags, &failure)
        }
        guard let parsed = unsafe parsed else { throw JSONError(failure, in: bytes) }
        unsafe root = parsed
    }

    deinit { unsafe json_decref(root) }

    borrowing func value(of bytes: [UInt8]) throws(JSONError) -> JSON {
        guard let value = unsafe Self.read(root) else {
            throw JSONError(
                message: "two keys of one object differ only in Unicode normalisation",
                offset: 0,
                line: 1,
                column: 1
            )
        }
        return value
    }

    /// `nil` where two keys of an object are one Swift string.
    private static func read(_ node: UnsafeMutablePointer<json_t>) -> JSON? {
        switch unsafe node.pointee.type {
        case JSON_TRUE: return .bool(true)
        case JSON_FALSE: return .bool(false)
        case JSON_INTEGER: return .integer(Int64(unsafe json_integer_value(node)))
        case JSON_REAL: return .real(unsafe json_real_value(node))
        case JSON_STRING:
            return .string(unsafe text(json_string_value(node), count: json_string_length(node)))
        case JSON_ARRAY: return unsafe readArray(node)
        case JSON_OBJECT: return unsafe readObject(node)
        default: return .null
        }
    }

    private static func readArray(_ node: UnsafeMutablePointer<json_t>) -> JSON? {
        let count = unsafe json_array_size(node)
        var items: [JSON] = []
        items.reserveCapacity(count)
        for index in 0..<count {
            guard let element = unsafe json_array_get(node, index), let item = unsafe read(element) else { return nil }
            items.append(item)
        }
        return .array(items)
    }

    private static func readObject(_ node: UnsafeMutablePointer<json_t>) -> JSON? {
        var members: [String: JSON] = [:]
        members.reserveCapacity(unsafe json_object_size(node))
        var iterator = unsafe json_object_iter(node)
        while let here = unsafe iterator {
            let key = unsafe text(json_object_iter_key(here), count: json_object_iter_key_len(here))
            guard let child = unsafe json_object_iter_value(here), let value = unsafe read(child) else { return nil }
            guard members.updateValue(value, forKey: key) == nil else { return nil }
            unsafe iterator = json_object_iter_next(node, here)
        }
        return .object(members)
    }

    private static func text(_ start: UnsafePointer<CChar>?, count: Int) -> String {
        unsafe String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
    }
}

extension JSONError {
    fileprivate init(_ failure: json_error_t, in bytes: [UInt8]) {
        var text = failure.text
        let message = unsafe withUnsafeBytes(of: &text) { raw in
            unsafe String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
        }
        let offset = Swift.max(0, Swift.min(Int(failure.position), bytes.count))
        self.init(message, at: offset, in: bytes)
    }
}
