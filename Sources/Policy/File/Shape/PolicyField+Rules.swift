extension PolicyField {
    /// One section for each rule, from the definitions that the file is read by.
    static let rules: [PolicyField] = RuleCatalog.definitions.map { PolicyField($0) }

    private init(_ definition: RuleDefinition) {
        var fields: [PolicyField] = []
        if let action = definition.action {
            fields.append(PolicyField("action", action, "what a finding amounts to"))
        }
        // An entry that judges nothing lets something pass: without it, nothing passes so.
        fields += definition.parameters.map { PolicyField($0, allowsAbsent: definition.action != nil) }
        if let missing = definition.onMissingData {
            fields.append(PolicyField("on_missing_data", missing, "the action where data is missing"))
        }
        let kind: Kind = definition.shorthand.map { .short(for: $0, fields) } ?? .fields(fields)
        self.init(definition.key.rawValue, kind, .free, definition.meaning)
    }

    private init(_ key: String, _ fallback: Fallback, _ meaning: String) {
        let words = fallback.words.filter { $0 != "`" }
        switch fallback {
        case .always(let action):
            self.init(key, .choice(PolicyField.actions), .later, default: action.word, meaning)
        case .byMode(let audit, let enforce):
            self.init(key, .choice(PolicyField.actions), .later, byMode: (audit.word, enforce.word), meaning)
        case .asAction, .byRegistry, .withData:
            self.init(key, .choice(PolicyField.actions), .later, default: nil, "\(meaning) (default: \(words))")
        }
    }

    /// `allowsAbsent`: a list of what may pass restricts nothing where it is not there.
    private init(_ parameter: RuleParameter, allowsAbsent: Bool) {
        let kind = PolicyField.kind(parameter.kind)
        let isList = if case .list = kind { true } else { false }
        let bound = parameter.strictness == .fewer && !allowsAbsent ? (isList ? "[]" : "{}") : nil
        let field = PolicyField(
            parameter.name,
            kind,
            PolicyField.strictness(parameter.strictness, kind),
            default: parameter.standardText ?? bound,
            parameter.meaning
        )
        self = parameter.isRequired ? field.required : field
    }

    private static func kind(_ kind: RuleParameter.Kind) -> Kind {
        switch kind {
        case .number(let range): .number(range)
        case .days: .days
        case .flag: .flag
        case .choice(let words): .choice(words)
        case .action: .choice(actions)
        case .texts, .licenses, .digests: .list(.text)
        case .patterns: .list(.pattern)
        case .time: .date
        case .daysByTarget: .map(.days)
        case .textByPattern: .map(.text)
        }
    }

    private static func strictness(_ strictness: RuleParameter.Strictness, _ kind: Kind) -> Strictness {
        if case .map(.text) = kind { return .unordered }
        switch strictness {
        case .greater: if case .choice = kind { return .later } else { return .greater }
        case .smaller: if case .choice = kind { return .unordered } else { return .smaller }
        case .more: return .more
        case .fewer: return .fewer
        case .unordered: return .unordered
        }
    }
}
