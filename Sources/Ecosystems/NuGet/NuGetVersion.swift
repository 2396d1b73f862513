/// A version as NuGet reads it: up to four numbers, then what SemVer 2 allows, without regard to case.
struct NuGetVersion: Hashable, Sendable {
    private let numbers: [Int64]
    private let prerelease: [String]

    var isPrerelease: Bool { !prerelease.isEmpty }

    init?(_ text: String) {
        guard text.utf8.count <= 256, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        var rest = Substring(text)
        // Build metadata orders nothing and names nothing.
        if let plus = rest.firstIndex(of: "+") {
            guard NuGetVersion.areIdentifiers(rest[rest.index(after: plus)...]) else { return nil }
            rest = rest[..<plus]
        }
        var labels: [String] = []
        if let dash = rest.firstIndex(of: "-") {
            let text = rest[rest.index(after: dash)...]
            guard NuGetVersion.areIdentifiers(text) else { return nil }
            labels = text.split(separator: ".").map { $0.lowercased() }
            rest = rest[..<dash]
        }
        var numbers: [Int64] = []
        for part in rest.split(separator: ".", omittingEmptySubsequences: false) {
            guard !part.isEmpty, part.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int64(part),
                number <= Int64(Int32.max)
            else { return nil }
            numbers.append(number)
        }
        guard (1...4).contains(numbers.count) else { return nil }
        while numbers.count < 4 { numbers.append(0) }
        self.numbers = numbers
        prerelease = labels
    }

    /// Three numbers or four, no leading zeros, no metadata, lower case: how addresses and lockfiles name the version.
    var normalized: String {
        let kept = numbers[3] == 0 ? numbers.prefix(3) : numbers[...]
        let core = kept.map(String.init).joined(separator: ".")
        return prerelease.isEmpty ? core : core + "-" + prerelease.joined(separator: ".")
    }

    private static func areIdentifiers(_ text: Substring) -> Bool {
        text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { part in
            !part.isEmpty
                && part.utf8.allSatisfy { byte in
                    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                        || byte == 0x2D
                }
        }
    }
}

extension NuGetVersion: Comparable {
    static func < (a: NuGetVersion, b: NuGetVersion) -> Bool {
        if a.numbers != b.numbers { return a.numbers.lexicographicallyPrecedes(b.numbers) }
        if a.prerelease.isEmpty || b.prerelease.isEmpty { return !a.prerelease.isEmpty && b.prerelease.isEmpty }
        for (one, other) in zip(a.prerelease, b.prerelease) where one != other { return precedes(one, other) }
        return a.prerelease.count < b.prerelease.count
    }

    /// Numbers come before words, and are compared as numbers of any length.
    private static func precedes(_ one: String, _ other: String) -> Bool {
        switch (digits(one), digits(other)) {
        case (let left?, let right?):
            return left.utf8.count != right.utf8.count ? left.utf8.count < right.utf8.count : left < right
        case (nil, nil): return one.utf8.lexicographicallyPrecedes(other.utf8)
        case (let left, _): return left != nil
        }
    }

    private static func digits(_ text: String) -> Substring? {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return text.drop { $0 == "0" }
    }
}
