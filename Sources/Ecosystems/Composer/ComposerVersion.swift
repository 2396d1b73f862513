/// A version as composer/semver normalises it: four numbers or a date, with a stability behind, or the name of a branch.
struct ComposerVersion {
    /// Such as `1.0.0.0-RC1` or `dev-main`.
    let normalized: String

    var isBranch: Bool { normalized.hasPrefix("dev-") || normalized.hasSuffix("-dev") }

    /// Nil where composer/semver refuses the text.
    init?(_ text: String) {
        guard text.utf8.count <= 256 else { return nil }
        let version = ComposerVersion.bare(text)
        if version.lowercased().hasPrefix("dev-") {
            normalized = "dev-" + version.dropFirst(4)
        } else if let read = ComposerVersion.numeric(version) ?? ComposerVersion.branch(version) {
            normalized = read
        } else {
            return nil
        }
    }

    /// Without blanks around, alias, stability flag and build metadata.
    private static func bare(_ text: String) -> String {
        var version = Substring(text)
        while version.first?.isWhitespace == true { version.removeFirst() }
        while version.last?.isWhitespace == true { version.removeLast() }
        let words = version.split(separator: " ")
        if words.count == 3, words[1] == "as", !version.contains(",") { version = words[0] }
        for flag in ["@stable", "@rc", "@beta", "@alpha", "@dev"] where version.lowercased().hasSuffix(flag) {
            version = version.dropLast(flag.count)
        }
        if ["master", "trunk", "default"].contains(version) { return "dev-\(version)" }
        if !version.lowercased().hasPrefix("dev-"), let plus = version.firstIndex(of: "+"), plus != version.startIndex,
            version.index(after: plus) != version.endIndex,
            !version.contains(where: { $0.isWhitespace }), !version[..<plus].contains(",")
        {
            version = version[..<plus]
        }
        return String(version)
    }

    private static func numeric(_ version: String) -> String? {
        var text = Substring(version.lowercased())
        if text.hasPrefix("v") { text.removeFirst() }
        var classical = text
        if let numbers = ComposerVersion.numbers(&classical), let tail = stability(classical) { return numbers + tail }
        var dated = text
        if let date = ComposerVersion.date(&dated), let tail = stability(dated) { return date + tail }
        return nil
    }

    /// One number of at most five digits and up to three more, filled up to four.
    private static func numbers(_ text: inout Substring) -> String? {
        let first = digits(&text)
        guard (1...5).contains(first.utf8.count) else { return nil }
        var parts = [first]
        while parts.count < 4, text.hasPrefix("."), text.dropFirst().first?.isNumber == true {
            text.removeFirst()
            parts.append(digits(&text))
        }
        return (parts + Array(repeating: "0", count: 4 - parts.count)).joined(separator: ".")
    }

    /// A year and pairs of digits, then up to two short numbers; what stands between them becomes a dot.
    private static func date(_ text: inout Substring) -> String? {
        var read = text.prefix(4)
        guard read.utf8.count == 4, read.utf8.allSatisfy(isDigit) else { return nil }
        text = text.dropFirst(4)
        func take(_ lengths: ClosedRange<Int>) -> Bool {
            let isMarked = text.first.map { ".:-".contains($0) } ?? false
            let run = text.dropFirst(isMarked ? 1 : 0).prefix { $0.utf8.allSatisfy(isDigit) }
            guard run.count >= lengths.lowerBound else { return false }
            let count = min(run.count, lengths.upperBound) + (isMarked ? 1 : 0)
            read += text.prefix(count)
            text = text.dropFirst(count)
            return true
        }
        guard take(2...2) else { return nil }
        for _ in 0..<5 where !take(2...2) { break }
        for _ in 0..<2 where !take(1...3) { break }
        return String(read.map { $0.isNumber ? $0 : "." })
    }

    private static let words = [
        ("stable", "stable"), ("beta", "beta"), ("b", "beta"), ("rc", "RC"), ("alpha", "alpha"), ("a", "alpha"),
        ("patch", "patch"), ("pl", "patch"), ("p", "patch"),
    ]

