internal import JSONText
internal import Policy

/// docs/purser.schema.json: what may stand in purser.yml, for editors and other programs; from the tables that the
/// reader uses.
enum SchemaPage {
    static var text: String { String(decoding: schema.prettyBytes(), as: UTF8.self) }

    static var schema: JSON {
        var properties = properties(of: PolicyField.file)
        properties["agent"] = agent
        return .object([
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "purser.yml",
            "description": "The agent's settings and the policy of a repository.",
            "type": "object",
            "additionalProperties": false,
            "required": ["version"],
            "properties": .object(properties),
        ])
    }

    private static func properties(of fields: [PolicyField]) -> [String: JSON] {
        Dictionary(fields.map { ($0.key, described($0)) }) { first, _ in first }
    }

    private static func described(_ field: PolicyField) -> JSON {
        guard case .object(var schema) = schema(of: field.kind) else { return .bool(true) }
        schema["description"] = .string(description(of: field))
        if field.key == "version" { schema["const"] = 1 }
        return .object(schema)
    }

    private static func description(of field: PolicyField) -> String {
        let audit = field.fallback(in: .audit)
        let enforce = field.fallback(in: .enforce)
        guard field.inner == nil, let audit, let enforce else { return field.meaning }
        return audit == enforce
            ? "\(field.meaning) (default: \(audit))"
            : "\(field.meaning) (default: \(audit) in audit mode, \(enforce) in enforce mode)"
    }

    private static func schema(of kind: PolicyField.Kind) -> JSON {
        switch kind {
        case .text: ["type": "string", "minLength": 1]
        case .flag: ["type": "boolean"]
        case .number(let range):
            .object([
                "type": "integer", "minimum": .integer(Int64(range.lowerBound)),
                "maximum": .integer(Int64(range.upperBound)),
            ])
        case .days:
            .object([
                "anyOf": [
                    ["type": "integer", "minimum": 0, "maximum": 36_500],
                    ["type": "string", "pattern": "^[0-9]+d$"],
                ]
            ])
        case .choice(let words): ["enum": .strings(words)]
        case .pattern: ["type": "string", "pattern": "^pkg:[a-z0-9.+-]+/.+"]
        case .purlType: ["type": "string", "pattern": "^[a-z][a-z0-9.+-]*$"]
        // Some readers of YAML make a date of what looks like one.
        case .date: ["type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ].*)?$"]
        case .duration: ["type": "string", "pattern": "^[0-9]+(min|h|d|w)$"]
        case .list(let element): ["type": ["array", "null"], "items": schema(of: element)]
        case .map(let value): ["type": ["object", "null"], "additionalProperties": schema(of: value)]
        case .fields(let fields): section(fields)
        case .short(let key, let fields): short(key, fields)
        }
    }

    private static func short(_ key: String, _ fields: [PolicyField]) -> JSON {
        let list = fields.first { $0.key == key }.map { schema(of: $0.kind) } ?? .bool(true)
        return .object(["anyOf": .array([list, section(fields)])])
    }

    private static func section(_ fields: [PolicyField]) -> JSON {
        let required = fields.filter(\.isRequired).map(\.key)
        var schema: [String: JSON] = [
            "type": ["object", "null"],
            "additionalProperties": false,
            "properties": .object(properties(of: fields)),
        ]
        if !required.isEmpty { schema["required"] = .strings(required) }
        return .object(schema)
    }

    /// The options of the agent: single ones may be text, a number or a switch, repeatable ones a list or a map.
    private static var agent: JSON {
        var properties: [String: JSON] = [:]
        let single: JSON = ["type": ["string", "integer", "boolean"]]
        for kind in Options.kinds {
            var schema: [String: JSON] = ["description": .string(kind.meaning)]
            if kind.isList {
                schema["anyOf"] = .array([
                    single, ["type": "array", "items": single], ["type": "object", "additionalProperties": single],
                ])
            } else {
                schema["type"] = ["string", "integer", "boolean"]
            }
            properties[kind.name] = .object(schema)
        }
        return .object([
            "description": "Options of `purser run`, by their long names.",
            "type": ["object", "null"],
            "additionalProperties": false,
            "properties": .object(properties),
        ])
    }
}
