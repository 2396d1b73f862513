internal import Core

/// How an ecosystem puts two versions in order; nil where it cannot.
typealias VersionOrder = @Sendable (String, String) -> Int?

/// Whether a version is meant. `unknown` where the ecosystem cannot put the version in order.
enum Match: Sendable {
    case yes, no, unknown
}

/// Which versions a pattern means: all, one, those of a glob, or those of a range.
enum VersionSpec: Sendable, Hashable {
    case any
    case exactly(String)
    case glob(Glob)
    /// Alternatives, each a list that must hold as a whole.
    case range([[VersionBound]])
    /// The bounds of a `vers:` text, read by that specification's rules.
    case vers([VersionBound])

    /// `text` is what follows the `@` of a pattern; a percent code in it stands for itself, never for a comparison.
    init(_ text: String) throws(Malformed) {
        if text == "*" {
            self = .any
        } else if text.hasPrefix("vers:") {
            self = try VersionSpec.vers(in: text)
        } else if text.contains(where: { "<>=,|".contains($0) }) {
            var alternatives: [[VersionBound]] = []
            for part in text.split(separator: "||", omittingEmptySubsequences: false) {
                alternatives.append(try VersionSpec.bounds(in: part, separator: ","))
            }
            self = .range(alternatives)
        } else if Glob.isGlob(text) {
            self = .glob(Glob(try VersionBound.decoded(text)))
        } else if text.hasPrefix("^") || text.hasPrefix("~") {
            // What would be taken for a version here would match nothing, in silence.
            throw Malformed("'\(text)' is a range of a client's; write it as >=1.2,<2")
        } else {
            self = .exactly(try VersionBound.decoded(text))
        }
    }

    func match(_ version: String?, _ compare: VersionOrder) -> Match {
        if case .any = self { return .yes }
        // A pattern with a version speaks of releases; a package without one is not meant.
        guard let version else { return .no }
        switch self {
        case .any: return .yes
        case .exactly(let wanted): return VersionBound.order(of: version, from: wanted, compare) == 0 ? .yes : .no
        case .glob(let glob): return glob.matches(version) || glob.stem?.matches(version) == true ? .yes : .no
        case .range(let alternatives):
            var result = Match.no
            for bounds in alternatives {
                switch VersionSpec.all(bounds, version, compare) {
                case .yes: return .yes
                case .unknown: result = .unknown
                case .no: break
                }
            }
            return result
        case .vers(let bounds): return VersionSpec.contains(version, bounds, compare)
        }
    }

    private static func all(_ bounds: [VersionBound], _ version: String, _ compare: VersionOrder) -> Match {
        var result = Match.yes
        for bound in bounds {
            guard let order = bound.order(of: version, compare) else {
                result = .unknown
                continue
            }
            if !bound.relation.holds(order) { return .no }
        }
        return result
    }

    /// Containment as the vers specification defines it: equalities first, then the gaps between neighbours.
    private static func contains(_ version: String, _ bounds: [VersionBound], _ compare: VersionOrder) -> Match {
        var open: [(bound: VersionBound, order: Int)] = []
        var isSeen = true
        for bound in bounds {
            guard let order = bound.order(of: version, compare) else {
                isSeen = false
                continue
            }
            if order == 0, bound.relation == .notEqual { return .no }
            if order == 0, bound.relation.includesEqual { return .yes }
            if bound.relation.isOpenEnded { open.append((bound, order)) }
        }
        guard isSeen else { return .unknown }
        // Neighbours in the given order, which the specification wants ascending; sorted again so as not to trust it.
        open.sort { (compare($0.bound.version, $1.bound.version) ?? 0) < 0 }
        if let first = open.first, first.bound.relation.isUpper, first.order < 0 { return .yes }
        if let last = open.last, !last.bound.relation.isUpper, last.order > 0 { return .yes }
        for (low, high) in zip(open, open.dropFirst())
        where !low.bound.relation.isUpper && high.bound.relation.isUpper && low.order > 0 && high.order < 0 {
            return .yes
        }
        // Without any bound but `!=`, everything else is in.
        return open.isEmpty && bounds.allSatisfy { $0.relation == .notEqual } ? .yes : .no
    }

    private static func vers(in text: String) throws(Malformed) -> VersionSpec {
        let body = text.dropFirst("vers:".count)
        guard let slash = body.firstIndex(of: "/"), slash != body.startIndex else {
            throw Malformed("'\(text)' is not vers:TYPE/BOUNDS")
        }
        let list = body[body.index(after: slash)...]
        if list == "*" { return .any }
        return .vers(try bounds(in: list, separator: "|"))
    }

