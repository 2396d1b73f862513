internal import Core

/// Puts a lower layer of policy over what upper ones made: what tightens is taken, what loosens must have been allowed by
/// whoever set the value. Values keep their places, so that everything can be said where it is from.
struct LayerMerge {
    /// By the names of the texts.
    let layers: [String: PolicyLayer]
    /// What each text lets lower layers loosen.
    let loosenable: [String: [String]]
    /// The text that answers for defaults.
    let top: String
    /// Defaults may depend on it.
    let mode: Policy.Mode

    func merge(_ lower: YAMLValue, over upper: YAMLValue) throws(Problem) -> YAMLValue {
        try section(PolicyField.file, lower, upper)
    }

    private func section(_ fields: [PolicyField], _ lower: YAMLValue, _ upper: YAMLValue?) throws(Problem) -> YAMLValue
    {
        var merged: [(key: String, value: YAMLValue)] = []
        for (key, value) in upper?.entries ?? [] where lower[key] == nil { merged.append((key, value)) }
        for (key, value) in lower.entries {
            guard let field = fields.first(where: { $0.key == key }) else {
                merged.append((key, value))
                continue
            }
            let base = fields.first { $0.key == "days" }
            let days = upper?["days"]?.plainText ?? base?.fallback(in: mode)
            merged.append((key, try merge(value, over: upper?[key], field, days: days)))
        }
        return lower.with(.map(merged))
    }

    /// `days` is what entries by target stand in place of.
    private func merge(
        _ lower: YAMLValue,
        over upper: YAMLValue?,
        _ field: PolicyField,
        days: String?
    ) throws(Problem) -> YAMLValue {
        // A rule that says nothing unless it is told what about is not in force above: whatever is said of it tightens.
        if upper == nil, field.isOptIn { return lower }
        switch field.kind {
        case .fields(let fields): return try section(fields, lower, upper)
        case .short(let key, let fields):
            return try section(fields, lower.spelledOut(as: key), upper?.spelledOut(as: key))
        case .list(.fields): return try exemptions(lower, upper)
        default: break
        }
        switch change(of: field, from: upper, to: lower, days: days) {
        case .none: return upper ?? lower
        case .tighter(let value): return value
        case .looser(let asked):
            guard isLoosenable(lower.path, by: upper) else { throw refusal(lower, upper, asked) }
            return lower
        }
    }

    /// What a value of a lower layer does to an upper one's.
    private enum Change {
        case none
        case tighter(YAMLValue)
        /// With what the upper layer asks for, in words.
        case looser(String)
    }

    private func change(of field: PolicyField, from upper: YAMLValue?, to lower: YAMLValue, days: String?) -> Change {
        let before = upper?.plainText ?? field.fallback(in: mode)
        let after = lower.plainText
        if upper != nil || before != nil, before == after { return .none }
        func ordered<Value: Comparable>(_ old: Value?, _ new: Value?) -> Change {
            guard let old, let new else { return .looser(before ?? "nothing") }
            if old == new { return .none }
            return new > old ? .tighter(lower) : .looser(before ?? "nothing")
        }
        switch field.strictness {
        case .free: return .tighter(lower)
        case .unordered: return upper == nil && before == nil ? .tighter(lower) : .looser(before ?? "nothing")
        case .more: return .tighter(united(upper, lower))
        case .fewer: return fewer(upper, lower, before)
        case .later:
            let words = field.words
            // A default that depends on the release is taken for the strictest.
            let old = before.map { words.firstIndex(of: $0) } ?? words.count - 1
            return ordered(old, words.firstIndex(of: after))
        case .greater, .smaller:
            if case .map = field.kind { return entries(upper, lower, field, days) }
            // Where nobody set a bound, any bound tightens.
            if field.strictness == .smaller, upper == nil, before == nil { return .tighter(lower) }
            let sign = field.strictness == .greater ? 1 : -1
            func amount(_ text: String) -> Int? { Self.amount(text, field.kind).map { $0 * sign } }
            return ordered(before.flatMap(amount), amount(after))
        }
    }

    /// A number, days (`3` or `3d`), a duration in seconds, a flag or a time; nil for anything else.
    private static func amount(_ text: String, _ kind: PolicyField.Kind) -> Int? {
        if text == "true" || text == "false" { return text == "true" ? 1 : 0 }
        if let number = Int(text) { return number }
        switch kind {
        case .days, .map(.days): return text.hasSuffix("d") ? Int(text.dropLast()) : nil
        default: break
        }
        if let seconds = YAMLValue.seconds(in: text) { return seconds }
        let bare =
            text.count > 1 && text.hasPrefix("\"") && text.hasSuffix("\"") ? String(text.dropFirst().dropLast()) : text
        return Timestamp(rfc3339: bare).map { Int($0.seconds) }
    }

    private func united(_ upper: YAMLValue?, _ lower: YAMLValue) -> YAMLValue {
        guard let upper else { return lower }
        let known = Set(upper.elements.map(\.plainText))
        return upper.with(.list(upper.elements + lower.elements.filter { !known.contains($0.plainText) }))
    }

    /// Entries of a lower layer must be among the upper one's; without an upper list, a default of `[]` allows none.
    private func fewer(_ upper: YAMLValue?, _ lower: YAMLValue, _ before: String?) -> Change {
        if upper == nil, before == nil { return .tighter(lower) }
        let known = Set((upper?.elements ?? []).map(\.plainText))
        guard let extra = lower.elements.first(where: { !known.contains($0.plainText) }) else { return .tighter(lower) }
        return .looser("no '\(extra.plainText)'")
    }

    /// Days by target: an entry must not lie below what could hold for its packages before.
    private func entries(
        _ upper: YAMLValue?,
        _ lower: YAMLValue,
        _ field: PolicyField,
        _ days: String?
    ) -> Change {
        let old = upper?.entries ?? []
        let sign = field.strictness == .greater ? 1 : -1
        func amount(_ text: String) -> Int? { Self.amount(text, field.kind).map { $0 * sign } }
        var merged = old
        for (key, value) in lower.entries {
            let new = amount(value.plainText)
            guard let known = old.firstIndex(where: { $0.key == key }) else {
                let known = old.map(\.value.plainText) + (days.map { [$0] } ?? [])
                let most = known.compactMap(amount).max() ?? .max
                guard let new, new >= most else { return .looser("\(most * sign) for '\(key)'") }
                merged.append((key, value))
                continue
            }
            guard let new, let past = amount(old[known].value.plainText), new >= past else {
                return .looser("\(old[known].value.plainText) for '\(key)'")
            }
            if new > past { merged[known].value = value }
        }
        return .tighter((upper ?? lower).with(.map(merged)))
    }
}
