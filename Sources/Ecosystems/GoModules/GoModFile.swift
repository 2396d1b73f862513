internal import Core

/// What the go.mod of a module's newest release takes back: single releases, and the module as a whole.
/// <https://go.dev/ref/mod#go-mod-file-retract>
struct GoModFile {
    private struct Retraction {
        let low: GoVersion
        let high: GoVersion
        let reason: String
    }

    private var retractions: [Retraction] = []
    /// Why the module should no longer be used: the comment at its `module` line.
    private(set) var deprecation: Withdrawal?

    /// A file that cannot be read takes nothing back.
    init(_ bytes: [UInt8]) {
        guard bytes.count <= 1 << 20, let text = String(validating: bytes, as: UTF8.self) else { return }
        var above: [String] = []
        var isInBlock = false
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            let (code, comment) = GoModFile.parts(of: line)
            let comments = above + (comment.map { [$0] } ?? [])
            if code.isEmpty {
                above = comment == nil ? [] : comments
                continue
            }
            if isInBlock, code == ")" {
                isInBlock = false
            } else if isInBlock {
                retract(code, comments)
            } else if let rest = GoModFile.directive("retract", in: code) {
                isInBlock = rest == "("
                if !isInBlock { retract(rest, comments) }
            } else if GoModFile.directive("module", in: code) != nil {
                deprecation = GoModFile.deprecation(in: comments)
            }
            above = []
        }
    }

    func retraction(of version: String) -> Withdrawal? {
        guard let version = GoVersion(version) else { return nil }
        let found = retractions.first { $0.low.compared(to: version) <= 0 && version.compared(to: $0.high) <= 0 }
        return found.map { Withdrawal(reason: $0.reason) }
    }

    /// `v1.0.0` or `[v1.0.0, v1.1.0]`.
    private mutating func retract(_ code: Substring, _ comments: [String]) {
        let marks: Set<Character> = ["[", "]", "\"", "`", " ", "\t"]
        let ends = code.filter { !marks.contains($0) }.split(separator: ",").map { GoVersion(String($0)) }
        guard let first = ends.first, let low = first, let last = ends.last, let high = last, ends.count <= 2 else {
            return
        }
        let reason = comments.joined(separator: " ").prefix(300)
        retractions.append(Retraction(low: low, high: high, reason: reason.isEmpty ? "retracted" : String(reason)))
    }

    /// Code and comment of a line, both without blanks around and control characters inside.
    private static func parts(of line: Substring) -> (code: Substring, comment: String?) {
        guard let mark = line.firstRange(of: "//") else { return (trimmed(line), nil) }
        let comment = trimmed(line[mark.upperBound...]).unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }
        return (trimmed(line[..<mark.lowerBound]), String(String.UnicodeScalarView(comment)))
    }

    private static func trimmed(_ text: Substring) -> Substring {
        let start = text.drop(while: \.isWhitespace)
        guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return start[...end]
    }

    /// What stands behind the word.
    private static func directive(_ word: String, in code: Substring) -> Substring? {
        guard code.hasPrefix(word) else { return nil }
        let rest = code.dropFirst(word.count)
        guard let first = rest.first, first.isWhitespace || first == "(" else { return nil }
        return trimmed(rest)
    }

    /// The paragraph that begins with the word, of which the first lines are enough.
    private static func deprecation(in comments: [String]) -> Withdrawal? {
        let mark = "Deprecated:"
        guard let start = comments.firstIndex(where: { $0.hasPrefix(mark) }) else { return nil }
        let text = comments[start...].prefix { !$0.isEmpty }.joined(separator: " ").dropFirst(mark.count)
        return Withdrawal(reason: String(trimmed(text).prefix(300)))
    }
}
