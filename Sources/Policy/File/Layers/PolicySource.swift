/// Who wrote a part of the policy, strongest first: a lower layer may tighten, and loosen what the upper one lets it.
public enum PolicyLayer: String, Sendable, CaseIterable {
    /// The registry's signed policy, or one given with its digest.
    case organisation
    /// `purser.yml`, or the file given by `--policy`.
    case repository
    /// Flags and variables.
    case job
}

/// The text of one layer.
public struct PolicySource: Sendable {
    public let layer: PolicyLayer
    /// How complaints call it: a file or a URL.
    public let name: String
    public let text: String
    /// False for a text that holds policy alone.
    public let allowsAgent: Bool

    public init(_ layer: PolicyLayer, name: String, text: String, allowsAgent: Bool = false) {
        self.layer = layer
        self.name = name
        self.text = text
        self.allowsAgent = allowsAgent
    }
}

/// One value of the policy in force, and where it comes from.
public struct EffectiveValue: Hashable, Sendable {
    /// `rules.min_age.days`
    public let key: String
    /// As a file would spell it.
    public let text: String
    /// Nil for a default.
    public let layer: PolicyLayer?
    /// File and line; for a flag or variable, its name; empty for a default.
    public let place: String

    public init(key: String, text: String, layer: PolicyLayer?, place: String) {
        self.key = key
        self.text = text
        self.layer = layer
        self.place = place
    }

    /// `repository: purser.yml line 4`, `default`
    public var source: String { layer.map { "\($0.rawValue): \(place)" } ?? "default" }
}

/// A mode that a flag or variable asks for.
public struct ModeRequest: Sendable {
    public let mode: Policy.Mode
    /// `--mode` or `PURSER_MODE`.
    public let place: String

    public init(_ mode: Policy.Mode, place: String) {
        self.mode = mode
        self.place = place
    }
}
