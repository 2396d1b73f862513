extension PythonVersion {
    /// Reads every spelling that PEP 440's appendix B takes; nil for anything else.
    init?(_ text: String, maximumBytes: Int = 1_024) {
        guard text.utf8.count <= maximumBytes else { return nil }
        var reader = VersionReader(text)
        guard let version = reader.version() else { return nil }
        self = version
    }
}

/// Walks through the text of one version.
private struct VersionReader {
    private let bytes: [UInt8]
    private var at = 0

    init(_ text: String) {
        var trimmed = Substring(text).unicodeScalars
        while let first = trimmed.first, first.properties.isWhitespace { trimmed.removeFirst() }
        while let last = trimmed.last, last.properties.isWhitespace { trimmed.removeLast() }
        bytes = Array(String(trimmed).lowercased().utf8)
    }

    mutating func version() -> PythonVersion? {
        var version = PythonVersion()
        _ = take("v")
        guard let first = digits() else { return nil }
        var leading = first
        if take("!") {
            version.epoch = PythonVersion.Number(leading)
            guard let next = digits() else { return nil }
            leading = next
        }
        version.release = [PythonVersion.Number(leading)]
        while let next = numberAfterDot() { version.release.append(next) }
        version.pre = pre()
        version.post = post()
        version.dev = numbered(["dev"])?.number
        if take("+") {
            guard let local = local() else { return nil }
            version.local = local
        }
        return at == bytes.count ? version : nil
    }

    private mutating func pre() -> PythonVersion.Pre? {
        // Longest spellings first.
        let spellings = ["alpha", "beta", "preview", "pre", "rc", "a", "b", "c"]
        guard let (word, number) = numbered(spellings) else { return nil }
        let phase: PythonVersion.Phase =
            word.hasPrefix("a") ? .alpha : word.hasPrefix("b") ? .beta : .candidate
        return PythonVersion.Pre(phase: phase, number: number)
    }

    private mutating func post() -> PythonVersion.Number? {
        let start = at
        // `1.0-2` means `1.0.post2`; only a dash says so.
        if take("-"), let digits = digits() { return PythonVersion.Number(digits) }
        at = start
        return numbered(["post", "rev", "r"])?.number
    }

    /// A word with optional separators around it and an optional number.
    private mutating func numbered(_ words: [String]) -> (word: String, number: PythonVersion.Number)? {
        let start = at
        separator()
        guard let word = words.first(where: { take($0) }) else {
            at = start
            return nil
        }
        let end = at
        separator()
        if let digits = digits() { return (word, PythonVersion.Number(digits)) }
        at = end
        return (word, PythonVersion.Number("0"))
    }

    private mutating func local() -> [PythonVersion.LocalPart]? {
        var parts: [PythonVersion.LocalPart] = []
        repeat {
            let start = at
            while at < bytes.count, isAlphanumeric(bytes[at]) { at += 1 }
            guard at > start else { return nil }
            let part = String(decoding: bytes[start..<at], as: UTF8.self)
            let isNumber = part.utf8.allSatisfy { (0x30...0x39).contains($0) }
            parts.append(isNumber ? .number(PythonVersion.Number(part)) : .word(part))
        } while separator()
        return parts
    }

    private mutating func numberAfterDot() -> PythonVersion.Number? {
        let start = at
        if take("."), let digits = digits() { return PythonVersion.Number(digits) }
        at = start
        return nil
    }

    private mutating func digits() -> String? {
        let start = at
        while at < bytes.count, (0x30...0x39).contains(bytes[at]) { at += 1 }
        return at > start ? String(decoding: bytes[start..<at], as: UTF8.self) : nil
    }

    @discardableResult private mutating func separator() -> Bool { take(".") || take("-") || take("_") }

    private mutating func take(_ word: String) -> Bool {
        guard bytes[at...].starts(with: word.utf8) else { return false }
        at += word.utf8.count
        return true
    }

    private func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte)
    }
}
