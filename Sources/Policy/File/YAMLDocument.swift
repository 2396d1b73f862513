internal import Core
internal import Yams

/// A value of a YAML document with its place, so that every complaint can name file, line and key.
struct YAMLValue: Sendable {
    /// What stands at the place.
    indirect enum Content: Sendable {
        /// `isPlain` is false for quoted text, which is never a number or a flag.
        case text(String, isPlain: Bool)
        case list([YAMLValue])
        case map([(key: String, value: YAMLValue)])
    }

    let file: String
    /// `rules.min_age.days`, `exempt[2].until`; empty for the document.
    let path: String
    let line: Int
    let content: Content
}

/// Reads YAML strictly: one document, no anchors or aliases, no duplicate keys, scalar keys only, within limits.
enum YAMLDocument {
    static func read(_ yaml: String, file: String, maximumBytes: Int) throws(Problem) -> YAMLValue {
        guard yaml.utf8.count <= maximumBytes else {
            throw unreadable(file, nil, "is longer than \(maximumBytes) bytes", "make the file smaller")
        }
        guard !looksLikeBomb(yaml) else { throw aliases(file, nil) }
        do {
            // The basic resolver leaves every scalar text: what is a number is for the reader of a key to say.
            let parser = try Parser(yaml: withoutMark(yaml), resolver: .basic, encoding: .utf8)
            guard let root = try parser.singleRoot() else {
                return YAMLValue(file: file, path: "", line: 1, content: .map([]))
            }
            // Nodes hold their anchors weakly; the parser keeps them alive while they are looked for.
            return try withExtendedLifetime(parser) { try value(root, Place(file: file, path: "", line: 1)) }
        } catch let problem as Problem {
            throw problem
        } catch let error as YamlError {
            throw problem(for: error, file: file)
        } catch {
            throw unreadable(file, nil, "is not YAML", "correct the file")
        }
    }

    /// Without the byte order mark that some editors put before a text.
    private static func withoutMark(_ text: String) -> String {
        text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
    }

    /// A place that has not been read yet.
    private struct Place {
        let file: String
        let path: String
        let line: Int

        func at(key: String, line: Int?) -> Place {
            Place(file: file, path: path.isEmpty ? key : "\(path).\(key)", line: line ?? self.line)
        }
    }

    private static func value(_ node: Node, _ place: Place) throws(Problem) -> YAMLValue {
        if node.anchor != nil { throw aliases(place.file, node.mark?.line ?? place.line) }
        switch node {
        case .scalar(let scalar):
            let isPlain = scalar.style == .plain || scalar.style == .any
            return made(place, .text(scalar.string, isPlain: isPlain))
        case .sequence(let sequence):
            var list: [YAMLValue] = []
            for (index, element) in sequence.enumerated() {
                let at = Place(
                    file: place.file,
                    path: "\(place.path)[\(index + 1)]",
                    line: element.mark?.line ?? place.line
                )
                list.append(try value(element, at))
            }
            return made(place, .list(list))
        case .mapping(let mapping):
            var map: [(key: String, value: YAMLValue)] = []
            for (key, element) in mapping {
                guard case .scalar(let name) = key, key.anchor == nil else {
                    throw unreadable(place.file, key.mark?.line, "has a key that is not plain text", "use a plain key")
                }
                map.append((name.string, try value(element, place.at(key: name.string, line: key.mark?.line))))
            }
            return made(place, .map(map))
        case .alias(let alias): throw aliases(place.file, alias.mark?.line)
        }
    }

    private static func made(_ place: Place, _ content: YAMLValue.Content) -> YAMLValue {
        YAMLValue(file: place.file, path: place.path, line: place.line, content: content)
    }

    /// Aliases are refused after parsing, by line. But parsing compares keys, which a few dozen nested aliases can make
    /// run for ever; so a text with anchors and many stars at the start of a word is not parsed at all.
    private static func looksLikeBomb(_ yaml: String) -> Bool {
        var (anchors, aliases) = (0, 0)
        var isStart = true
        var mark: UInt8?
        let starters = Array("[{,:".utf8)
        for byte in yaml.utf8 {
            if mark != nil, byte > 0x20 {
                if mark == UInt8(ascii: "&") { anchors += 1 } else { aliases += 1 }
            }
            mark = isStart && (byte == UInt8(ascii: "&") || byte == UInt8(ascii: "*")) ? byte : nil
            // Bytes over ASCII may end one of YAML's exotic line breaks.
            isStart = byte <= 0x20 || byte >= 0x80 || starters.contains(byte)
        }
        return anchors > 0 && aliases > 16
    }

    private static func aliases(_ file: String, _ line: Int?) -> Problem {
        unreadable(file, line, "uses a YAML anchor or alias", "write the value out where it is needed")
    }

    private static func unreadable(_ file: String, _ line: Int?, _ summary: String, _ remedy: String) -> Problem {
        let subject = line.map { "\(file) line \($0)" } ?? file
        return Problem(.configUnreadable, subject: subject, summary: summary, remedy: remedy)
    }

    private static func problem(for error: YamlError, file: String) -> Problem {
        let remedy = "correct the YAML at this place"
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            return unreadable(file, mark.line, "is not YAML: \(problem) (column \(mark.column))", remedy)
        case .reader(let problem, _, _, _):
            return unreadable(file, nil, "is not YAML: \(problem)", remedy)
        case .duplicatedKeysInMapping(let keys, let context):
            let names = keys.map { "'\($0)'" }.joined(separator: ", ")
            return unreadable(file, context.mark.line, "has the key \(names) twice", "keep one of them")
        default:
            return unreadable(file, nil, "is not YAML", remedy)
        }
    }
}
