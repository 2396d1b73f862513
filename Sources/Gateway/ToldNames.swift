internal import Core

/// Everything in a text that may be the name of a package. Where a request does not say in so many words what it is about
/// (a search, a list of names in a body, a page for people), each of these counts as a name.
enum ToldNames {
    /// Greatest number of words that are looked at, and of parts of one.
    private static let wordLimit = 20_000
    private static let partLimit = 12

    /// The names in the path and the query of an address.
    static func names(in url: HTTPURL, type: String) -> Set<Purl> {
        var texts = [url.segments.joined(separator: "/")]
        for pair in (url.query ?? "").split(separator: "&") {
            let value = String(pair.drop { $0 != "=" }.dropFirst()).replacing("+", with: " ")
            texts.append(PercentEncoding.decode(value) ?? value)
        }
        return names(in: texts, type: type)
    }

    /// The names in a body, as it stands and as a form.
    static func names(in body: [UInt8], type: String) -> Set<Purl> {
        let text = String(decoding: body, as: UTF8.self)
        let form = PercentEncoding.decode(text.replacing("+", with: " "))
        return names(in: [text, form].compactMap(\.self), type: type)
    }

    private static func names(in texts: [String], type: String) -> Set<Purl> {
        var words: Set<Substring> = []
        for text in texts {
            for word in text.split(whereSeparator: { !isPartOfName($0) }) where word.utf8.count <= 512 {
                guard words.count < wordLimit else { break }
                words.insert(word)
            }
        }
        return words.reduce(into: []) { $0.formUnion(names(inWord: $1, type: type)) }
    }

    private static func isPartOfName(_ character: Character) -> Bool {
        guard let byte = character.asciiValue else { return character.isLetter }
        return PercentEncoding.isUnreserved(byte) || byte == 0x40 || byte == 0x2F
    }

    /// Every run of parts is a name in a namespace, with and without what may stand behind a name.
    private static func names(inWord word: Substring, type: String) -> [Purl] {
        let parts = word.split(separator: "/").suffix(partLimit).map(String.init)
        return parts.indices.flatMap { end in
            (0...end).flatMap { start in
                let namespace = start == end ? nil : parts[start..<end].joined(separator: "/")
                return bareNames(parts[end]).map { Purl(type: type, namespace: namespace, name: $0) }
            }
        }
    }

    private static let endings = [".json", ".git", ".xml", ".atom", ".rss", ".html", "~dev.json"]

    /// `acme-core-1.0.tar.gz` is of `acme-core`, `acme.json` of `acme`, `@acme/tool@1.0.0` of `@acme/tool`.
    private static func bareNames(_ text: String) -> Set<String> {
        var names: Set<String> = [text]
        for ending in endings where text.hasSuffix(ending) { names.insert(String(text.dropLast(ending.count))) }
        for mark in text.indices.dropFirst() where "-_@.".contains(text[mark]) {
            guard let next = text[text.index(after: mark)...].first, next.isNumber || text[mark] == "@"
            else { continue }
            names.insert(String(text[..<mark]))
        }
        return names
    }

    /// The spellings of a name that registries take for one, or people for the same.
    static func spellings(of name: Purl) -> [Purl] {
        let path = name.path
        let small = path.lowercased()
        guard small != path || small.utf8.contains(where: { $0 == 0x2D || $0 == 0x5F }) else { return [name] }
        let texts = [small, small.replacing("_", with: "-"), small.replacing("-", with: "_")]
        return [name]
            + texts.filter { $0 != path }.map { text in
                let parts = text.split(separator: "/", omittingEmptySubsequences: false)
                let depth = name.name.split(separator: "/", omittingEmptySubsequences: false).count
                return Purl(
                    type: name.type,
                    namespace: name.namespace.map { _ in parts.dropLast(depth).joined(separator: "/") },
                    name: parts.suffix(depth).joined(separator: "/"),
                    version: name.version,
                    qualifiers: name.qualifiers
                )
            }
    }
}
