internal import Core

/// An SPDX licence expression (<https://spdx.github.io/spdx-spec/v3.0.1/annexes/spdx-license-expressions/>): licences joined by
/// AND and OR, each with an exception perhaps.
indirect enum LicenseExpression: Sendable {
    case license(LicenseName)
    case all([LicenseExpression])
    case any([LicenseExpression])

    /// Reads an expression; also the older `MIT/Apache-2.0`, and the names that people write for common licences. Throws for
    /// words that are no licence of the list.
    init(_ text: String) throws(Malformed) {
        guard text.utf8.count <= 1_000 else { throw Malformed("the licence is longer than 1,000 bytes") }
        // Most packages have one, and it needs no parser.
        if let known = SPDXList.licenses[text.lowercased()] {
            self = .license(LicenseName(known.text, orLater: false, exception: nil))
            return
        }
        if let spoken = LicenseName.spoken[text.lowercased()] {
            self = .license(LicenseName(spoken, orLater: false, exception: nil))
            return
        }
        var reader = LicenseReader(text)
        self = try reader.whole()
    }

    /// True where one may keep to the licences that `isAllowed` takes.
    func isSatisfied(by isAllowed: (LicenseName) -> Bool) -> Bool {
        switch self {
        case .license(let name): isAllowed(name)
        case .all(let parts): parts.allSatisfy { $0.isSatisfied(by: isAllowed) }
        case .any(let parts): parts.contains { $0.isSatisfied(by: isAllowed) }
        }
    }

    /// Every licence in it, in order.
    var names: [LicenseName] {
        switch self {
        case .license(let name): [name]
        case .all(let parts), .any(let parts): parts.flatMap(\.names)
        }
    }
}

/// One licence of an expression.
struct LicenseName: Hashable, Sendable {
    /// As the list spells it; `GPL-2.0` as `GPL-2.0-only`, and `GPL-2.0+` as `GPL-2.0-or-later`.
    let id: String
    /// `Apache-2.0+`: this version or a later one.
    let orLater: Bool
    let exception: String?

    init(_ id: String, orLater: Bool, exception: String?) {
        // The list itself has `GPL-2.0+` among its deprecated names.
        let isOpen = id.hasSuffix("+")
        let (id, orLater) = (isOpen ? String(id.dropLast()) : id, orLater || isOpen)
        let isFamily = ["GPL-", "LGPL-", "AGPL-", "GFDL-"].contains { id.hasPrefix($0) }
        let isBare = isFamily && !id.hasSuffix("-only") && !id.hasSuffix("-or-later") && !id.contains("with")
        self.id = isBare ? id + (orLater ? "-or-later" : "-only") : id
        self.orLater = orLater && !isBare
        self.exception = exception
    }

    /// A single licence as policy files list it.
    init(listed text: String) throws(Malformed) {
        guard case .license(let name) = try LicenseExpression(text) else {
            throw Malformed("'\(text)' is more than one licence")
        }
        self = name
    }

    /// True where a list with `listed` speaks of this licence. Without an exception it speaks of the licence with any.
    func isNamed(by listed: LicenseName) -> Bool {
        guard listed.exception == nil || listed.exception == exception else { return false }
        return listed.id == id
    }

    var text: String { id + (orLater ? "+" : "") + (exception.map { " WITH \($0)" } ?? "") }

