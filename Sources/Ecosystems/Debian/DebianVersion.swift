/// `[epoch:]upstream[-revision]`, ordered as Debian Policy §5.6.12 says and dpkg does.
struct DebianVersion: Sendable {
    private let epoch: Int64
    private let upstream: [UInt8]
    private let revision: [UInt8]

    init?(_ text: String) {
        guard text.utf8.count <= 256 else { return nil }
        var rest = Substring(text)
        var epoch: Int64 = 0
        if let colon = rest.firstIndex(of: ":") {
            let digits = rest[..<colon]
            guard !digits.isEmpty, digits.utf8.allSatisfy(DebianVersion.isDigit), let number = Int64(digits),
                number <= Int64(Int32.max)
            else { return nil }
            epoch = number
            rest = rest[rest.index(after: colon)...]
        }
        var revision = Substring()
        if let dash = rest.lastIndex(of: "-") {
            revision = rest[rest.index(after: dash)...]
            rest = rest[..<dash]
            guard !revision.isEmpty else { return nil }
        }
        guard let first = rest.utf8.first, DebianVersion.isDigit(first),
            rest.utf8.allSatisfy({ DebianVersion.isAllowed($0) || $0 == 0x2D || $0 == 0x3A }),
            revision.utf8.allSatisfy(DebianVersion.isAllowed)
        else { return nil }
        self.epoch = epoch
        upstream = Array(rest.utf8)
        self.revision = Array(revision.utf8)
    }

    fileprivate static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    fileprivate static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        isDigit(byte) || isLetter(byte) || [0x2E, 0x2B, 0x7E].contains(byte)
    }
}

extension DebianVersion: Comparable {
    static func == (a: DebianVersion, b: DebianVersion) -> Bool { !(a < b) && !(b < a) }

    static func < (a: DebianVersion, b: DebianVersion) -> Bool {
        if a.epoch != b.epoch { return a.epoch < b.epoch }
        let order = compare(a.upstream, b.upstream)
        return order != 0 ? order < 0 : compare(a.revision, b.revision) < 0
    }

    /// Runs of other characters and runs of digits, in turn.
    private static func compare(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var (i, j) = (0, 0)
        while i < a.count || j < b.count {
            while i < a.count && !isDigit(a[i]) || j < b.count && !isDigit(b[j]) {
                let (one, other) = (weight(a, i), weight(b, j))
                if one != other { return one - other }
                i += 1
                j += 1
            }
            let (left, right) = (digits(a, &i), digits(b, &j))
            if left.count != right.count { return left.count - right.count }
            if left.lexicographicallyPrecedes(right) { return -1 }
            if right.lexicographicallyPrecedes(left) { return 1 }
        }
        return 0
    }

    /// A tilde comes before the end, letters before all else; a digit ends a run as the text's end does.
    private static func weight(_ text: [UInt8], _ at: Int) -> Int {
        guard at < text.count, !isDigit(text[at]) else { return 0 }
        if text[at] == UInt8(ascii: "~") { return -1 }
        return isLetter(text[at]) ? Int(text[at]) : Int(text[at]) + 256
    }

    /// The run of digits at `at` without its leading zeros.
    private static func digits(_ text: [UInt8], _ at: inout Int) -> ArraySlice<UInt8> {
        while at < text.count, text[at] == 0x30 { at += 1 }
        let start = at
        while at < text.count, isDigit(text[at]) { at += 1 }
        return text[start..<at]
    }
}
