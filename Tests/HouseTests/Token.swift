/// A word or a sign of Swift text. Comments are gone, and of a string only its quotes are left.
struct Token: Hashable, Sendable {
    let text: String
    let line: Int
    /// True when nothing stands between it and the token before it.
    let isAdjacent: Bool
    /// True when it is the first of its line.
    let isFirst: Bool
}

/// Reads Swift text into tokens: enough to see imports, names, braces and words, without a compiler.
struct Tokenizer {
    private let bytes: [UInt8]
    private var at = 0
    private var line = 1
    private var end = -1
    private var lastLine = 0
    private(set) var tokens: [Token] = []

    static func tokens(of text: String) -> [Token] {
        var tokenizer = Tokenizer(bytes: Array(text.utf8))
        tokenizer.read(untilParenthesis: false)
        return tokenizer.tokens
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private func byte(_ ahead: Int = 0) -> UInt8 { at + ahead < bytes.count ? bytes[at + ahead] : 0 }

    private mutating func read(untilParenthesis: Bool) {
        var depth = 0
        while at < bytes.count {
            switch byte() {
            case 0x0A:
                line += 1
                at += 1
            case 0x20, 0x09, 0x0D: at += 1
            case 0x2F where byte(1) == 0x2F: skipLine()
            case 0x2F where byte(1) == 0x2A: skipComment()
            case 0x22: readString(hashes: 0)
            case 0x23 where opensRawString(): readString(hashes: countHashes())
            case let letter where Tokenizer.isWord(letter): readWord()
            case let sign:
                if untilParenthesis, sign == 0x28 { depth += 1 }
                if untilParenthesis, sign == 0x29 {
                    if depth == 0 { return }
                    depth -= 1
                }
                append(String(decoding: [sign], as: UTF8.self), from: at, to: at + 1)
                at += 1
            }
        }
    }

    private mutating func append(_ text: String, from start: Int, to next: Int) {
        tokens.append(Token(text: text, line: line, isAdjacent: start == end, isFirst: line != lastLine))
        lastLine = line
        end = next
    }

    private mutating func readWord() {
        let start = at
        while Tokenizer.isWord(byte()) { at += 1 }
        append(String(decoding: bytes[start..<at], as: UTF8.self), from: start, to: at)
    }

    private mutating func skipLine() { while at < bytes.count, byte() != 0x0A { at += 1 } }

    private mutating func skipComment() {
        var depth = 0
        repeat {
            if byte() == 0x2F, byte(1) == 0x2A {
                depth += 1
                at += 2
            } else if byte() == 0x2A, byte(1) == 0x2F {
                depth -= 1
                at += 2
            } else {
                if byte() == 0x0A { line += 1 }
                at += 1
            }
        } while depth > 0 && at < bytes.count
    }

    private func countHashes() -> Int {
        var count = 0
        while byte(count) == 0x23 { count += 1 }
        return count
    }

    private func opensRawString() -> Bool { byte(countHashes()) == 0x22 }

    /// Reads `"…"`, `"""…"""` and their raw forms. Code inside `\(…)` is code.
    private mutating func readString(hashes: Int) {
        let start = at
        at += hashes
        let quotes = byte(1) == 0x22 && byte(2) == 0x22 ? 3 : 1
        at += quotes
        append("\"", from: start, to: at)
        while at < bytes.count {
            if byte() == 0x22, closes(quotes, hashes) {
                at += quotes + hashes
                break
            }
            if byte() == 0x5C, (0..<hashes).allSatisfy({ byte(1 + $0) == 0x23 }) {
                at += 1 + hashes
                if byte() == 0x28 {
                    at += 1
                    read(untilParenthesis: true)
                }
                at += 1
                continue
            }
            if byte() == 0x0A { line += 1 }
            at += 1
        }
        end = at
    }

    private func closes(_ quotes: Int, _ hashes: Int) -> Bool {
        (0..<quotes).allSatisfy { byte($0) == 0x22 } && (0..<hashes).allSatisfy { byte(quotes + $0) == 0x23 }
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x40, 0x80...: true
        default: false
        }
    }
}
