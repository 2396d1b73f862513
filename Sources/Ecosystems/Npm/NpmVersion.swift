/// A version as node-semver reads it. Build metadata orders nothing, so it is read and dropped.
struct NpmVersion: Hashable, Sendable {
    /// Numbers kept as digits: they may be longer than any integer, and node-semver compares them as numbers.
    private enum Identifier: Hashable, Sendable {
        case number(String)
        case text(String)
    }

    private let major: Int64
    private let minor: Int64
    private let patch: Int64
    private let prerelease: [Identifier]

    var isPrerelease: Bool { !prerelease.isEmpty }

    /// Nil where node-semver refuses the text; marks before the number (`v1.0.0`, `= 1.0.0`) are taken.
    init?(_ text: String) {
        guard text.utf8.count <= 256 else { return nil }
        let head = text.drop { "v= \t\r\n".contains($0) }
        guard let last = head.lastIndex(where: { !" \t\r\n".contains($0) }) else { return nil }
        var rest = head[...last]
        if let plus = rest.firstIndex(of: "+") {
            let build = rest[rest.index(after: plus)...].split(separator: ".", omittingEmptySubsequences: false)
            guard build.allSatisfy(NpmVersion.isIdentifier) else { return nil }
            rest = rest[..<plus]
        }
        var identifiers: [Identifier] = []
        if let dash = rest.firstIndex(of: "-") {
            for part in rest[rest.index(after: dash)...].split(separator: ".", omittingEmptySubsequences: false) {
                guard let identifier = NpmVersion.identifier(part) else { return nil }
                identifiers.append(identifier)
            }
            rest = rest[..<dash]
        }
        let core = rest.split(separator: ".", omittingEmptySubsequences: false)
        guard core.count == 3, let major = NpmVersion.number(core[0]), let minor = NpmVersion.number(core[1]),
            let patch = NpmVersion.number(core[2])
        else { return nil }
        self.major = major
        self.minor = minor
        self.patch = patch
        self.prerelease = identifiers
    }

    /// True where `text` begins with the number itself, as file names do.
    func isWritten(as text: String) -> Bool { text.utf8.first.map { (0x30...0x39).contains($0) } ?? false }

    /// At most JavaScript's greatest exact integer, without leading zeros.
    private static func number(_ text: Substring) -> Int64? {
        guard isDigits(text), text.utf8.count <= 16, text == "0" || !text.hasPrefix("0"), let number = Int64(text),
            number <= 9_007_199_254_740_991
        else { return nil }
        return number
    }

    private static func identifier(_ text: Substring) -> Identifier? {
        guard isIdentifier(text) else { return nil }
        guard isDigits(text) else { return .text(String(text)) }
        return text == "0" || !text.hasPrefix("0") ? .number(String(text)) : nil
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

    private static func isDigits(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
}

extension NpmVersion: Comparable {
    static func < (a: NpmVersion, b: NpmVersion) -> Bool {
        let (left, right) = ((a.major, a.minor, a.patch), (b.major, b.minor, b.patch))
        if left != right { return left < right }
        // A release comes after all its prereleases.
        if a.prerelease.isEmpty || b.prerelease.isEmpty { return !a.prerelease.isEmpty && b.prerelease.isEmpty }
        for (one, other) in zip(a.prerelease, b.prerelease) where one != other { return isOrdered(one, other) }
        return a.prerelease.count < b.prerelease.count
    }

    private static func isOrdered(_ one: Identifier, _ other: Identifier) -> Bool {
        switch (one, other) {
        case (.number(let a), .number(let b)):
            return a.utf8.count != b.utf8.count ? a.utf8.count < b.utf8.count : a < b
        case (.number, .text): return true
        case (.text, .number): return false
        case (.text(let a), .text(let b)): return a.utf8.lexicographicallyPrecedes(b.utf8)
        }
    }
}

extension NpmVersion: CustomStringConvertible {
    /// The cleaned form, as the registry keeps it.
    var description: String {
        let tail = prerelease.map { identifier in
            switch identifier {
            case .number(let text), .text(let text): text
            }
        }
        return "\(major).\(minor).\(patch)" + (tail.isEmpty ? "" : "-" + tail.joined(separator: "."))
    }
}
