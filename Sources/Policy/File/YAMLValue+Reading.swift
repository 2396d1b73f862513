internal import Core

extension YAMLValue {
    /// The value cannot be used: a wrong type, an unknown word, an impossible number.
    func problem(_ summary: String, _ remedy: String) -> Problem {
        let subject = path.isEmpty ? "\(file) line \(line)" : "\(file) line \(line), \(path)"
        return Problem(.usageInvalid, subject: subject, summary: summary, remedy: remedy)
    }

    /// A section left empty (`rules:`) is an empty one.
    var isEmpty: Bool {
        if case .text(let text, isPlain: true) = content {
            text.isEmpty || text == "~" || text == "null"
        } else {
            false
        }
    }

    private var kind: String {
        switch content {
        case .text: isEmpty ? "empty" : "a single value"
        case .list: "a list"
        case .map: "a map"
        }
    }

    /// The entries of a map whose keys must be among `keys`.
    func map(keys: [String]) throws(Problem) -> [String: YAMLValue] {
        let entries = try map()
        for (key, value) in entries where !keys.contains(key) {
            if key == "<<" {
                throw value.problem(
                    "is a merge key, which is not read here",
                    "write the values out where they are needed"
                )
            }
            let hint = nearestSpelling(of: key, among: keys).map { "did you mean '\($0)'? " } ?? ""
            throw value.problem("is not a key that belongs here", "\(hint)known here: \(keys.joined(separator: ", "))")
        }
        return Dictionary(entries.map { ($0.key, $0.value) }) { first, _ in first }
    }

    /// The entries of a map with free keys, as they stand.
    func map() throws(Problem) -> [(key: String, value: YAMLValue)] {
        if isEmpty { return [] }
        guard case .map(let entries) = content else {
            throw problem("must be a map of keys and values, but is \(kind)", "write it as 'key: value' lines")
        }
        return entries
    }

    func list() throws(Problem) -> [YAMLValue] {
        if isEmpty { return [] }
        guard case .list(let elements) = content else {
            throw problem("must be a list, but is \(kind)", "write it as [a, b] or as lines that start with '- '")
        }
        return elements
    }

    func text() throws(Problem) -> String {
        guard case .text(let text, _) = content, !text.isEmpty, !isEmpty else {
            throw problem("must be a text, but is \(kind)", "write one value behind the colon")
        }
        return text
    }

    func texts() throws(Problem) -> [String] {
        var texts: [String] = []
        for element in try list() { texts.append(try element.text()) }
        return texts
    }

    func number(in range: ClosedRange<Int>) throws(Problem) -> Int {
        let remedy = "write a whole number from \(range.lowerBound) to \(range.upperBound), without quotes"
        guard case .text(let text, isPlain: true) = content, !isEmpty else {
            throw problem("must be a number, but is \(kind == "a single value" ? "a quoted text" : kind)", remedy)
        }
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text), range.contains(number)
        else {
            throw problem("is '\(text)', which is not a whole number from \(range.lowerBound) up", remedy)
        }
        return number
    }

    /// `true` or `false`, and none of the other words that YAML 1.1 took for them.
    func flag() throws(Problem) -> Bool {
        let word = try text()
        guard case .text(_, isPlain: true) = content, word == "true" || word == "false" else {
            throw problem("is '\(word)', which is neither true nor false", "write true or false, without quotes")
        }
        return word == "true"
    }

    /// `24h`, `7d`: as seconds.
    func duration() throws(Problem) -> Int {
        let text = try text()
        guard let seconds = YAMLValue.seconds(in: text) else {
            throw problem("is '\(text)', which is no length of time", "write it like 30min, 24h, 7d or 2w")
        }
        return seconds
    }

    func choice(of words: [String]) throws(Problem) -> String {
        let word = try text()
        guard words.contains(word) else {
            let hint = nearestSpelling(of: word, among: words).map { "did you mean '\($0)'? " } ?? ""
            throw problem("cannot be '\(word)'", "\(hint)it is one of: \(words.joined(separator: ", "))")
        }
        return word
    }

    func action() throws(Problem) -> Action {
        let word = try choice(of: Action.allCases.map(\.word))
        return Action(word: word) ?? .block
    }

    func pattern() throws(Problem) -> PurlPattern {
        let text = try text()
        do { return try PurlPattern(text) } catch {
            throw problem(
                "is '\(text)', which is no purl pattern: \(error)",
                "write it like pkg:npm/@acme/* or pkg:pypi/foo@>=1,<2"
            )
        }
    }

    func purlType() throws(Problem) -> String {
        let text = try text()
        do { try KnownTypes.check(text) } catch {
            throw problem("is no purl type: \(error)", "use the type as in pkg:TYPE/name, such as npm, pypi, golang")
        }
        return text
    }
}
