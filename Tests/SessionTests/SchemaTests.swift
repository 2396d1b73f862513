import JSONText
import Policy
import Testing

@testable import Session

/// docs/purser.schema.json against the reader that it describes.
@Suite("The schema of purser.yml")
struct SchemaTests {
    private func keys(_ schema: JSON?) -> Set<String> { Set((schema?["properties"]?.members ?? [:]).keys) }

    @Test func namesEveryKeyOfThePolicyAndEveryOption() {
        let schema = SchemaPage.schema
        #expect(keys(schema) == Set(PolicyField.file.map(\.key) + ["agent"]))
        #expect(keys(schema["properties"]?["agent"]) == Set(Options.kinds.map(\.name)))
        #expect(keys(schema["properties"]?["rules"]) == Set(RuleCatalog.definitions.map(\.key.rawValue)))
        #expect(schema["additionalProperties"]?.bool == false)
    }

    /// The reader takes what the schema takes and refuses what it refuses.
    @Test(arguments: [
        ("{\"version\": 1}", true), ("{\"version\": 2}", false), ("{}", false),
        ("{\"version\": 1, \"mode\": \"enforce\"}", true), ("{\"version\": 1, \"mode\": \"enforced\"}", false),
        ("{\"version\": 1, \"rules\": {\"min_age\": {\"days\": 3}}}", true),
        ("{\"version\": 1, \"rules\": {\"min_age\": {\"days\": -1}}}", false),
        ("{\"version\": 1, \"rules\": {\"min_age\": {\"dayz\": 3}}}", false),
        ("{\"version\": 1, \"rules\": {\"block\": [\"pkg:npm/a\"]}}", true),
        ("{\"version\": 1, \"rules\": {\"block\": {\"purls\": [\"pkg:npm/a\"], \"action\": \"warn\"}}}", true),
        ("{\"version\": 1, \"rules\": {\"block\": [\"left-pad\"]}}", false),
        ("{\"version\": 1, \"exempt\": [{\"purl\": \"pkg:npm/a\", \"rule\": \"min_age\"}]}", false),
        ("{\"version\": 1, \"session\": {\"expect\": [\"npm\"], \"gaps\": \"block\"}}", true),
        ("{\"version\": 1, \"session\": {\"gaps\": \"blok\"}}", false),
        ("{\"version\": 1, \"loosenable\": [\"mode\"]}", true),
    ])
    func agreesWithTheReader(_ text: String, _ isGood: Bool) throws {
        let isRead = (try? PolicyFile.parse(text, name: "purser.yml")) != nil
        #expect(isRead == isGood)
        let complaint = Validation.complaint(try JSON(parsing: Array(text.utf8)), SchemaPage.schema)
        #expect((complaint == nil) == isGood, "\(complaint ?? "nothing is wrong")")
    }
}

/// As much of JSON Schema as our own uses.
private enum Validation {
    static func complaint(_ value: JSON, _ schema: JSON, at path: String = "") -> String? {
        if let options = schema["anyOf"]?.array {
            let complaints = options.map { complaint(value, $0, at: path) }
            if !complaints.contains(where: { $0 == nil }) {
                return complaints.compactMap(\.self).joined(separator: "; ")
            }
        }
        if let wanted = schema["const"], wanted != value { return "\(path) is another value" }
        if let words = schema["enum"]?.array, !words.contains(value) { return "\(path) is none of the words" }
        let types = schema["type"]?.array?.compactMap(\.string) ?? schema["type"]?.string.map { [$0] } ?? []
        guard types.isEmpty || types.contains(type(value)) else { return "\(path) is \(type(value)), not \(types)" }
        if let number = value.integer {
            if let least = schema["minimum"]?.integer, number < least { return "\(path) is too small" }
            if let most = schema["maximum"]?.integer, number > most { return "\(path) is too large" }
        }
        if let text = value.string, let pattern = schema["pattern"]?.string {
            guard let expression = try? Regex(pattern), text.contains(expression) else { return "\(path) does not fit" }
        }
        for (place, item) in (value.array ?? []).enumerated() {
            if let items = schema["items"], let found = complaint(item, items, at: "\(path)[\(place)]") { return found }
        }
        return members(value, schema, path)
    }

    private static func members(_ value: JSON, _ schema: JSON, _ path: String) -> String? {
        guard let members = value.members else { return nil }
        for key in schema["required"]?.array?.compactMap(\.string) ?? [] where members[key] == nil {
            return "\(path) has no \(key)"
        }
        for (key, member) in members {
            let more = schema["additionalProperties"]
            if let known = schema["properties"]?[key] {
                if let found = complaint(member, known, at: "\(path).\(key)") { return found }
            } else if more?.bool == false {
                return "\(path) has the unknown key \(key)"
            } else if let more, more.members != nil, let found = complaint(member, more, at: "\(path).\(key)") {
                return found
            }
        }
        return nil
    }

    private static func type(_ value: JSON) -> String {
        switch value {
        case .null: "null"
        case .bool: "boolean"
        case .integer: "integer"
        case .real: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}
