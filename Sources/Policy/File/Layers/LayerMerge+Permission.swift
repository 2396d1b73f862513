internal import Core

extension LayerMerge {
    /// Every exemption of a lower layer loosens.
    func exemptions(_ lower: YAMLValue, _ upper: YAMLValue?) throws(Problem) -> YAMLValue {
        for entry in lower.elements {
            let rule = entry["rule"]?.plainText ?? ""
            guard !isLoosenable("exempt.\(rule)", by: upper) else { continue }
            throw entry.problem(
                "would exempt from \(rule), which \(owner(of: upper)) does not allow",
                "remove the exemption, or have exempt.\(rule) added to loosenable: there"
            )
        }
        return (upper ?? lower).with(.list((upper?.elements ?? []) + lower.elements))
    }

    /// Whether the layer that set a value, or for a default the topmost, lets others loosen it.
    func isLoosenable(_ path: String, by upper: YAMLValue?) -> Bool {
        (loosenable[upper?.file ?? top] ?? []).contains { path == $0 || path.hasPrefix($0 + ".") }
    }

    func refusal(_ lower: YAMLValue, _ upper: YAMLValue?, _ asked: String) -> Problem {
        let value = lower.plainText
        let shown = value.count > 60 ? "\(value.prefix(60))…" : value
        let holder = upper == nil ? "by default under \(owner(of: upper))" : "in \(owner(of: upper))"
        return lower.problem(
            "is \(shown), which would loosen the policy: \(asked) holds \(holder)",
            "remove the key or make it at least as strict, or have \(lower.path) added to loosenable: there"
        )
    }

    /// `the organisation's policy (org.yml line 4)`
    private func owner(of value: YAMLValue?) -> String {
        let layer = layers[value?.file ?? top] ?? .organisation
        return "the \(layer.rawValue)'s policy (\(value.map { "\($0.file) line \($0.line)" } ?? top))"
    }
}

extension PolicyField {
    /// The words of a choice, weakest first.
    var words: [String] { if case .choice(let words) = kind { words } else { [] } }
}
