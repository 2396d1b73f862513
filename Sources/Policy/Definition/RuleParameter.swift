internal import Core

/// One setting of a rule: its name, its type, its default, and what it means.
public struct RuleParameter: Sendable {
    /// What may stand there.
    public enum Kind: Hashable, Sendable {
        case number(ClosedRange<Int>)
        /// A whole number of days, also written `30d`.
        case days
        case flag
        case choice([String])
        case action
        case texts
        case patterns
        /// A day or an RFC 3339 time.
        case time
        /// Purl types and purl patterns, each with days.
        case daysByTarget
        /// Purl patterns, each with a text.
        case textByPattern
        /// SPDX expressions of single licences, and `LicenseRef-…`.
        case licenses
        /// `sha256:HEX`.
        case digests
    }

    /// Which way a change is stricter, for layers: a lower one may go that way and no other.
    public enum Strictness: Hashable, Sendable {
        /// Of numbers and times the greater, or the smaller; `true` is greater than `false`, and actions are in their order.
        case greater, smaller
        /// A list with more entries, or with fewer.
        case more, fewer
        /// No order: every change may loosen.
        case unordered
    }

    public let name: String
    public let kind: Kind
    let standard: ParameterValue?
    public let strictness: Strictness
    /// One line, without a full stop.
    public let meaning: String
    public let isRequired: Bool
    let isShorthand: Bool

    init(
        _ name: String,
        _ kind: Kind,
        _ standard: ParameterValue? = nil,
        stricter: Strictness,
        _ meaning: String
    ) {
        self.name = name
        self.kind = kind
        self.standard = standard
        strictness = stricter
        self.meaning = meaning
        isRequired = false
        isShorthand = false
    }

    private init(_ other: RuleParameter, isRequired: Bool, isShorthand: Bool) {
        name = other.name
        kind = other.kind
        standard = other.standard
        strictness = other.strictness
        meaning = other.meaning
        self.isRequired = isRequired
        self.isShorthand = isShorthand
    }

    /// The entry means nothing without it.
    var required: RuleParameter { RuleParameter(self, isRequired: true, isShorthand: isShorthand) }
    /// A plain list in place of the whole entry stands for it.
    var shorthand: RuleParameter { RuleParameter(self, isRequired: isRequired, isShorthand: true) }

    /// The default as a file would say it; nil where there is none.
    public var standardText: String? { standard?.text }

    /// `whole number`, `list of purl patterns`: for tables and complaints.
    public var type: String {
        switch kind {
        case .number(let range): "whole number from \(range.lowerBound)"
        case .days: "days"
        case .flag: "`true` or `false`"
        case .choice(let words): words.map { "`\($0)`" }.joined(separator: ", ")
        case .action: "action"
        case .texts: "list of texts"
        case .patterns: "list of purl patterns"
        case .time: "day or time"
        case .daysByTarget: "map of purl types and patterns to days"
        case .textByPattern: "map of purl patterns to texts"
        case .licenses: "list of SPDX licences"
        case .digests: "list of digests"
        }
    }
}

/// A setting as it was read.
enum ParameterValue: Sendable {
    case number(Int)
    case flag(Bool)
    case word(String)
    case action(Action)
    case texts([String])
    case patterns([PurlPattern])
    case time(Timestamp)
    case daysByTarget(types: [String: Int], patterns: [(pattern: PurlPattern, days: Int)])
    case textByPattern([(pattern: PurlPattern, text: String)])

    /// Equal texts mean equal outcomes: the order of lists does not count.
    var canonicalText: String {
        switch self {
        case .number(let number): "\(number)"
        case .flag(let flag): "\(flag)"
        case .word(let word): canonical(word)
        case .action(let action): action.word
        case .texts(let texts): texts.map(canonical).sorted().joined(separator: ";")
        case .patterns(let patterns): patterns.map(\.canonicalText).sorted().joined(separator: ";")
        case .time(let time): "\(time)"
        case .daysByTarget(let types, let patterns):
            (types.map { "\($0.key)=\($0.value)" }.sorted()
                + patterns.map { "\($0.pattern.canonicalText)=\($0.days)" }.sorted()).joined(separator: ";")
        case .textByPattern(let entries):
            entries.map { "\($0.pattern.canonicalText)=\(canonical($0.text))" }.sorted().joined(separator: ";")
        }
    }

    /// As a person writes it in the file.
    var text: String {
        switch self {
        case .number(let number): "\(number)"
        case .flag(let flag): "\(flag)"
        case .word(let word): word
        case .action(let action): action.word
        case .texts(let texts): "[\(texts.joined(separator: ", "))]"
        case .patterns(let patterns): "[\(patterns.map { "\"\($0.text)\"" }.joined(separator: ", "))]"
        case .time(let time): "\(time)"
        case .daysByTarget(let types, let patterns):
            "{ "
                + (types.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
                + patterns.map { "\"\($0.pattern.text)\": \($0.days)" }).joined(separator: ", ") + " }"
        case .textByPattern(let entries):
            "{ \(entries.map { "\"\($0.pattern.text)\": \"\($0.text)\"" }.joined(separator: ", ")) }"
        }
    }
}
