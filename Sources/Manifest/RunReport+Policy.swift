public import Core
internal import JSONText

extension RunReport {
    /// The policy that judged a run.
    public struct PolicyUse: Hashable, Sendable {
        /// Of the effective policy's canonical text.
        public var digest: Digest
        /// `audit` or `enforce`.
        public var mode: String
        /// The data sets it asked.
        public var data: [Snapshot]
        /// Where it comes from, in words: what a commit can change is said to be so.
        public var source: String?
        /// The texts it was made of, strongest first.
        public var layers: [PolicyLayer] = []
        public var exemptions: [ExemptionUse] = []

        public init(digest: Digest, mode: String, data: [Snapshot] = []) {
            self.digest = digest
            self.mode = mode
            self.data = data
        }

        static func read(_ field: JSONField) throws(JSONFieldError) -> PolicyUse {
            try field.object { fields throws(JSONFieldError) in
                var use = PolicyUse(
                    digest: try fields.required("digest").digest(),
                    mode: try fields.required("mode").word(),
                    data: try fields.required("data").list(Snapshot.read)
                )
                use.source = try fields.optional("source")?.string()
                use.layers = try fields.optional("layers")?.list(PolicyLayer.read) ?? []
                use.exemptions = try fields.optional("exemptions")?.list(ExemptionUse.read) ?? []
                return use
            }
        }

        var json: JSON {
            .object(present: [
                "digest": .text(digest),
                "mode": .string(mode),
                "data": .array(data.map(\.json)),
                "source": source.map(JSON.string),
                "layers": layers.isEmpty ? nil : .array(layers.map(\.json)),
                "exemptions": exemptions.isEmpty ? nil : .array(exemptions.map(\.json)),
            ])
        }
    }

    /// One text that the policy was made of.
    public struct PolicyLayer: Hashable, Sendable {
        /// `organisation`, `repository` or `job`.
        public var layer: String
        /// Redacted.
        public var name: String
        /// Of the text.
        public var digest: Digest
        /// The key that signed it, where one did.
        public var keyID: String?

        public init(layer: String, name: String, digest: Digest, keyID: String? = nil) {
            self.layer = layer
            self.name = name
            self.digest = digest
            self.keyID = keyID
        }

        static func read(_ field: JSONField) throws(JSONFieldError) -> PolicyLayer {
            try field.object { fields throws(JSONFieldError) in
                PolicyLayer(
                    layer: try fields.required("layer").word(),
                    name: try fields.required("name").string(),
                    digest: try fields.required("digest").digest(),
                    keyID: try fields.optional("keyid")?.string()
                )
            }
        }

        var json: JSON {
            .object(present: [
                "layer": .string(layer),
                "name": .string(name),
                "digest": .text(digest),
                "keyid": keyID.map(JSON.string),
            ])
        }
    }

    /// An exemption of the policy, and whether the run needed it.
    public struct ExemptionUse: Hashable, Sendable {
        public var purl: String
        public var rule: String
        public var until: String
        /// `used`, `unused` or `expired`.
        public var state: String

        public init(purl: String, rule: String, until: String, state: String) {
            self.purl = purl
            self.rule = rule
            self.until = until
            self.state = state
        }

        static func read(_ field: JSONField) throws(JSONFieldError) -> ExemptionUse {
            try field.object { fields throws(JSONFieldError) in
                ExemptionUse(
                    purl: try fields.required("purl").string(),
                    rule: try fields.required("rule").string(),
                    until: try fields.required("until").string(),
                    state: try fields.required("state").word()
                )
            }
        }

        var json: JSON {
            ["purl": .string(purl), "rule": .string(rule), "until": .string(until), "state": .string(state)]
        }
    }
}
