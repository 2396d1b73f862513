/// What may stand at one place of a policy file: its type, what holds where nobody names it, which way is stricter. The
/// schema, `policy show` and the layers are made from these.
public struct PolicyField: Sendable {
    /// The type of a value.
    public indirect enum Kind: Sendable {
        case text
        case flag
        case number(ClosedRange<Int>)
        /// One of some words; where there is an order, the weakest first.
        case choice([String])
        case pattern
        case purlType
        /// A day, or a time with its offset.
        case date
        /// A whole number of days, also written `30d`.
        case days
        /// `30min`, `24h`, `7d`.
        case duration
        case list(Kind)
        /// Free keys: purl types, purl patterns, or both.
        case map(Kind)
        case fields([PolicyField])
        /// A section that may also be written as the value of one of its keys.
        case short(for: String, [PolicyField])
    }

    /// Which change of a value tightens the policy.
    public enum Strictness: Sendable {
        case greater, smaller
        /// A later word of the choice.
        case later
        /// An entry more; entries of all layers hold together.
        case more
        /// An entry less.
        case fewer
        /// Neither way is stricter.
        case free
        /// Nobody can say: any other value counts as looser.
        case unordered
    }

    public let key: String
    public let kind: Kind
    public let strictness: Strictness
    public let meaning: String
    public let isRequired: Bool
    private let fallbacks: (audit: String?, enforce: String?)

    public init(
        _ key: String,
        _ kind: Kind,
        _ strictness: Strictness,
        default fallback: String? = nil,
        _ meaning: String
    ) {
        self.init(key, kind, strictness, byMode: (fallback, fallback), meaning)
    }

    init(
        _ key: String,
        _ kind: Kind,
        _ strictness: Strictness,
        byMode fallbacks: (audit: String?, enforce: String?),
        _ meaning: String
    ) {
        self.key = key
        self.kind = kind
        self.strictness = strictness
        self.meaning = meaning
        self.fallbacks = fallbacks
        isRequired = false
    }

    private init(requiring field: PolicyField) {
        key = field.key
        kind = field.kind
        strictness = field.strictness
        meaning = field.meaning
        fallbacks = field.fallbacks
        isRequired = true
    }

    /// The same, and it must be there.
    var required: PolicyField { PolicyField(requiring: self) }

    /// What holds where nobody names it, as a file would spell it; nil where there is nothing to spell.
    public func fallback(in mode: Policy.Mode) -> String? {
        mode == .enforce ? fallbacks.enforce : fallbacks.audit
    }

    /// True for a rule that is in force only where a file says what about.
    var isOptIn: Bool {
        guard let inner else { return false }
        return inner.contains(where: \.isRequired) && inner.contains { $0.key == "action" }
    }

    /// The keys of a section; nil where the value is no section.
    public var inner: [PolicyField]? {
        switch kind {
        case .fields(let fields), .short(_, let fields): fields
        default: nil
        }
    }
}
