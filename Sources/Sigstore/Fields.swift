internal import Core
internal import JSONText

/// Reads the JSON that protocol buffers print: bytes are Base64, 64-bit numbers are texts.
extension JSON {
    func bytes(_ key: String) throws(Malformed) -> [UInt8] {
        guard let text = self[key]?.string, let bytes = Base64.decode(text), !bytes.isEmpty else {
            throw Malformed("has no readable '\(key)'")
        }
        return bytes
    }

    func bytesIfAny(_ key: String) throws(Malformed) -> [UInt8]? {
        guard let value = self[key], !value.isNull else { return nil }
        return try bytes(key)
    }

    /// Never negative.
    func number(_ key: String) throws(Malformed) -> Int64 {
        let number = self[key]?.integer ?? self[key]?.string.flatMap { Int64($0) }
        guard let number, number >= 0 else { throw Malformed("has no readable '\(key)'") }
        return number
    }

    func text(_ key: String) throws(Malformed) -> String {
        guard let text = self[key]?.string else { throw Malformed("has no '\(key)'") }
        return text
    }

    func list(_ key: String) -> [JSON] { self[key]?.array ?? [] }

    static func reading(_ bytes: [UInt8], _ what: String) throws(Malformed) -> JSON {
        do throws(JSONError) { return try JSON(parsing: bytes) } catch {
            throw Malformed("\(what) is no JSON: \(error.message)")
        }
    }
}

/// From when to when something is trusted; both ends belong to it.
struct Validity: Sendable {
    let start: Timestamp
    let end: Timestamp?

    init(start: Timestamp, end: Timestamp?) {
        self.start = start
        self.end = end
    }

    /// A missing start would trust for ever what was meant for a while.
    init(_ json: JSON?) throws(Malformed) {
        guard let text = json?["start"]?.string, let start = Timestamp(rfc3339: text) else {
            throw Malformed("has a key or authority without the time from which it is trusted")
        }
        var end: Timestamp?
        if let limit = json?["end"], !limit.isNull {
            guard let text = limit.string, let time = Timestamp(rfc3339: text) else {
                throw Malformed("has a key or authority with an end that is no time")
            }
            end = time
        }
        self.init(start: start, end: end)
    }

    func covers(_ time: Timestamp) -> Bool { start <= time && end.map { time <= $0 } ?? true }
}
