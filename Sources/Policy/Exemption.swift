public import Core

/// A dated, reasoned exception from one rule.
public struct Exemption: Hashable, Sendable {
    /// The pattern as the policy file has it.
    public let purl: String
    public let rule: String
    public let reason: String
    /// As written: a day, which counts to its end in UTC, or a time; `never` where the policy allows to leave it out.
    public let until: String
    /// When given, only a finding that rests on this advisory is lifted.
    public let advisory: String?
    /// Where it stands in the policy file.
    public let line: Int
    public let file: String

    let pattern: PurlPattern
    let end: Timestamp?

    static let never = "never"

    public func isExpired(at now: Timestamp) -> Bool { end.map { now >= $0 } ?? false }

    var canonicalText: String {
        "exempt purl=\(pattern.canonicalText) rule=\(rule) until=\(end.map(\.description) ?? "never") advisory=\(canonical(advisory ?? ""))"
    }

    public static func == (a: Exemption, b: Exemption) -> Bool {
        (a.purl, a.rule, a.until, a.advisory, a.line) == (b.purl, b.rule, b.until, b.advisory, b.line)
            && a.file == b.file
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(purl)
        hasher.combine(rule)
        hasher.combine(line)
    }
}

/// The exemptions of a policy, found by rule and package.
struct ExemptionList: Sendable {
    let all: [Exemption]
    private let sets: [RuleKey: PatternSet]

    init(_ all: [Exemption]) {
        self.all = all
        var sets: [RuleKey: PatternSet] = [:]
        for key in RuleKey.allCases {
            let positions = all.indices.filter { all[$0].rule == key.rawValue }
            guard !positions.isEmpty else { continue }
            sets[key] = PatternSet(positions.map { ($0, all[$0].pattern) })
        }
        self.sets = sets
    }

    /// The exemptions that together lift an opinion; empty where they do not.
    func lifting(_ opinion: Opinion, _ facts: Facts, _ subject: Subject) -> [Exemption] {
        guard let set = sets[opinion.rule] else { return [] }
        let current = set.matches(subject, facts.compare).filter { $0.isCertain }
            .map { all[$0.position] }.filter { !$0.isExpired(at: facts.now) }
        if let whole = current.first(where: { $0.advisory == nil }) { return [whole] }
        guard !opinion.advisories.isEmpty else { return [] }
        var lifting: [Exemption] = []
        for id in opinion.advisories {
            guard let exemption = current.first(where: { $0.advisory == id }) else { return [] }
            lifting.append(exemption)
        }
        return lifting
    }
}

/// Text in a form that no other value can imitate, for the policy's digest.
func canonical(_ text: String) -> String {
    var escaped = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"", "\\": escaped += "\\\(scalar)"
        case "\n": escaped += "\\n"
        default: escaped.unicodeScalars.append(scalar)
        }
    }
    return escaped + "\""
}
