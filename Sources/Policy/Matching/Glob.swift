/// A text in which `*` stands for any run of bytes, `/` included. Matches in linear space and without backtracking storms.
struct Glob: Sendable, Hashable {
    let text: String
    private let pattern: [UInt8]

    init(_ text: String) {
        self.text = text
        pattern = Array(text.utf8)
    }

    /// Of `1.4.*` the `1.4`, which is the first of its versions where it is one.
    var stem: Glob? { text.hasSuffix(".*") ? Glob(String(text.dropLast(2))) : nil }

    static func isGlob(_ text: some StringProtocol) -> Bool { text.utf8.contains(UInt8(ascii: "*")) }

    /// Only the last star is ever gone back to: an earlier one could not match more than a later one leaves.
    func matches(_ candidate: String) -> Bool {
        let bytes = Array(candidate.utf8)
        var (at, next) = (0, 0)
        var star: (pattern: Int, bytes: Int)?
        while next < bytes.count {
            if at < pattern.count, pattern[at] == UInt8(ascii: "*") {
                star = (at, next)
                at += 1
            } else if at < pattern.count, pattern[at] == bytes[next] {
                at += 1
                next += 1
            } else if let last = star {
                star = (last.pattern, last.bytes + 1)
                (at, next) = (last.pattern + 1, last.bytes + 1)
            } else {
                return false
            }
        }
        return pattern[at...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
