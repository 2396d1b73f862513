internal import Core
internal import JSONText
internal import Yams

/// Reads YAML documents of registries and lockfiles into plain values, without anchors and aliases.
enum YAMLTree {
    /// Unquoted `true` and `false` are flags and `null` is nothing; every other scalar stays the text that it is, since a
    /// version such as `1.10` is no number.
    static func read(_ bytes: [UInt8], maximumBytes: Int = 64 << 20) throws(Malformed) -> JSON {
        guard bytes.count <= maximumBytes else { throw Malformed("the document is longer than \(maximumBytes) bytes") }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Malformed("the document is not UTF-8") }
        guard !hasManyAliases(bytes) else { throw aliases }
        do {
            let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
            guard let root = try parser.singleRoot() else { return .null }
            // Nodes hold their anchors weakly; the parser keeps them alive while they are looked for.
            return try withExtendedLifetime(parser) { try value(root, depth: 0) }
        } catch let error as Malformed {
            throw error
        } catch {
            throw Malformed("the document is not YAML")
        }
    }

    private static let deepest = 64
    private static let aliases = Malformed("the document uses YAML anchors or aliases")

    private static func value(_ node: Node, depth: Int) throws(Malformed) -> JSON {
        guard depth < deepest else { throw Malformed("the document is nested too deep") }
        guard node.anchor == nil else { throw aliases }
        switch node {
        case .scalar(let scalar): return value(scalar)
        case .sequence(let sequence):
            var list: [JSON] = []
            for element in sequence { list.append(try value(element, depth: depth + 1)) }
            return .array(list)
        case .mapping(let mapping):
            var members: [String: JSON] = [:]
            for (key, element) in mapping {
                guard case .scalar(let name) = key, key.anchor == nil else {
                    throw Malformed("the document has a key that is no text")
                }
                guard members.updateValue(try value(element, depth: depth + 1), forKey: name.string) == nil else {
                    throw Malformed("the document has the key '\(name.string.prefix(100))' twice")
                }
            }
            return .object(members)
        case .alias: throw aliases
        }
    }

    private static func value(_ scalar: Node.Scalar) -> JSON {
        guard scalar.style == .plain || scalar.style == .any else { return .string(scalar.string) }
        switch scalar.string {
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        case "", "~", "null", "Null", "NULL": return .null
        default: return .string(scalar.string)
        }
    }

    /// Parsing compares keys, which a few dozen nested aliases can make run for ever; so a text with an anchor and many
    /// stars at the start of a word is not parsed at all.
    private static func hasManyAliases(_ yaml: [UInt8]) -> Bool {
        var (anchors, aliases) = (0, 0)
        var isStart = true
        var mark: UInt8?
        for byte in yaml {
            if let mark, byte > 0x20 { if mark == UInt8(ascii: "&") { anchors += 1 } else { aliases += 1 } }
            mark = isStart && (byte == UInt8(ascii: "&") || byte == UInt8(ascii: "*")) ? byte : nil
            isStart = byte <= 0x20 || byte >= 0x80 || [0x5B, 0x7B, 0x2C, 0x3A].contains(byte)
        }
        return anchors > 0 && aliases > 16
    }
}
