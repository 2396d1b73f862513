internal import Core

/// yarn.lock of yarn 1: blocks of a line of patterns and indented fields. The later format is YAML, see `BerryLock`.
struct YarnLock {
    private var pins: [Pin] = []
    private var pattern: String?
    private var version: String?
    private var resolved: String?
    private var integrity: String?

    static func pins(in document: [UInt8]) throws(Malformed) -> [Pin] {
        guard let text = String(validating: document, as: UTF8.self) else { throw Malformed("yarn.lock is not UTF-8") }
        var lock = YarnLock()
        for line in text.split(whereSeparator: \.isNewline) {
            if line.hasPrefix("__metadata:") { return try BerryLock.pins(in: document) }
            if line.hasPrefix("#") { continue }
            if line.first == " " { lock.read(field: line) } else { lock.open(line) }
        }
        lock.close()
        return lock.pins
    }

    private mutating func open(_ line: Substring) {
        close()
        guard line.last == ":" else { return }
        // All patterns of a block resolved to the same package; the first one names it.
        pattern = YarnLock.unquoted(line.dropLast().prefix(while: { $0 != "," }))
    }

    /// Fields stand two blanks deep; the dependencies below them, four deep, are no fields.
    private mutating func read(field line: Substring) {
        guard !line.hasPrefix("   ") else { return }
        let parts = line.drop { $0 == " " }.split(separator: " ", maxSplits: 1)
        guard parts.count == 2 else { return }
        let value = YarnLock.unquoted(parts[1])
        switch parts[0] {
        case "version": version = value
        case "resolved": resolved = value
        case "integrity": integrity = value
        default: break
        }
    }

    private mutating func close() {
        defer { (pattern, version, resolved, integrity) = (nil, nil, nil, nil) }
        guard let pattern, let version, let resolved else { return }
        let parts = resolved.split(separator: "#", maxSplits: 1)
        guard let link = parts.first else { return }
        let pin = Npm.pin(
            YarnLock.name(of: pattern),
            version,
            resolved: String(link),
            integrity: integrity,
            sha1: parts.count > 1 ? String(parts[1]) : nil
        )
        if let pin { pins.append(pin) }
    }

    /// `NAME@RANGE`; an alias is `OTHER@npm:NAME@RANGE`. Both names may begin with a scope's `@`.
    private static func name(of pattern: String) -> String {
        func cut(_ text: Substring) -> (Substring, Substring) {
            guard let at = text.dropFirst().firstIndex(of: "@") else { return (text, "") }
            return (text[..<at], text[text.index(after: at)...])
        }
        let (name, range) = cut(Substring(pattern))
        return String(range.hasPrefix("npm:") ? cut(range.dropFirst(4)).0 : name)
    }

    private static func unquoted(_ text: Substring) -> String {
        text.count >= 2 && text.hasPrefix("\"") && text.hasSuffix("\"")
            ? String(text.dropFirst().dropLast()) : String(text)
    }
}
