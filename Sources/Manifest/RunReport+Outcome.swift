public import Core
internal import JSONText

extension RunReport {
    /// What policy said about one input.
    public struct InputVerdict: Hashable, Sendable {
        public var purl: Purl
        public var file: String
        /// Nil where the bytes were never fetched.
        public var sha256: String?
        /// `allow`, `report`, `warn` or `block`.
        public var outcome: String
        public var findings: [Remark]
        /// The exemption that let it pass.
        public var exemption: String?

        public init(purl: Purl, file: String, sha256: String? = nil, outcome: String, findings: [Remark] = []) {
            self.purl = purl
            self.file = file
            self.sha256 = sha256
            self.outcome = outcome
            self.findings = findings
        }

        static func read(_ field: JSONField) throws(JSONFieldError) -> InputVerdict {
            try field.object { fields throws(JSONFieldError) in
                var part = InputVerdict(
                    purl: try fields.required("purl").purl(),
                    file: try fields.required("file").string(),
                    sha256: try fields.optional("sha256")?.string(),
                    outcome: try fields.required("outcome").word(),
                    findings: try fields.required("findings").list(Remark.read)
                )
                part.exemption = try fields.optional("exemption")?.string()
                return part
            }
        }

        var json: JSON {
            .object(present: [
                "purl": .text(purl),
                "file": .string(file),
                "sha256": sha256.map(JSON.string),
                "outcome": .string(outcome),
                "findings": .array(findings.map(\.json)),
                "exemption": exemption.map(JSON.string),
            ])
        }
    }

    /// One rule's view.
    public struct Remark: Hashable, Sendable {
        public var rule: String
        public var action: String
        public var message: String

        public init(rule: String, action: String, message: String) {
            self.rule = rule
            self.action = action
            self.message = message
        }

        static func read(_ field: JSONField) throws(JSONFieldError) -> Remark {
            try field.object { fields throws(JSONFieldError) in
                Remark(
                    rule: try fields.required("rule").string(),
                    action: try fields.required("action").word(),
                    message: try fields.required("message").string()
                )
            }
        }

        var json: JSON {
            .object(present: [
                "rule": .string(rule),
                "action": .string(action),
                "message": .string(message),
            ])
        }
    }

    /// Something that was refused, or would have been, with the way out.
    public struct Denial: Hashable, Sendable {
        /// A purl or a redacted URL.
        public var subject: String
        public var rule: String
        public var message: String
        /// When it would pass by itself.
        public var allowedFrom: Timestamp?
        /// The policy line that would let it pass.
        public var exemption: String?
        public var asked: Asked?

        public init(
            subject: String,
            rule: String,
            message: String,
            allowedFrom: Timestamp? = nil,
            exemption: String? = nil
        ) {
            self.subject = subject
            self.rule = rule
            self.message = message
            self.allowedFrom = allowedFrom
            self.exemption = exemption
        }

        static func read(_ field: JSONField) throws(JSONFieldError) -> Denial {
            try field.object { fields throws(JSONFieldError) in
                var denial = Denial(
                    subject: try fields.required("subject").string(),
                    rule: try fields.required("rule").string(),
                    message: try fields.required("message").string(),
                    allowedFrom: try fields.optional("allowedFrom")?.time(),
                    exemption: try fields.optional("exemption")?.string()
                )
                if let field = fields.optional("asked") { denial.asked = try Asked.read(field) }
                return denial
            }
        }

        var json: JSON {
            .object(present: [
                "subject": .string(subject),
                "rule": .string(rule),
                "message": .string(message),
                "allowedFrom": .text(allowedFrom),
                "exemption": exemption.map(JSON.string),
                "asked": asked?.json,
            ])
        }
    }

    /// How much was asked, and from where it was answered.
    public struct Traffic: Hashable, Sendable {
        public var requests: Int64 = 0
        /// Answered from a cache.
        public var hits: Int64 = 0
        public var bytesFetched: Int64 = 0
        public var bytesServed: Int64 = 0

        public init(requests: Int64 = 0, hits: Int64 = 0, bytesFetched: Int64 = 0, bytesServed: Int64 = 0) {
            self.requests = requests
            self.hits = hits
            self.bytesFetched = bytesFetched
            self.bytesServed = bytesServed
        }

        static func read(_ field: JSONField) throws(JSONFieldError) -> Traffic {
            try field.object { fields throws(JSONFieldError) in
                Traffic(
                    requests: try fields.required("requests").count(),
                    hits: try fields.required("hits").count(),
                    bytesFetched: try fields.required("bytesFetched").count(),
                    bytesServed: try fields.required("bytesServed").count()
                )
            }
        }

        var json: JSON {
            .object(present: [
                "requests": .integer(requests),
                "hits": .integer(hits),
                "bytesFetched": .integer(bytesFetched),
                "bytesServed": .integer(bytesServed),
            ])
        }
    }

    /// A gap of the manifest, with what it leaves out.
    public struct GapCount: Hashable, Sendable {
        public var kind: String
        public var host: String
        public var count: Int64 = 0
        public var bytes: Int64 = 0

        public init(kind: String, host: String, count: Int64 = 0, bytes: Int64 = 0) {
            self.kind = kind
            self.host = host
            self.count = count
            self.bytes = bytes
        }

        static func read(_ field: JSONField) throws(JSONFieldError) -> GapCount {
            try field.object { fields throws(JSONFieldError) in
                GapCount(
                    kind: try fields.required("kind").word(),
                    host: try fields.required("host").string(),
                    count: try fields.required("count").count(),
                    bytes: try fields.required("bytes").count()
                )
            }
        }

        var json: JSON {
            .object(present: [
                "kind": .string(kind),
                "host": .string(host),
                "count": .integer(count),
                "bytes": .integer(bytes),
            ])
        }
    }

    /// An ecosystem that should have had traffic.
    public struct Expectation: Hashable, Sendable {
        public var type: String
        public var isMet: Bool

        public init(type: String, isMet: Bool) {
            self.type = type
            self.isMet = isMet
        }

        static func read(_ field: JSONField) throws(JSONFieldError) -> Expectation {
            try field.object { fields throws(JSONFieldError) in
                Expectation(
                    type: try fields.required("type").string(),
                    isMet: try fields.required("met").bool()
                )
            }
        }

        var json: JSON {
            .object(present: [
                "type": .string(type),
                "met": .bool(isMet),
            ])
        }
    }

    /// Something the job published through us.
    public struct Published: Hashable, Sendable {
        /// Redacted.
        public var url: String
        /// The registry's HTTP status.
        public var status: Int64 = 0
        public var purl: Purl?
        /// Where the body is one file.
        public var digest: Digest?

        public init(url: String, status: Int64 = 0, purl: Purl? = nil, digest: Digest? = nil) {
            self.url = url
            self.status = status
            self.purl = purl
            self.digest = digest
        }

        static func read(_ field: JSONField) throws(JSONFieldError) -> Published {
            try field.object { fields throws(JSONFieldError) in
                Published(
                    url: try fields.required("url").string(),
                    status: try fields.required("status").count(),
                    purl: try fields.optional("purl")?.purl(),
                    digest: try fields.optional("digest")?.digest()
                )
            }
        }

        var json: JSON {
            .object(present: [
                "url": .string(url),
                "status": .integer(status),
                "purl": .text(purl),
                "digest": .text(digest),
            ])
        }
    }
}
