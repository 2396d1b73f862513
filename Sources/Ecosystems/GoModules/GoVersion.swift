/// A version as the go command reads it: `v`, three numbers, a prerelease, and `+incompatible` for a major version that
/// its module's path does not name. <https://go.dev/ref/mod#versions>
struct GoVersion: Sendable {
    /// Digits without leading zeros, of any length.
    private let numbers: [String]
    private let prerelease: [Substring]
    private let build: Substring

    init?(_ text: String) {
        guard text.utf8.count <= 300, text.hasPrefix("v") else { return nil }
        var rest = text.dropFirst()
        var build = Substring()
        if let plus = rest.firstIndex(of: "+") {
            build = rest[rest.index(after: plus)...]
            rest = rest[..<plus]
            let parts = build.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.allSatisfy(GoVersion.isIdentifier) else { return nil }
        }
        var prerelease: [Substring] = []
        if let dash = rest.firstIndex(of: "-") {
            prerelease = rest[rest.index(after: dash)...].split(separator: ".", omittingEmptySubsequences: false)
            rest = rest[..<dash]
            guard
                prerelease.allSatisfy({
                    GoVersion.isIdentifier($0) && (!GoVersion.isDigits($0) || GoVersion.isNumber($0))
                })
            else { return nil }
        }
        let numbers = rest.split(separator: ".", omittingEmptySubsequences: false)
        guard numbers.count == 3, numbers.allSatisfy(GoVersion.isNumber) else { return nil }
        self.numbers = numbers.map(String.init)
        self.prerelease = prerelease
        self.build = build
    }

    /// A pseudo-version is one too.
    var isPrerelease: Bool { !prerelease.isEmpty }
    /// False for build metadata, which a proxy never serves.
    var isCanonical: Bool { build.isEmpty || build == "incompatible" }

    private static func isDigits(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    private static func isNumber(_ text: Substring) -> Bool {
        isDigits(text) && (text.utf8.count == 1 || text.utf8.first != 0x30)
    }

    private static func isIdentifier(_ text: Substring) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D: true
                default: false
                }
            }
    }
}

extension GoVersion: Comparable {
    static func == (a: GoVersion, b: GoVersion) -> Bool { !(a < b) && !(b < a) }

    static func < (a: GoVersion, b: GoVersion) -> Bool {
        for (one, other) in zip(a.numbers, b.numbers) where one != other { return precedes(one[...], other[...]) }
        // A release comes after all its prereleases.
        if a.prerelease.isEmpty || b.prerelease.isEmpty { return !a.prerelease.isEmpty && b.prerelease.isEmpty }
        for (one, other) in zip(a.prerelease, b.prerelease) where one != other {
            switch (isDigits(one), isDigits(other)) {
            case (true, true): return precedes(one, other)
            case (true, false): return true
            case (false, true): return false
            case (false, false): return one.utf8.lexicographicallyPrecedes(other.utf8)
            }
        }
        return a.prerelease.count < b.prerelease.count
    }

    /// Numbers of any length, without leading zeros.
    private static func precedes(_ one: Substring, _ other: Substring) -> Bool {
        one.utf8.count != other.utf8.count ? one.utf8.count < other.utf8.count : one < other
    }
}
