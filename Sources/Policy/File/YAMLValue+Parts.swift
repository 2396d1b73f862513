extension YAMLValue {
    /// The entries of a map; none for anything else.
    var entries: [(key: String, value: YAMLValue)] { if case .map(let entries) = content { entries } else { [] } }

    var isMap: Bool { if case .map = content { true } else { false } }

    /// The elements of a list; none for anything else.
    var elements: [YAMLValue] { if case .list(let elements) = content { elements } else { [] } }

    subscript(key: String) -> YAMLValue? { entries.first { $0.key == key }?.value }

    func with(_ content: Content) -> YAMLValue { YAMLValue(file: file, path: path, line: line, content: content) }

    /// A list or a text that stands for a whole section, as that section.
    func spelledOut(as key: String) -> YAMLValue {
        if isMap || isEmpty { return self }
        let value = YAMLValue(file: file, path: "\(path).\(key)", line: line, content: content)
        return with(.map([(key, value)]))
    }

    /// On one line, as YAML's flow style has it.
    var plainText: String {
        switch content {
        case .text(let text, let isPlain): isPlain ? text : YAMLValue.quoted(text)
        case .list(let elements): "[\(elements.map(\.plainText).joined(separator: ", "))]"
        case .map(let entries):
            entries.isEmpty
                ? "{}"
                : "{ \(entries.map { "\(YAMLValue.quoted($0.key)): \($0.value.plainText)" }.joined(separator: ", ")) }"
        }
    }

    /// The text as YAML reads it back, in quotes only where it needs them.
    static func quoted(_ text: String) -> String {
        let isWord = text.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                || [0x2D, 0x2E, 0x2F, 0x5F].contains($0)
        }
        let words = ["", "~", "null", "true", "false", "yes", "no", "on", "off"]
        if isWord, !words.contains(text.lowercased()), text.first?.isLetter == true { return text }
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": escaped += "\\\(scalar)"
            case "\n": escaped += "\\n"
            case "\t": escaped += "\\t"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return "\"\(escaped)\""
    }

    /// `30min`, `24h`, `7d`, `2w` in seconds; nil for anything else.
    static func seconds(in text: String) -> Int? {
        let units = [("min", 60), ("h", 3_600), ("d", 86_400), ("w", 604_800)]
        for (unit, seconds) in units where text.hasSuffix(unit) {
            let digits = text.dropLast(unit.count)
            guard !digits.isEmpty, digits.count <= 6, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
                return nil
            }
            return Int(digits).map { $0 * seconds }
        }
        return nil
    }
}
