/// A value of a strictly read document, with the path that leads to it: `inputs[3].claimed[0].alg`.
///
/// Each reader refuses any other type; `null` is a type of its own, never "absent".
public struct JSONField: Hashable, Sendable {
    public let path: String
    public let value: JSON

    public init(_ value: JSON, path: String = "") {
        self.value = value
        self.path = path
    }

    public func refused(_ why: String) -> JSONFieldError { JSONFieldError(path: path, message: why) }

    public func string() throws(JSONFieldError) -> String {
        guard let string = value.string else { throw refused("is not a string") }
        return string
    }

    public func bool() throws(JSONFieldError) -> Bool {
        guard let bool = value.bool else { throw refused("is neither true nor false") }
        return bool
    }

    /// A whole number from 0 to 2^53 - 1, the integers that every JSON reader keeps.
    public func count() throws(JSONFieldError) -> Int64 {
        guard let number = value.integer, (0..<(1 << 53)).contains(number) else {
            throw refused("is not a whole number from 0 to 2^53 - 1")
        }
        return number
    }

    /// A string that `convert` takes; `what` names it in the refusal.
    public func text<T>(_ what: String, _ convert: (String) -> T?) throws(JSONFieldError) -> T {
        guard let converted = convert(try string()) else { throw refused("is not \(what)") }
        return converted
    }

    public func list<T>(
        _ read: (JSONField) throws(JSONFieldError) -> T
    ) throws(JSONFieldError) -> [T] {
        guard let items = value.array else { throw refused("is not a list") }
        var values: [T] = []
        values.reserveCapacity(items.count)
        for (index, item) in items.enumerated() {
            values.append(try read(JSONField(item, path: "\(path)[\(index)]")))
        }
        return values
    }

    public func strings() throws(JSONFieldError) -> [String] {
        try list { field throws(JSONFieldError) in try field.string() }
    }

    /// An object whose keys are free.
    public func map<T>(
        _ read: (JSONField) throws(JSONFieldError) -> T
    ) throws(JSONFieldError) -> [String: T] {
        guard let members = value.members else { throw refused("is not an object") }
        var values: [String: T] = [:]
        for (key, member) in members { values[key] = try read(JSONField(member, path: "\(path).\(key)")) }
        return values
    }

    /// An object whose keys are all known: one that `read` did not ask for is refused.
    public func object<T>(
        _ read: (inout JSONFields) throws(JSONFieldError) -> T
    ) throws(JSONFieldError) -> T {
        guard let members = value.members else { throw refused("is not an object") }
        var fields = JSONFields(members, path: path)
        let value = try read(&fields)
        try fields.end()
        return value
    }
}

/// The members of one object, asked for one by one, so that those nobody asked for can be refused at the end.
public struct JSONFields {
    private let members: [String: JSON]
    private let path: String
    private var asked: Set<String> = []

    init(_ members: [String: JSON], path: String) {
        self.members = members
        self.path = path
    }

    public mutating func required(_ key: String) throws(JSONFieldError) -> JSONField {
        guard let field = optional(key) else { throw JSONFieldError(path: path, message: "has no '\(key)'") }
        return field
    }

    /// Nil only where the key is absent.
    public mutating func optional(_ key: String) -> JSONField? {
        asked.insert(key)
        return members[key].map { JSONField($0, path: path.isEmpty ? key : "\(path).\(key)") }
    }

    func end() throws(JSONFieldError) {
        guard let unknown = members.keys.filter({ !asked.contains($0) }).min() else { return }
        throw JSONFieldError(path: path, message: "has an unknown key '\(unknown)'")
    }
}

/// Why a well-formed JSON text is not the document it should be, and where in it.
public struct JSONFieldError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Empty at the top of the document.
    public let path: String
    public let message: String

    public init(path: String, message: String) {
        self.path = path
        self.message = message
    }

    public var description: String { path.isEmpty ? "the document \(message)" : "\(path) \(message)" }
}

extension JSON {
    /// An object without the members whose value is nil.
    public static func object(present members: KeyValuePairs<String, JSON?>) -> JSON {
        var present: [String: JSON] = [:]
        for (key, value) in members { present[key] = value }
        return .object(present)
    }

    public static func strings(_ items: some Sequence<String>) -> JSON { .array(items.map(JSON.string)) }
}
