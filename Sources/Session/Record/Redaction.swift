internal import Core
internal import Storage

/// Texts as they may be written down.
enum Redaction {
    static let mask = "***"
    /// Shorter ones would turn up by chance, an empty one everywhere.
    static let leastSecret = 6

    /// Signed links carry secrets in their query, so only its digest is kept.
    static func query(_ query: String) -> String { "sha256-" + Digest.sha256(of: Array(query.utf8)).hex }

    /// A word of the command: without the values of variables that hold secrets, without credentials and query values
    /// in URLs, and without what stands behind the name of a header or setting that is a secret.
    static func word(_ word: String, secrets: [String] = []) -> String {
        var text = word
        for secret in secrets { text = text.replacing(secret, with: mask) }
        return headers(urls(text))
    }

    /// The words of a command: as above, and without what an option, a setting or a header names that is a secret.
    static func words(_ words: [String], secrets: [String]) -> [String] {
        var previous = ""
        return words.map { text in
            defer { previous = text }
            if headerOptions.contains(previous) { return header(text) }
            guard text.contains(" ") else { return word(value(text, after: previous), secrets: secrets) }
            // A script that is one word, or a value with blanks in it.
            if isSecret(option: previous) { return mask }
            var last = ""
            let parts = text.split(separator: " ", omittingEmptySubsequences: false).map { part in
                defer { last = String(part) }
                return value(String(part), after: last)
            }
            return word(parts.joined(separator: " "), secrets: secrets)
        }
    }

    private static let userOptions: Set<String> = ["-u", "--user", "--proxy-user", "-U"]
    private static let headerOptions: Set<String> = ["-H", "--header", "--proxy-header"]
    private static let plainHeaders: Set<String> = [
        "accept", "accept-encoding", "accept-language", "cache-control", "content-type", "host", "if-none-match",
        "range",
        "user-agent",
    ]

    /// `--password x`, `-u name:x`, `NPM_TOKEN=x`, `--token=x`.
    private static func value(_ part: String, after previous: String) -> String {
        if userOptions.contains(previous), part.contains(":") { return mask }
        if isSecret(option: previous), !part.isEmpty, !part.hasPrefix("-") { return mask }
        guard let sign = part.firstIndex(of: "="), isSecret(name: part[..<sign]),
            part.index(after: sign) < part.endIndex
        else { return part }
        return part[...sign] + mask
    }

    private static func header(_ text: String) -> String {
        guard let colon = text.firstIndex(of: ":"), !plainHeaders.contains(text[..<colon].lowercased()) else {
            return text
        }
        return text[...colon] + " " + mask
    }

    private static func isSecret(option: String) -> Bool {
        option.hasPrefix("--") && !option.contains("=") && isSecret(name: option[...])
    }

    private static func isSecret(name: Substring) -> Bool {
        let name = name.uppercased().replacing("-", with: "_")
        return (marks + ["APIKEY", "ACCESS_KEY"]).contains { name.hasSuffix($0) }
    }

    private static let marks = [
        "TOKEN", "SECRET", "PASSWORD", "PASSWD", "CREDENTIAL", "API_KEY", "SIGNING_KEY", "PRIVATE_KEY",
    ]

    /// Values of variables whose names say that they are secrets.
    static func secrets(in environment: [String: String]) -> [String] {
        return environment.filter { name, value in
            guard value.utf8.count >= leastSecret else { return false }
            let name = name.uppercased()
            return marks.contains { name.contains($0) }
        }.values.sorted { $0.utf8.count > $1.utf8.count }
    }

    private static let ends: Set<Character> = [" ", "\t", "\n", "\"", "'", "`", ")", ";", "<", ">", "|"]

    private static func urls(_ text: String) -> String {
        var result = ""
        var rest = text[...]
        while let sign = rest.firstRange(of: "://") {
            result += rest[..<sign.upperBound]
            rest = rest[sign.upperBound...]
            let authority = rest.prefix { !ends.contains($0) && $0 != "/" && $0 != "?" && $0 != "#" }
            if let at = authority.lastIndex(of: "@") {
                result += mask + "@"
                rest = rest[rest.index(after: at)...]
            }
            let target = rest.prefix { !ends.contains($0) && $0 != "?" && $0 != "#" }
            result += target
            rest = rest[target.endIndex...]
            let tail = rest.prefix { !ends.contains($0) }
            if !tail.isEmpty { result += "\(tail.first ?? "?")" + mask }
            rest = rest[tail.endIndex...]
        }
        return result + rest
    }

    private static let names = [
        "authorization:", "cookie:", "token:", "npm-auth:", "api-key:", "apikey:", "access-key:", "password:",
        "secret:",
        "_authtoken=", "_password=",
    ]

    private static func headers(_ text: String) -> String {
        var bytes = Array(text.utf8)
        for name in names.map({ Array($0.utf8) }) {
            var place = 0
            while place + name.count <= bytes.count {
                guard bytes[place..<place + name.count].elementsEqual(name, by: { $0 | 0x20 == $1 | 0x20 }) else {
                    place += 1
                    continue
                }
                let start = place + name.count
                let value = bytes[start...].prefix { $0 != 0x22 && $0 != 0x27 && $0 != 0x0A }
                if !value.isEmpty { bytes.replaceSubrange(start..<value.endIndex, with: Array((" " + mask).utf8)) }
                place = start
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
