public import Core

extension PolicyFile {
    /// Reads all layers, strongest first, each by itself and then together.
    ///
    /// A value that would loosen what a layer above holds is an error that names both places.
    public static func layered(
        _ sources: [PolicySource],
        mode: ModeRequest? = nil,
        maximumBytes: Int = 1_048_576
    ) throws(Problem) -> PolicyFile {
        guard let first = sources.first else { return try PolicyFile.empty.asking(for: mode) }
        var documents: [YAMLValue] = []
        var settings: [AgentSetting] = []
        var topmost: [String]?
        for source in sources {
            let document = try YAMLDocument.read(source.text, file: source.name, maximumBytes: maximumBytes)
            let file = try PolicyFile(document, allowsAgent: source.allowsAgent, loosenable: topmost)
            topmost = topmost ?? file.loosenable[document.file] ?? []
            settings += file.agent
            documents.append(document)
        }
        let loosenable = Dictionary(documents.map { ($0.file, $0["loosenable"]?.elements.map(\.plainText) ?? []) }) {
            $0 + $1
        }
        let layers = Dictionary(sources.map { ($0.name, $0.layer) }) { first, _ in first }
        var merged = documents[0]
        for lower in documents.dropFirst() {
            let merge = LayerMerge(
                layers: layers,
                loosenable: loosenable,
                top: first.name,
                mode: strictest(merged, lower)
            )
            merged = try merge.merge(lower, over: merged)
        }
        let file = try PolicyFile(
            merged,
            agent: settings,
            layers: sources.map { Layer($0) },
            loosenable: loosenable,
            mayBeEndless: topmost?.contains("exempt.until") ?? false
        )
        return try file.asking(for: mode)
    }

    /// What stands under `agent:` of a file that is sound but for what a layer above may allow it.
    public static func agentSettings(
        in text: String,
        name: String,
        maximumBytes: Int = 1_048_576
    ) throws(Problem) -> [AgentSetting] {
        let document = try YAMLDocument.read(text, file: name, maximumBytes: maximumBytes)
        return try PolicyFile(document, allowsAgent: true, loosenable: ["exempt.until"]).agent
    }

    /// Defaults are compared as they are in the mode that will hold.
    private static func strictest(_ upper: YAMLValue, _ lower: YAMLValue) -> Policy.Mode {
        [upper, lower].contains { $0["mode"]?.plainText == Policy.Mode.enforce.rawValue } ? .enforce : .audit
    }

    /// The mode that holds: what a flag asks for may tighten the file's, and loosen it where the layer that set it says so.
    func asking(for request: ModeRequest?) throws(Problem) -> PolicyFile {
        guard let request else { return self }
        var file = self
        file.request = request
        guard request.mode == .audit, mode == .enforce else { return file }
        let owner = document?["mode"]
        guard (loosenable[owner?.file ?? ""] ?? []).contains("mode") else {
            let layer = layers.first { $0.name == owner?.file }?.layer ?? .repository
            throw Problem(
                .usageInvalid,
                subject: "\(request.place) audit",
                summary:
                    "would loosen the \(layer.rawValue)'s policy: \(owner?.file ?? name) line \(owner?.line ?? 1) says mode: enforce",
                remedy: "leave it away, or have mode added to loosenable: there"
            )
        }
        return file
    }

    /// One text that the policy was made of.
    public struct Layer: Hashable, Sendable {
        public let layer: PolicyLayer
        public let name: String
        /// SHA-256 of its text.
        public let digest: Digest

        init(_ source: PolicySource) {
            layer = source.layer
            name = source.name
            digest = TextDigest.sha256(Array(source.text.utf8))
        }
    }
}

extension PolicyFile {
    /// Every value in force with its source, in the order of the documentation.
    public func effectiveValues() -> [EffectiveValue] {
        values(of: PolicyField.file, in: document, path: "").map { value in
            guard value.key == "mode", let request, request.mode != mode else { return value }
            return EffectiveValue(key: "mode", text: request.mode.rawValue, layer: .job, place: request.place)
        }
    }

    private func values(of fields: [PolicyField], in section: YAMLValue?, path: String) -> [EffectiveValue] {
        fields.flatMap { field -> [EffectiveValue] in
            let key = path.isEmpty ? field.key : "\(path).\(field.key)"
            var value = section?[field.key]
            if case .short(let short, _) = field.kind { value = value?.spelledOut(as: short) }
            if let inner = field.inner { return values(of: inner, in: value, path: key) }
            if case .list(.fields) = field.kind { return exemptionValues(value?.elements ?? []) }
            if let value, !value.isEmpty {
                return [
                    EffectiveValue(
                        key: key,
                        text: value.plainText,
                        layer: layers.first { $0.name == value.file }?.layer ?? .repository,
                        place: "\(value.file) line \(value.line)"
                    )
                ]
            }
            guard let text = field.fallback(in: effectiveMode) else { return [] }
            return [EffectiveValue(key: key, text: text, layer: nil, place: "")]
        }
    }

    private func exemptionValues(_ entries: [YAMLValue]) -> [EffectiveValue] {
        entries.enumerated().map { index, entry in
            EffectiveValue(
                key: "exempt[\(index + 1)]",
                text: entry.plainText,
                layer: layers.first { $0.name == entry.file }?.layer ?? .repository,
                place: "\(entry.file) line \(entry.line)"
            )
        }
    }
}
