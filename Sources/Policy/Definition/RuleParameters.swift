internal import Core

/// The settings of one rule: what the file says, and the definition's defaults for the rest.
struct RuleParameters: Sendable {
    let definition: RuleDefinition
    /// What the file says of `action` and of `on_missing_data`.
    var action: Action?
    var onMissingData: Action?
    var values: [String: ParameterValue] = [:]
    /// Where the file names the rule, and where each of its keys; nil and empty for defaults.
    var place: YAMLValue?
    var places: [String: YAMLValue] = [:]

    init(_ definition: RuleDefinition) { self.definition = definition }

    func value(_ name: String) -> ParameterValue? { values[name] ?? definition.parameter(name)?.standard }

    func number(_ name: String) -> Int {
        if case .number(let number)? = value(name) { number } else { 0 }
    }

    func flag(_ name: String) -> Bool {
        if case .flag(let flag)? = value(name) { flag } else { false }
    }

    func word(_ name: String) -> String {
        if case .word(let word)? = value(name) { word } else { "" }
    }

    func action(_ name: String) -> Action {
        if case .action(let action)? = value(name) { action } else { .allow }
    }

    func texts(_ name: String) -> [String] {
        if case .texts(let texts)? = value(name) { texts } else { [] }
    }

    func patterns(_ name: String) -> [PurlPattern] {
        if case .patterns(let patterns)? = value(name) { patterns } else { [] }
    }

    func time(_ name: String) -> Timestamp? {
        if case .time(let time)? = value(name) { time } else { nil }
    }

    func daysByTarget(_ name: String) -> (types: [String: Int], patterns: [(pattern: PurlPattern, days: Int)]) {
        if case .daysByTarget(let types, let patterns)? = value(name) { (types, patterns) } else { ([:], []) }
    }

    func textByPattern(_ name: String) -> [(pattern: PurlPattern, text: String)] {
        if case .textByPattern(let entries)? = value(name) { entries } else { [] }
    }
}

/// Everything that a rule is made from.
struct RuleSetup {
    let parameters: RuleParameters
    let action: Action
    /// Nil where only the release decides.
    let onMissingData: Action?
    /// What the file says of the other rules.
    let settings: RuleSettings

    init(_ parameters: RuleParameters, mode: Policy.Mode, hasData: Bool, settings: RuleSettings) {
        self.parameters = parameters
        let definition = parameters.definition
        let action =
            parameters.action
            ?? definition.action?.settled(mode: mode, action: .block, hasData: hasData) ?? .allow
        self.action = action
        onMissingData =
            parameters.onMissingData
            ?? definition.onMissingData?.settled(mode: mode, action: action, hasData: hasData)
        self.settings = settings
    }

    /// Every setting that changes an outcome, in one line; equal texts mean equal verdicts.
    var canonicalText: String {
        let definition = parameters.definition
        var parts = [definition.key.rawValue]
        if definition.action != nil { parts.append("action=\(action.word)") }
        for parameter in definition.parameters {
            parts.append("\(parameter.name)=\(parameters.value(parameter.name)?.canonicalText ?? "")")
        }
        if definition.onMissingData != nil {
            parts.append("on_missing_data=\(onMissingData?.word ?? "by-registry")")
        }
        return parts.joined(separator: " ")
    }
}
