/// A version as PEP 440 reads, orders and writes it. Numbers may be of any length and are never computed with.
struct PythonVersion: Hashable, Sendable {
    /// Digits without leading zeros.
    struct Number: Hashable, Comparable, Sendable, CustomStringConvertible {
        let digits: String

        init(_ digits: some StringProtocol) {
            let trimmed = digits.drop { $0 == "0" }
            self.digits = trimmed.isEmpty ? "0" : String(trimmed)
        }

        var description: String { digits }

        static func < (a: Number, b: Number) -> Bool {
            a.digits.utf8.count == b.digits.utf8.count
                ? a.digits < b.digits : a.digits.utf8.count < b.digits.utf8.count
        }
    }

    /// A part of a local version; numbers stand above words.
    enum LocalPart: Hashable, Comparable, Sendable {
        case word(String)
        case number(Number)
    }

    enum Phase: String, Comparable, Sendable {
        case alpha = "a"
        case beta = "b"
        case candidate = "rc"

        static func < (a: Phase, b: Phase) -> Bool { a.rawValue < b.rawValue }
    }

    /// `a1`, `b2`, `rc3`.
    struct Pre: Hashable, Comparable, Sendable {
        let phase: Phase
        let number: Number

        static func < (a: Pre, b: Pre) -> Bool { (a.phase, a.number) < (b.phase, b.number) }
    }

    var epoch = Number("0")
    var release: [Number] = []
    var pre: Pre?
    var post: Number?
    var dev: Number?
    var local: [LocalPart] = []

    var isPrerelease: Bool { pre != nil || dev != nil }
}

extension PythonVersion: CustomStringConvertible {
    /// The normal form; zeros at the end of the release stay.
    var description: String {
        var text = epoch.digits == "0" ? "" : "\(epoch)!"
        text += release.map(\.digits).joined(separator: ".")
        if let pre { text += pre.phase.rawValue + pre.number.digits }
        if let post { text += ".post\(post)" }
        if let dev { text += ".dev\(dev)" }
        guard !local.isEmpty else { return text }
        let parts = local.map { part in
            switch part {
            case .word(let word): word
            case .number(let number): number.digits
            }
        }
        return text + "+" + parts.joined(separator: ".")
    }
}

extension PythonVersion: Comparable {
    static func < (a: PythonVersion, b: PythonVersion) -> Bool { order(a, b) < 0 }

    /// Negative, zero or positive; zero for `1.0` and `1.0.0`.
    static func order(_ a: PythonVersion, _ b: PythonVersion) -> Int {
        if a.epoch != b.epoch { return a.epoch < b.epoch ? -1 : 1 }
        for index in 0..<max(a.release.count, b.release.count) {
            let left = index < a.release.count ? a.release[index] : Number("0")
            let right = index < b.release.count ? b.release[index] : Number("0")
            if left != right { return left < right ? -1 : 1 }
        }
        let phase = order(a.preRank, b.preRank) { order($0, $1) }
        if phase != 0 { return phase }
        if a.post != b.post { return order(a.post, b.post) }
        // No development number stands above every one.
        if a.dev != b.dev { return a.dev == nil ? 1 : b.dev == nil ? -1 : order(a.dev, b.dev) }
        if a.local == b.local { return 0 }
        return a.local.lexicographicallyPrecedes(b.local) ? -1 : 1
    }

    /// A bare development release stands below every pre-release, a final one above.
    private var preRank: (Int, Pre?) {
        if let pre { return (0, pre) }
        return post == nil && dev != nil ? (-1, nil) : (1, nil)
    }

    private static func order(_ a: (Int, Pre?), _ b: (Int, Pre?), then: (Pre?, Pre?) -> Int) -> Int {
        a.0 == b.0 ? then(a.1, b.1) : a.0 < b.0 ? -1 : 1
    }

    /// Nothing stands below something.
    private static func order<Value: Comparable>(_ a: Value?, _ b: Value?) -> Int {
        switch (a, b) {
        case (nil, nil): 0
        case (nil, _): -1
        case (_, nil): 1
        case (let a?, let b?): a == b ? 0 : a < b ? -1 : 1
        }
    }
}