    /// What may stand behind the numbers, to the very end; nil for anything else.
    private static func stability(_ text: Substring) -> String? {
        var text = text
        if let mark = text.first, "._-".contains(mark) { text.removeFirst() }
        var tail = ""
        if let (word, meaning) = words.first(where: { text.hasPrefix($0.0) }) {
            text = text.dropFirst(word.count)
            var numbers = text.prefix { "0123456789.-".contains($0) }
            while let last = numbers.last, ".-".contains(last) { numbers.removeLast() }
            guard
                !numbers.contains("..") && !numbers.contains("--") && !numbers.contains(".-") && !numbers.contains("-.")
            else { return nil }
            text = text.dropFirst(numbers.count)
            tail = meaning == "stable" ? "" : "-\(meaning)\(numbers.drop { ".-".contains($0) })"
            if meaning == "stable", isDevelopment(text) { return "" }
        }
        if text.isEmpty { return tail }
        return isDevelopment(text) ? "\(tail)-dev" : nil
    }

    private static func isDevelopment(_ text: Substring) -> Bool { ["dev", "-dev", ".dev"].contains(text) }

    /// `1.x-dev`: the branch of all versions that begin so.
    private static func branch(_ version: String) -> String? {
        var text = Substring(version.lowercased())
        guard text.hasSuffix("dev") else { return nil }
        text = text.dropLast(3)
        if let mark = text.last, ".-".contains(mark) { text.removeLast() }
        if text.hasPrefix("v") { text.removeFirst() }
        var parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard let first = parts.first, parts.count <= 4, !first.isEmpty, first.utf8.allSatisfy(isDigit) else {
            return nil
        }
        for at in parts.indices.dropFirst() where ["x", "*"].contains(parts[at]) { parts[at] = "9999999" }
        guard parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(isDigit) }) else { return nil }
        return (parts + Array(repeating: "9999999", count: 4 - parts.count)).joined(separator: ".") + "-dev"
    }

    private static func digits(_ text: inout Substring) -> String {
        let run = text.prefix { $0.utf8.allSatisfy(isDigit) }
        text = text.dropFirst(run.count)
        return String(run)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}

extension ComposerVersion {
    /// Below stable: what is not taken where `minimum-stability` is left alone.
    var isPrerelease: Bool {
        isBranch || ["-alpha", "-beta", "-RC"].contains { normalized.contains($0) }
    }

    /// Nil for versions that have no order: a branch comes neither before nor after anything.
    static func compare(_ a: String, _ b: String) -> Int? {
        guard let one = ComposerVersion(a)?.normalized, let other = ComposerVersion(b)?.normalized else { return nil }
        if one.hasPrefix("dev-") || other.hasPrefix("dev-") { return one == other ? 0 : nil }
        return compare(parts(of: one), parts(of: other))
    }

    /// As PHP's `version_compare` cuts it: at marks, and between digits and letters.
    private static func parts(of version: String) -> [Substring] {
        var parts: [Substring] = []
        for run in version.split(whereSeparator: { "-_+.".contains($0) }) {
            var rest = run
            while let first = rest.first {
                let part = rest.prefix { $0.isNumber == first.isNumber }
                parts.append(part)
                rest = rest.dropFirst(part.count)
            }
        }
        return parts
    }

    private static func compare(_ a: [Substring], _ b: [Substring]) -> Int {
        for (one, other) in zip(a, b) {
            let result = compare(one, other)
            if result != 0 { return result }
        }
        if a.count == b.count { return 0 }
        // A number more is more; a word more is before or after none.
        return a.count > b.count ? against(a[b.count]) : -against(b[a.count])
    }

    private static func against(_ part: Substring) -> Int {
        part.first?.isNumber == true ? 1 : rank(part) - numberRank
    }

    private static func compare(_ one: Substring, _ other: Substring) -> Int {
        guard one.first?.isNumber == true, other.first?.isNumber == true else { return rank(one) - rank(other) }
        let (left, right) = (one.drop { $0 == "0" }, other.drop { $0 == "0" })
        if left.utf8.count != right.utf8.count { return left.utf8.count - right.utf8.count }
        return left == right ? 0 : left < right ? -1 : 1
    }

    private static let numberRank = 4

    private static func rank(_ part: Substring) -> Int {
        if part.first?.isNumber == true { return numberRank }
        let ranks = [("dev", 0), ("alpha", 1), ("beta", 2), ("RC", 3), ("patch", 5)]
        return ranks.first { part == $0.0 }?.1 ?? -1
    }
}
