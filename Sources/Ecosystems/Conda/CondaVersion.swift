/// A version as conda orders it: an optional epoch, then parts of digits and letters, parts after `+` for local builds.
/// <https://docs.conda.io/projects/conda/en/stable/user-guide/concepts/pkg-specs.html#version-ordering>
struct CondaVersion: Sendable {
    /// Ordered `dev` < `_` < other letters < numbers < `post`.
    private enum Atom: Hashable, Sendable {
        case number(String)
        case letters(String)
    }

    private let epoch: String
    private let version: [[Atom]]
    private let local: [[Atom]]

    init?(_ text: String) {
        guard !text.isEmpty, text.utf8.count <= 256, text.utf8.allSatisfy(CondaVersion.isAllowed) else { return nil }
        var rest = Substring(text.lowercased())
        var epoch = "0"
        if let mark = rest.firstIndex(of: "!") {
            epoch = String(rest[..<mark])
            guard !epoch.isEmpty, epoch.utf8.allSatisfy(CondaVersion.isDigit) else { return nil }
            rest = rest[rest.index(after: mark)...]
        }
        var local = Substring()
        if let plus = rest.firstIndex(of: "+") {
            local = rest[rest.index(after: plus)...]
            guard !local.isEmpty else { return nil }
            rest = rest[..<plus]
        }
        guard !rest.isEmpty, !rest.contains("!"), !local.contains("!"), !local.contains("+"),
            let version = CondaVersion.parts(rest), let own = local.isEmpty ? [] : CondaVersion.parts(local)
        else { return nil }
        self.epoch = CondaVersion.trimmed(epoch)
        self.version = version
        self.local = own
    }

    var isPrerelease: Bool {
        version.joined().contains { atom in
            guard case .letters(let word) = atom else { return false }
            return ["a", "alpha", "b", "beta", "rc", "dev", "pre"].contains(word)
        }
    }

    private static func parts(_ text: Substring) -> [[Atom]]? {
        // A trailing underscore belongs to the part before it, as in openssl's old `1.0.1_`.
        var text = text
        var ending: [Atom] = []
        if text.hasSuffix("_"), text.utf8.count > 1 {
            text = text.dropLast()
            ending = [.letters("_")]
        }
        var parts: [[Atom]] = []
        for part in text.split(
            omittingEmptySubsequences: false,
            whereSeparator: { $0 == "." || $0 == "_" || $0 == "-" }
        ) {
            guard !part.isEmpty else { return nil }
            parts.append(atoms(part))
        }
        parts[parts.count - 1] += ending
        return parts
    }

    /// Runs of digits and letters in turn, beginning with a number.
    private static func atoms(_ part: Substring) -> [Atom] {
        var atoms: [Atom] = []
        var rest = part.utf8
        while let first = rest.first {
            let run = rest.prefix { isDigit($0) == isDigit(first) }
            rest = rest.dropFirst(run.count)
            let text = String(Substring(run))
            if isDigit(first) {
                atoms.append(.number(trimmed(text)))
            } else {
                if atoms.isEmpty { atoms.append(.number("0")) }
                atoms.append(.letters(text))
            }
        }
        return atoms
    }

    private static func trimmed(_ digits: String) -> String {
        let rest = digits.drop { $0 == "0" }
        return rest.isEmpty ? "0" : String(rest)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        isDigit(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            || [0x2E, 0x5F, 0x2B, 0x21, 0x2D, 0x2A].contains(byte)
    }
}

extension CondaVersion: Comparable {
    static func == (a: CondaVersion, b: CondaVersion) -> Bool { !(a < b) && !(b < a) }

    static func < (a: CondaVersion, b: CondaVersion) -> Bool {
        let order = compare(.number(a.epoch), .number(b.epoch))
        if order != 0 { return order < 0 }
        let versions = compare(a.version, b.version)
        return (versions != 0 ? versions : compare(a.local, b.local)) < 0
    }

    /// What is not there is zero, so `1.1` and `1.1.0` are one.
    private static func compare(_ a: [[Atom]], _ b: [[Atom]]) -> Int {
        for place in 0..<max(a.count, b.count) {
            let left = place < a.count ? a[place] : [.number("0")]
            let right = place < b.count ? b[place] : [.number("0")]
            for at in 0..<max(left.count, right.count) {
                let order = compare(
                    at < left.count ? left[at] : .number("0"),
                    at < right.count ? right[at] : .number("0")
                )
                if order != 0 { return order }
            }
        }
        return 0
    }

    private static func compare(_ a: Atom, _ b: Atom) -> Int {
        switch (a, b) {
        case (.number(let left), .number(let right)):
            if left.utf8.count != right.utf8.count { return left.utf8.count - right.utf8.count }
            return left == right ? 0 : left < right ? -1 : 1
        case (.letters(let left), .letters(let right)):
            if rank(left) != rank(right) { return rank(left) - rank(right) }
            return left == right ? 0 : left.utf8.lexicographicallyPrecedes(right.utf8) ? -1 : 1
        case (.letters(let word), .number): return word == "post" ? 1 : -1
        case (.number, .letters(let word)): return word == "post" ? -1 : 1
        }
    }

    private static func rank(_ word: String) -> Int {
        switch word {
        case "dev": 0
        case "_": 1
        case "post": 3
        default: 2
        }
    }
}