    /// What people write where an identifier should stand.
    static let spoken: [String: String] = [
        "apache": "Apache-2.0", "apache 2": "Apache-2.0", "apache 2.0": "Apache-2.0", "apache-2": "Apache-2.0",
        "apache2": "Apache-2.0", "apache license 2.0": "Apache-2.0", "apache license, version 2.0": "Apache-2.0",
        "apache software license": "Apache-2.0", "the apache software license, version 2.0": "Apache-2.0",
        "mit license": "MIT", "the mit license": "MIT", "expat": "MIT", "isc license": "ISC",
        "bsd 3-clause": "BSD-3-Clause", "bsd-3": "BSD-3-Clause", "3-clause bsd": "BSD-3-Clause",
        "new bsd": "BSD-3-Clause", "new bsd license": "BSD-3-Clause", "bsd 2-clause": "BSD-2-Clause",
        "simplified bsd": "BSD-2-Clause", "gplv2": "GPL-2.0-only", "gpl v2": "GPL-2.0-only", "gplv3": "GPL-3.0-only",
        "gpl v3": "GPL-3.0-only", "gplv2+": "GPL-2.0-or-later", "gplv3+": "GPL-3.0-or-later",
        "lgplv2+": "LGPL-2.1-or-later", "lgplv3": "LGPL-3.0-only", "agplv3": "AGPL-3.0-only",
        "mozilla public license 2.0": "MPL-2.0", "mpl 2.0": "MPL-2.0", "psf": "PSF-2.0",
        "python software foundation license": "PSF-2.0", "public domain": "LicenseRef-Public-Domain",
    ]
}

/// Reads the words of an expression. OR binds least, then AND, then WITH.
private struct LicenseReader {
    private var tokens: [String] = []
    private var at = 0
    private static let depth = 32

    init(_ text: String) {
        var word = ""
        func flush(_ tokens: inout [String]) {
            if !word.isEmpty { tokens.append(word) }
            word = ""
        }
        for character in text {
            switch character {
            case "(", ")":
                flush(&tokens)
                tokens.append(String(character))
            // Cargo's and npm's old way of saying OR.
            case "/":
                flush(&tokens)
                tokens.append("OR")
            case _ where character.isWhitespace || character == ",": flush(&tokens)
            default: word.append(character)
            }
        }
        flush(&tokens)
    }

    mutating func whole() throws(Malformed) -> LicenseExpression {
        let expression = try alternatives(0)
        guard at == tokens.count else { throw Malformed("'\(tokens[at])' does not belong there") }
        return expression
    }

    private mutating func alternatives(_ depth: Int) throws(Malformed) -> LicenseExpression {
        var parts = [try conjunction(depth)]
        while take("OR") { parts.append(try conjunction(depth)) }
        return parts.count == 1 ? parts[0] : .any(parts)
    }

    private mutating func conjunction(_ depth: Int) throws(Malformed) -> LicenseExpression {
        var parts = [try single(depth)]
        while take("AND") { parts.append(try single(depth)) }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private mutating func single(_ depth: Int) throws(Malformed) -> LicenseExpression {
        guard depth < LicenseReader.depth else { throw Malformed("the licence is nested too deep") }
        if take("(") {
            let inner = try alternatives(depth + 1)
            guard take(")") else { throw Malformed("a bracket is not closed") }
            return inner
        }
        guard at < tokens.count else { throw Malformed("a licence is missing") }
        var word = tokens[at]
        at += 1
        let orLater = word.hasSuffix("+")
        if orLater { word.removeLast() }
        let id = try LicenseReader.identifier(word)
        guard take("WITH") else { return .license(LicenseName(id, orLater: orLater, exception: nil)) }
        guard at < tokens.count, let exception = SPDXList.exceptions[tokens[at].lowercased()] else {
            throw Malformed("WITH is followed by no exception of the list")
        }
        at += 1
        return .license(LicenseName(id, orLater: orLater, exception: exception.text))
    }

    private static func identifier(_ word: String) throws(Malformed) -> String {
        if let known = SPDXList.licenses[word.lowercased()] { return known.text }
        if word.hasPrefix("LicenseRef-") || word.hasPrefix("DocumentRef-") { return word }
        if let spoken = LicenseName.spoken[word.lowercased()] { return spoken }
        throw Malformed("'\(word)' is no SPDX licence")
    }

    private mutating func take(_ word: String) -> Bool {
        guard at < tokens.count, tokens[at] == word || tokens[at].uppercased() == word else { return false }
        at += 1
        return true
    }
}
