internal import Core

/// Reads name, version and platform of a gem's `metadata.gz`, a YAML that RubyGems itself writes. Anything that a YAML
/// reader could take otherwise than we do is refused.
struct GemMetadata {
    private(set) var name: String?
    private(set) var version: String?
    private(set) var platform: String?
    /// The key at the margin below which lines are indented.
    private var key = ""
    private var seen: Set<String> = []

    init(_ bytes: [UInt8]) throws(Malformed) {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Malformed("the metadata is not UTF-8") }
        // All that libyaml takes for the end of a line.
        let breaks: Set<Unicode.Scalar> = ["\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"]
        var lines = text.unicodeScalars.split(whereSeparator: breaks.contains).map { Substring($0) }[...]
        guard let first = lines.popFirst(), first.trimmed == "--- !ruby/object:Gem::Specification" else {
            throw Malformed("the metadata is no gem specification")
        }
        while let line = lines.popFirst() {
            guard let first = line.first else { continue }
            if first == " " {
                try readIndented(line)
            } else if first != "-" {
                try readMargin(line)
            } else {
                // Items of a list may stand at the margin; a second document may not.
                guard line.hasPrefix("- ") || line == "-" else { throw Malformed("the metadata has a second document") }
            }
        }
    }

    /// Only `word: value` and `word:`: no quoted or tagged key, no merge, no comment that hides one.
    private mutating func readMargin(_ line: Substring) throws(Malformed) {
        guard let colon = line.firstIndex(of: ":"), colon != line.startIndex,
            line[..<colon].utf8.allSatisfy({ (0x61...0x7A).contains($0) || $0 == 0x5F })
        else { throw Malformed("the metadata has a line that is no plain key") }
        key = String(line[..<colon])
        guard seen.insert(key).inserted else { throw Malformed("the metadata has '\(key)' twice") }
        let value = line[line.index(after: colon)...].trimmed
        switch key {
        case "name": name = try GemMetadata.scalar(value)
        case "platform": platform = try GemMetadata.scalar(value)
        case "version":
            let parts = value.split(separator: " ")
            guard parts.first == "!ruby/object:Gem::Version",
                parts.count == 1 || parts.count == 2 && parts[1].hasPrefix("&")
            else { throw Malformed("the metadata's version is no Gem::Version") }
        default: break
        }
    }

    private mutating func readIndented(_ line: Substring) throws(Malformed) {
        switch key {
        case "name", "platform": throw Malformed("the metadata's \(key) goes on in a second line")
        case "version" where line.hasPrefix("  version:"):
            guard version == nil else { throw Malformed("the metadata has two versions") }
            version = try GemMetadata.scalar(line.dropFirst("  version:".count).trimmed)
        default: break
        }
    }

    /// A plain scalar or one in quotes, of letters that need no escape.
    private static func scalar(_ text: Substring) throws(Malformed) -> String {
        var text = text
        for quote in ["'", "\""] where text.count >= 2 && text.hasPrefix(quote) && text.hasSuffix(quote) {
            text = text.dropFirst().dropLast()
            break
        }
        guard !text.isEmpty, text.utf8.allSatisfy({ PercentEncoding.isUnreserved($0) && $0 != 0x7E }) else {
            throw Malformed("the metadata has a value that is no plain word")
        }
        return String(text)
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        var text = self
        while text.first == " " { text.removeFirst() }
        while text.last == " " || text.last == "\r" { text.removeLast() }
        return text
    }
}
