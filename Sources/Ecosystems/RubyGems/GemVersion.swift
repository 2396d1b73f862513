/// A version as `Gem::Version` reads and orders it: segments of digits and of letters, in turn.
struct GemVersion: Sendable {
    private enum Segment: Equatable {
        /// Digits without leading zeros; they may be more than any integer holds.
        case number([UInt8])
        case word([UInt8])

        var isZero: Bool { self == .number([]) }
    }

    private let segments: [Segment]
    /// A letter anywhere makes a prerelease, and so does a dash, which means `.pre.`.
    let isPrerelease: Bool

    /// Nil where `Gem::Version.correct?` says no. The empty text, which it takes for zero, is no version here.
    init?(_ text: String) {
        guard text.utf8.count <= 256, GemVersion.isCorrect(text) else { return nil }
        let bytes = Array(text.replacing("-", with: ".pre.").utf8)
        var segments: [Segment] = []
        var at = 0
        while at < bytes.count {
            let start = at
            if GemVersion.isDigit(bytes[at]) {
                while at < bytes.count, GemVersion.isDigit(bytes[at]) { at += 1 }
                segments.append(.number(Array(bytes[start..<at].drop { $0 == 0x30 })))
            } else if GemVersion.isLetter(bytes[at]) {
                while at < bytes.count, GemVersion.isLetter(bytes[at]) { at += 1 }
                segments.append(.word(Array(bytes[start..<at])))
            } else {
                at += 1
            }
        }
        isPrerelease = bytes.contains(where: GemVersion.isLetter)
        self.segments = GemVersion.canonical(segments)
    }

    /// `[0-9]+(\.[0-9a-zA-Z]+)*(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?`
    private static func isCorrect(_ text: String) -> Bool {
        let parts = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let head = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        guard let first = head.first, !first.isEmpty, first.utf8.allSatisfy(isDigit),
            head.dropFirst().allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { isDigit($0) || isLetter($0) } })
        else { return false }
        guard parts.count == 2 else { return true }
        return parts[1].split(separator: ".", omittingEmptySubsequences: false).allSatisfy { part in
            !part.isEmpty && part.utf8.allSatisfy { isDigit($0) || isLetter($0) || $0 == 0x2D }
        }
    }

    /// Zeros at the end of the release and at the end of what follows it mean nothing.
    private static func canonical(_ segments: [Segment]) -> [Segment] {
        let mark = segments.firstIndex { if case .word = $0 { true } else { false } } ?? segments.count
        return withoutZeros(segments[..<mark]) + withoutZeros(segments[mark...])
    }

    private static func withoutZeros(_ segments: ArraySlice<Segment>) -> [Segment] {
        var segments = segments
        while segments.last?.isZero == true { segments.removeLast() }
        return Array(segments)
    }

    /// Negative, zero or positive.
    static func order(_ a: GemVersion, _ b: GemVersion) -> Int {
        for at in 0..<max(a.segments.count, b.segments.count) {
            let one = at < a.segments.count ? a.segments[at] : .number([])
            let other = at < b.segments.count ? b.segments[at] : .number([])
            if one == other { continue }
            switch (one, other) {
            case (.word, .number): return -1
            case (.number, .word): return 1
            case (.number(let left), .number(let right)) where left.count != right.count:
                return left.count < right.count ? -1 : 1
            case (.number(let left), .number(let right)), (.word(let left), .word(let right)):
                return left.lexicographicallyPrecedes(right) ? -1 : 1
            }
        }
        return 0
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
}
