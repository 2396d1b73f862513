/// A Maven version, ordered as Maven's ComparableVersion does: dots and hyphens nest, a change between digits and
/// letters is a hyphen, and known qualifiers come before or after the release.
struct MavenVersion {
    fileprivate indirect enum Item {
        /// Digits without leading zeros; empty for zero.
        case number(Substring)
        case text(String)
        case list([Item])
    }

    private let items: [Item]
    private let words: [String]

    init?(_ text: String) {
        guard MavenVersion.isVersion(text) else { return nil }
        var reader = MavenVersionReader()
        reader.read(text.lowercased())
        items = reader.items
        words = reader.words
    }

    /// What may stand as a folder of a repository.
    static func isVersion(_ text: String) -> Bool {
        guard !text.isEmpty, text.utf8.count <= 256, text != ".", text != ".." else { return false }
        return text.utf8.allSatisfy(MavenName.isByte)
    }

    /// Words by which publishers say that a version is not yet the release.
    private static let early: Set<String> = [
        "alpha", "beta", "milestone", "rc", "snapshot", "pre", "preview", "dev", "ea", "eap", "canary", "nightly",
    ]

    var isPrerelease: Bool { words.contains { MavenVersion.early.contains($0) } }
}

extension MavenVersion: Comparable {
    static func == (a: MavenVersion, b: MavenVersion) -> Bool { compare(.list(a.items), .list(b.items)) == 0 }

    static func < (a: MavenVersion, b: MavenVersion) -> Bool { compare(.list(a.items), .list(b.items)) < 0 }

    /// A missing item is compared as what it would be in a longer spelling of the same version.
    private static func compare(_ one: Item?, _ other: Item?) -> Int {
        switch (one, other) {
        case (nil, nil): 0
        case (nil, let item?): -compare(item, nil)
        case (.number(let a), nil): a.isEmpty ? 0 : 1
        case (.text(let a), nil): order(rank(a), rank(""))
        case (.list(let items), nil): items.lazy.map { compare($0, nil) }.first { $0 != 0 } ?? 0
        case (.number(let a), .number(let b)): a.utf8.count != b.utf8.count ? a.utf8.count - b.utf8.count : order(a, b)
        case (.number, _): 1
        case (_, .number): -1
        case (.text(let a), .text(let b)): order(rank(a), rank(b))
        case (.text, .list): -1
        case (.list, .text): 1
        case (.list(let a), .list(let b)): compare(a, b)
        }
    }

    private static func compare(_ a: [Item], _ b: [Item]) -> Int {
        for at in 0..<max(a.count, b.count) {
            let result = compare(at < a.count ? a[at] : nil, at < b.count ? b[at] : nil)
            if result != 0 { return result }
        }
        return 0
    }

    private static let qualifiers = ["alpha", "beta", "milestone", "rc", "snapshot", "", "sp"]

    /// Known qualifiers in their order, then all others by their letters.
    fileprivate static func rank(_ word: String) -> String {
        qualifiers.firstIndex(of: word).map(String.init) ?? "\(qualifiers.count)-\(word)"
    }

    private static func order(_ a: some StringProtocol, _ b: some StringProtocol) -> Int {
        a.utf8.elementsEqual(b.utf8) ? 0 : a.utf8.lexicographicallyPrecedes(b.utf8) ? -1 : 1
    }
}

/// Reads the text of a version into nested items.
private struct MavenVersionReader {
    var words: [String] = []
    /// Open lists, the outermost first.
    private var stack: [[MavenVersion.Item]] = [[]]

    /// Lists closed from the inside out, trailing nothings dropped from each.
    var items: [MavenVersion.Item] {
        var stack = stack
        var inner: [MavenVersion.Item]?
        while var list = stack.popLast() {
            if let inner { list.append(.list(inner)) }
            inner = MavenVersionReader.normalized(list)
        }
        return inner ?? []
    }

    mutating func read(_ version: String) {
        let bytes = Array(version.utf8)
        var isDigit = false
        var start = 0
        for (at, byte) in bytes.enumerated() {
            switch byte {
            case UInt8(ascii: "."), UInt8(ascii: "-"):
                add(at == start ? .number("") : item(bytes[start..<at], isDigit))
                start = at + 1
                if byte == UInt8(ascii: "-") { nest() }
            case 0x30...0x39:
                if !isDigit, at > start {
                    // `1.0.0.X1` is `1.0.0-X1`.
                    nest()
                    add(.text(word(bytes[start..<at], isBeforeDigit: true)))
                    start = at
                    nest()
                }
                isDigit = true
            default:
                if isDigit, at > start {
                    add(item(bytes[start..<at], true))
                    start = at
                    nest()
                }
                isDigit = false
            }
        }
        guard start < bytes.count else { return }
        if !isDigit { nest() }
        add(item(bytes[start...], isDigit))
    }

    private mutating func add(_ item: MavenVersion.Item) { stack[stack.count - 1].append(item) }

    /// Opens a list at the end of the innermost one, unless that is still empty.
    private mutating func nest() { if stack.last?.isEmpty == false { stack.append([]) } }

    private mutating func item(_ bytes: ArraySlice<UInt8>, _ isDigit: Bool) -> MavenVersion.Item {
        guard isDigit else { return .text(word(bytes, isBeforeDigit: false)) }
        return .number(Substring(String(decoding: bytes.drop { $0 == 0x30 }, as: UTF8.self)))
    }

    private mutating func word(_ bytes: ArraySlice<UInt8>, isBeforeDigit: Bool) -> String {
        let text = String(decoding: bytes, as: UTF8.self)
        let word =
            switch text {
            case "a" where isBeforeDigit: "alpha"
            case "b" where isBeforeDigit: "beta"
            case "m" where isBeforeDigit: "milestone"
            case "ga", "final", "release": ""
            case "cr": "rc"
            default: text
            }
        words.append(word)
        return word
    }

    private static func normalized(_ list: [MavenVersion.Item]) -> [MavenVersion.Item] {
        var list = list
        for at in list.indices.reversed() {
            switch list[at] {
            case .number(let digits): if digits.isEmpty { list.remove(at: at) } else { return list }
            case .text(let word): if word.isEmpty { list.remove(at: at) } else { return list }
            case .list(let items): if items.isEmpty { list.remove(at: at) }
            }
        }
        return list
    }
}

/// What names in a repository are made of.
enum MavenName {
    /// Letters, digits and `-._~+`: what Maven takes for ids, and what versions have besides.
    static func isByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E, 0x2B: true
        default: false
        }
    }
}
