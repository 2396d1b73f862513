/// What may stand under a rule's key, and what holds where nothing does.
///
/// Every rule has one, next to it. The reader of the policy file, its schema and the tables of the documentation are made
/// from these and from nothing else.
public struct RuleDefinition: Sendable {
    public let key: RuleKey
    /// One line, without a full stop: reads on from the key.
    public let meaning: String
    /// Nil for an entry that is no judge of its own, such as `allow`: it takes no `action`.
    public let action: Fallback?
    /// Nil where nothing can be missing: the entry takes no `on_missing_data`.
    public let onMissingData: Fallback?
    public let parameters: [RuleParameter]
    /// The parameter that a plain list in the entry's place stands for.
    public let shorthand: String?

    init(
        _ key: RuleKey,
        _ meaning: String,
        action: Fallback?,
        onMissingData: Fallback? = nil,
        _ parameters: [RuleParameter] = []
    ) {
        self.key = key
        self.meaning = meaning
        self.action = action
        self.onMissingData = onMissingData
        self.parameters = parameters
        shorthand = parameters.first { $0.isShorthand }?.name
    }

    /// Every key that the entry may hold, in the order of the documentation.
    public var keys: [String] {
        (action == nil ? [] : ["action"]) + parameters.map(\.name)
            + (onMissingData == nil ? [] : ["on_missing_data"])
    }

    func parameter(_ name: String) -> RuleParameter? { parameters.first { $0.name == name } }
}

/// The action that holds where a file names none.
public enum Fallback: Hashable, Sendable {
    case always(Action)
    case byMode(audit: Action, enforce: Action)
    /// As the rule's own action.
    case asAction
    /// Block where the registry stamps releases itself, so that a missing time is suspicious; warn elsewhere.
    case byRegistry
    /// This action where data is configured under `data:`; nothing where none is.
    case withData(Action)

    /// Nil where only the release decides.
    func settled(mode: Policy.Mode, action: Action, hasData: Bool) -> Action? {
        switch self {
        case .always(let action): action
        case .byMode(let audit, let enforce): mode == .audit ? audit : enforce
        case .asAction: action
        case .byRegistry: nil
        case .withData(let action): hasData ? action : .allow
        }
    }

    /// For tables.
    public var words: String {
        switch self {
        case .always(let action): "`\(action.word)`"
        case .byMode(let audit, let enforce):
            "`\(audit.word)` in audit mode, `\(enforce.word)` in enforce mode"
        case .asAction: "as `action`"
        case .byRegistry: "`block` where the registry stamps releases itself, `warn` elsewhere"
        case .withData(let action): "`\(action.word)` where data is configured, else nothing"
        }
    }
}
