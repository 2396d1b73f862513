/// A version as semver.org 2.0.0 writes it, numbers of any length. Build metadata is kept and orders nothing.
struct SemanticVersion: Hashable, Sendable {
    let core: [String]
    let prerelease: [Substring]
    let build: Substring

    var isPrerelease: Bool { !prerelease.isEmpty }

    /// Nil for anything that the specification does not allow: no missing numbers, no leading zeros, no `v`.
    init?(_ text: String, maximumBytes: Int = 512) {
        guard text.utf8.count <= maximumBytes, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        var rest = Substring(text)
        var build: Substring = ""
        if let plus = rest.firstIndex(of: "+") {
            build = rest[rest.index(after: plus)...]
            guard SemanticVersion.parts(build).allSatisfy(SemanticVersion.isIdentifier) else { return nil }
            rest = rest[..<plus]
        }
        var prerelease: [Substring] = []
        if let dash = rest.firstIndex(of: "-") {
            prerelease = SemanticVersion.parts(rest[rest.index(after: dash)...])
            guard prerelease.allSatisfy(SemanticVersion.isPrereleaseIdentifier) else { return nil }
            rest = rest[..<dash]
        }
        let core = SemanticVersion.parts(rest)
        guard core.count == 3, core.allSatisfy(SemanticVersion.isNumber) else { return nil }
        self.core = core.map(String.init)
        self.prerelease = prerelease
        self.build = build
    }

    private static func parts(_ text: Substring) -> [Substring] {
        text.split(separator: ".", omittingEmptySubsequences: false)
    }

    private static func isDigits(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    private static func isNumber(_ text: Substring) -> Bool { isDigits(text) && (text == "0" || !text.hasPrefix("0")) }

    private static func isIdentifier(_ text: Substring) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D: true
                default: false
                }
            }
    }

    private static func isPrereleaseIdentifier(_ text: Substring) -> Bool {
        isIdentifier(text) && (!isDigits(text) || isNumber(text))
    }

    /// Negative, zero or positive, by the specification's precedence.
    func compared(to other: SemanticVersion) -> Int {
        for (one, two) in zip(core, other.core) {
            let order = SemanticVersion.order(numbers: one[...], two[...])
            if order != 0 { return order }
        }
        // A release comes after all its prereleases.
        if prerelease.isEmpty || other.prerelease.isEmpty {
            return prerelease.isEmpty ? (other.prerelease.isEmpty ? 0 : 1) : -1
        }
        for (one, two) in zip(prerelease, other.prerelease) {
            let order = SemanticVersion.order(identifiers: one, two)
            if order != 0 { return order }
        }
        return prerelease.count == other.prerelease.count ? 0 : prerelease.count < other.prerelease.count ? -1 : 1
    }

    private static func order(numbers one: Substring, _ two: Substring) -> Int {
        let (a, b) = (one.utf8.count, two.utf8.count)
        if a != b { return a < b ? -1 : 1 }
        return order(texts: one, two)
    }

    private static func order(texts one: Substring, _ two: Substring) -> Int {
        if one == two { return 0 }
        return one.utf8.lexicographicallyPrecedes(two.utf8) ? -1 : 1
    }

    private static func order(identifiers one: Substring, _ two: Substring) -> Int {
        switch (isDigits(one), isDigits(two)) {
        case (true, true): order(numbers: one, two)
        case (true, false): -1
        case (false, true): 1
        case (false, false): order(texts: one, two)
        }
    }
}
