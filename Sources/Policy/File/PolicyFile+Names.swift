public import Core

extension PolicyFile {
    /// The same file, with further names that `typosquat` guards: those of `data.names`.
    ///
    /// A line of the text is a purl without version; empty lines and what follows a `#` are passed over.
    public func guarding(namesIn text: String, of file: String) throws(Problem) -> PolicyFile {
        let names = try PolicyFile.patterns(in: text, of: file)
        var file = self
        file.rules = rules.adding(names, to: "names", of: .typosquat)
        return file
    }

    /// The purls of such a list.
    public static func names(in text: String, of file: String) throws(Problem) -> [String] {
        try patterns(in: text, of: file).map(\.text)
    }

    private static func patterns(in text: String, of file: String) throws(Problem) -> [PurlPattern] {
        var names: [PurlPattern] = []
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let word = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace)
            guard let purl = word.first else { continue }
            guard word.count == 1, let pattern = try? PurlPattern(String(purl)), !pattern.isGlob else {
                throw Problem(
                    .configUnreadable,
                    subject: "\(file) line \(number + 1)",
                    summary: "is '\(line.prefix(80))', which is no purl",
                    remedy: "Write one purl a line, such as pkg:npm/lodash."
                )
            }
            names.append(pattern)
        }
        return names
    }
}

extension RuleSettings {
    /// The same with more entries in one list.
    fileprivate func adding(_ patterns: [PurlPattern], to parameter: String, of key: RuleKey) -> RuleSettings {
        guard let definition = RuleCatalog.definition(of: key) else { return self }
        var settings = self
        var parameters = self.parameters(definition)
        parameters.values[parameter] = .patterns(parameters.patterns(parameter) + patterns)
        settings.named[key] = parameters
        return settings
    }
}
