/// A sentence on every type that others see. Reason: what a type is for cannot be read off its code.
enum DocumentationRules {
    static func undocumented(_ source: Source) -> [Complaint] {
        let lines = source.text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.drop { $0 == " " } }
        return Declarations.types(source).compactMap { token in
            let isNested =
                lines[token.line - 1].startIndex != source.text.startIndex
                && lines[token.line - 1].isIndented(in: source)
            if isNested { return nil }
            var above = token.line - 2
            while above >= 0, lines[above].hasPrefix("@") || lines[above].hasPrefix("#") { above -= 1 }
            guard above < 0 || !lines[above].hasPrefix("///") else { return nil }
            return Complaint(source, line: token.line, "\(token.text) does not say what it is for")
        }
    }
}

extension Substring {
    /// True when something stands before it on its line.
    fileprivate func isIndented(in source: Source) -> Bool {
        startIndex > source.text.startIndex && source.text[source.text.index(before: startIndex)] != "\n"
    }
}
