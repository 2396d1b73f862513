/// Words that may not name a type, a file or a folder. Reason: they say that a thing is there, not what it is for.
enum NamingRules {
    static let forbidden: Set<String> = [
        "manager", "helper", "util", "common", "base", "misc", "data", "info", "processor", "wrapper",
    ]

    static func names(_ source: Source) -> [Complaint] {
        let folders = source.path.split(separator: "/").map { String($0.prefix { $0 != "." }) }
        let places = folders.flatMap { name in
            words(name).filter(isForbidden).map { Complaint(source, "\(name) is named \($0)") }
        }
        let types = Declarations.types(source).flatMap { token in
            words(token.text).filter(isForbidden).map {
                Complaint(source, line: token.line, "\(token.text) is named \($0)")
            }
        }
        return places + types
    }

    private static func isForbidden(_ word: String) -> Bool {
        forbidden.contains(word) || word.hasSuffix("s") && forbidden.contains(String(word.dropLast()))
    }

    /// `HTTPDataReader+Info` → http, data, reader, info.
    static func words(_ name: String) -> [String] {
        var words: [String] = []
        var word = ""
        let letters = Array(name)
        for (index, letter) in letters.enumerated() {
            let isEdge =
                index > 0 && letter.isUppercase
                && (!letters[index - 1].isUppercase || index + 1 < letters.count && letters[index + 1].isLowercase)
            if isEdge || !letter.isLetter && !letter.isNumber {
                if !word.isEmpty { words.append(word.lowercased()) }
                word = ""
            }
            if letter.isLetter || letter.isNumber { word.append(letter) }
        }
        return word.isEmpty ? words : words + [word.lowercased()]
    }
}
