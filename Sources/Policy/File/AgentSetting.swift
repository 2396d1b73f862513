public import Core

/// One entry under `agent:`; what its key means, the session says.
public struct AgentSetting: Hashable, Sendable {
    /// The value, as text.
    public enum Value: Hashable, Sendable {
        case single(String)
        case list([String])
        case map([String: String])
    }

    public let key: String
    public let value: Value
    public let file: String
    public let line: Int

    public var isMany: Bool { if case .single = value { false } else { true } }

    /// The values in order; for a map `KEY=VALUE`, as the command line spells it.
    public var values: [String] {
        switch value {
        case .single(let text): [text]
        case .list(let list): list
        case .map(let map): map.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        }
    }

    /// A complaint that names this place.
    public func problem(_ summary: String, remedy: String) -> Problem {
        Problem(.usageInvalid, subject: "\(file) line \(line), agent.\(key)", summary: summary, remedy: remedy)
    }

    init(_ key: String, _ entry: YAMLValue) throws(Problem) {
        self.key = key
        file = entry.file
        line = entry.line
        switch entry.content {
        case .text(let text, _): value = .single(text)
        case .list: value = .list(try entry.texts())
        case .map(let entries):
            var map: [String: String] = [:]
            for (key, value) in entries { map[key] = try value.text() }
            value = .map(map)
        }
    }
}