    private static func bounds(in text: Substring, separator: Character) throws(Malformed) -> [VersionBound] {
        var bounds: [VersionBound] = []
        for part in text.split(separator: separator, omittingEmptySubsequences: false) {
            bounds.append(try VersionBound(part))
        }
        if separator == ",", bounds.count > 1, bounds.contains(where: { $0.relation == .equal }) {
            throw Malformed("'\(text)' asks for one version and more; separate alternatives with ||")
        }
        return bounds
    }

    /// True where a version that it names holds the text.
    func names(_ text: String) -> Bool {
        switch self {
        case .any: false
        case .exactly(let version): version.contains(text)
        case .glob(let glob): glob.text.contains(text)
        case .range(let alternatives): alternatives.contains { $0.contains { $0.version.contains(text) } }
        case .vers(let bounds): bounds.contains { $0.version.contains(text) }
        }
    }

    var canonicalText: String {
        switch self {
        case .any: "*"
        case .exactly(let version): "=\(canonical(version))"
        case .glob(let glob): "~\(canonical(glob.text))"
        case .range(let alternatives):
            alternatives.map { $0.map(\.canonicalText).joined(separator: ",") }.joined(separator: "||")
        case .vers(let bounds): "vers:" + bounds.map(\.canonicalText).joined(separator: "|")
        }
    }
}

/// One comparison of a range.
struct VersionBound: Sendable, Hashable {
    /// The comparison, spelled as in ranges.
    enum Relation: String, Sendable, CaseIterable {
        // Longer spellings first, so that `<` does not swallow `<=`.
        case notEqual = "!="
        case atMost = "<="
        case atLeast = ">="
        case same = "=="
        case below = "<"
        case above = ">"
        case equal = "="

        func holds(_ order: Int) -> Bool {
            switch self {
            case .notEqual: order != 0
            case .atMost: order <= 0
            case .atLeast: order >= 0
            case .same, .equal: order == 0
            case .below: order < 0
            case .above: order > 0
            }
        }

        var includesEqual: Bool { holds(0) }
        var isUpper: Bool { self == .below || self == .atMost }
        var isOpenEnded: Bool { isUpper || self == .above || self == .atLeast }
    }

    let relation: Relation
    let version: String

    init(_ text: Substring) throws(Malformed) {
        let trimmed = String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        let relation = Relation.allCases.first { trimmed.hasPrefix($0.rawValue) }
        let version = String(trimmed.dropFirst(relation?.rawValue.count ?? 0).drop { $0 == " " })
        guard !Glob.isGlob(version) else { throw Malformed("'\(trimmed)' compares with a *; use <, <=, > and >=") }
        self.relation = relation == .same ? .equal : relation ?? .equal
        self.version = try VersionBound.decoded(version)
    }

    /// Refuses what no version holds but a mistyped range does.
    static func decoded(_ text: String) throws(Malformed) -> String {
        guard let version = PercentEncoding.decode(text), !version.isEmpty,
            !version.contains(where: { " <>=,|".contains($0) })
        else { throw Malformed("'\(text)' is neither a version nor a comparison such as >=1.2") }
        return version
    }

    /// Negative where `version` comes before the bound.
    func order(of version: String, _ compare: VersionOrder) -> Int? {
        VersionBound.order(of: version, from: self.version, compare)
    }

    /// Negative where `version` comes before what a policy names.
    static func order(of version: String, from named: String, _ compare: VersionOrder) -> Int? {
        if version == named { return 0 }
        if let order = compare(version, named) { return order }
        // `2` means 2.0.0 where versions have three numbers, and `1.2.3` v1.2.3 where all have a `v`.
        let numbers = named.hasPrefix("v") ? named.dropFirst() : named[...]
        guard let first = numbers.utf8.first, (0x30...0x39).contains(first) else { return nil }
        let isShort = numbers.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2E }
        let whole = isShort ? [named, named + ".0", named + ".0.0"] : [named]
        let spelled = whole + (named.hasPrefix("v") ? [] : whole.map { "v" + $0 })
        for text in spelled.dropFirst() {
            if let order = compare(version, text) { return order }
        }
        return nil
    }

    var canonicalText: String { relation.rawValue + canonical(version) }
}
