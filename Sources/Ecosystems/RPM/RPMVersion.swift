/// `[epoch:]version[-release]`, ordered as rpm does (rpmvercmp, part by part).
struct RPMVersion: Sendable {
    private let epoch: Int64
    private let version: [UInt8]
    /// None comes before any.
    private let release: [UInt8]?

    init?(_ text: String) {
        guard !text.isEmpty, text.utf8.count <= 256 else { return nil }
        var rest = Substring(text)
        var epoch: Int64 = 0
        if let colon = rest.firstIndex(of: ":") {
            let digits = rest[..<colon]
            guard !digits.isEmpty, digits.utf8.allSatisfy(RPMVersion.isDigit), let number = Int64(digits),
                number <= Int64(UInt32.max)
            else { return nil }
            epoch = number
            rest = rest[rest.index(after: colon)...]
        }
        var release: [UInt8]?
        if let dash = rest.lastIndex(of: "-") {
            release = Array(rest[rest.index(after: dash)...].utf8)
            rest = rest[..<dash]
        }
        let version = Array(rest.utf8)
        guard !version.isEmpty, version.allSatisfy(RPMVersion.isAllowed),
            release.map({ !$0.isEmpty && $0.allSatisfy(RPMVersion.isAllowed) }) ?? true
        else { return nil }
        (self.epoch, self.version, self.release) = (epoch, version, release)
    }

    static func order(_ a: RPMVersion, _ b: RPMVersion) -> Int {
        if a.epoch != b.epoch { return a.epoch < b.epoch ? -1 : 1 }
        let order = order(a.version, b.version)
        guard order == 0 else { return order }
        guard let left = a.release else { return b.release == nil ? 0 : -1 }
        guard let right = b.release else { return 1 }
        return self.order(left, right)
    }

    /// Segments of digits and of letters in turn; all else only parts them, but `~` sorts before the end and `^` behind it.
    private static func order(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var (i, j) = (0, 0)
        while i < a.count || j < b.count {
            while i < a.count, isSeparator(a[i]) { i += 1 }
            while j < b.count, isSeparator(b[j]) { j += 1 }
            let (one, other) = (i < a.count ? a[i] : 0, j < b.count ? b[j] : 0)
            if one == tilde || other == tilde {
                if one != other { return one == tilde ? -1 : 1 }
                (i, j) = (i + 1, j + 1)
                continue
            }
            if one == caret || other == caret {
                if i >= a.count { return -1 }
                if j >= b.count { return 1 }
                if one != other { return one == caret ? -1 : 1 }
                (i, j) = (i + 1, j + 1)
                continue
            }
            if i >= a.count || j >= b.count { break }
            let isNumber = isDigit(one)
            let (left, right) = (run(a, &i, ofDigits: isNumber), run(b, &j, ofDigits: isNumber))
            // Numbers are newer than letters.
            if right.isEmpty { return isNumber ? 1 : -1 }
            let order = isNumber ? number(left, right) : text(left, right)
            if order != 0 { return order }
        }
        // What is left over wins.
        return i < a.count ? 1 : j < b.count ? -1 : 0
    }

    private static func run(_ text: [UInt8], _ at: inout Int, ofDigits: Bool) -> ArraySlice<UInt8> {
        let start = at
        while at < text.count, ofDigits ? isDigit(text[at]) : isLetter(text[at]) { at += 1 }
        return text[start..<at]
    }

    private static func number(_ a: ArraySlice<UInt8>, _ b: ArraySlice<UInt8>) -> Int {
        let (a, b) = (a.drop { $0 == 0x30 }, b.drop { $0 == 0x30 })
        return a.count != b.count ? (a.count < b.count ? -1 : 1) : text(a, b)
    }

    private static func text(_ a: ArraySlice<UInt8>, _ b: ArraySlice<UInt8>) -> Int {
        a.lexicographicallyPrecedes(b) ? -1 : b.lexicographicallyPrecedes(a) ? 1 : 0
    }

    private static let tilde = UInt8(ascii: "~")
    private static let caret = UInt8(ascii: "^")

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        !isDigit(byte) && !isLetter(byte) && byte != tilde && byte != caret
    }

    /// Printable ASCII without blanks, dashes, colons and slashes.
    private static func isAllowed(_ byte: UInt8) -> Bool {
        (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "-") && byte != UInt8(ascii: ":")
            && byte != UInt8(ascii: "/")
    }
}
