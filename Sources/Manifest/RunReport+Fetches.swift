public import Core
internal import JSONText

extension RunReport {
    /// Who asked for something: the step that said its name, the client as it names itself, and the process, where the
    /// system told.
    public struct Asked: Hashable, Sendable {
        public var step: String?
        /// As `User-Agent` has it.
        public var client: String?
        public var pid: Int64?
        /// The process's command line, secrets removed by whoever fills this in.
        public var command: String?

        public init(step: String? = nil, client: String? = nil, pid: Int64? = nil, command: String? = nil) {
            self.step = step
            self.client = client
            self.pid = pid
            self.command = command
        }

        static func read(_ field: JSONField) throws(JSONFieldError) -> Asked {
            try field.object { fields throws(JSONFieldError) in
                Asked(
                    step: try fields.optional("step")?.string(),
                    client: try fields.optional("client")?.string(),
                    pid: try fields.optional("pid")?.count(),
                    command: try fields.optional("command")?.string()
                )
            }
        }

        var json: JSON {
            .object(present: [
                "step": step.map(JSON.string),
                "client": client.map(JSON.string),
                "pid": pid.map(JSON.integer),
                "command": command.map(JSON.string),
            ])
        }
    }

    /// Somebody inside a fence or a seal tried to get round us, and was held back.
    public struct Attempt: Hashable, Sendable {
        /// `connect`, `datagram socket`, `raw socket` and so on; `others` for those that are only counted.
        public var what: String
        /// An address with a port, or the path of a unix socket; empty where none was named.
        public var destination: String
        public var count: Int64
        public var asked = Asked()

        public init(what: String, destination: String, count: Int64) {
            self.what = what
            self.destination = destination
            self.count = count
        }

        static func read(_ field: JSONField) throws(JSONFieldError) -> Attempt {
            try field.object { fields throws(JSONFieldError) in
                var attempt = Attempt(
                    what: try fields.required("what").string(),
                    destination: try fields.optional("destination")?.string() ?? "",
                    count: try fields.required("count").count()
                )
                if let field = fields.optional("asked") { attempt.asked = try Asked.read(field) }
                return attempt
            }
        }

        var json: JSON {
            .object(present: [
                "what": .string(what),
                "destination": destination.isEmpty ? nil : .string(destination),
                "count": .integer(count),
                "asked": asked == Asked() ? nil : asked.json,
            ])
        }
    }

    /// One input as it first came in: which, how, and who asked for it.
    public struct Fetch: Hashable, Sendable {
        public var purl: Purl
        public var file: String
        public var sha256: String?
        /// `network`, `cache`, `registry` or `replay`.
        public var source: String
        public var asked: Asked

        public init(purl: Purl, file: String, sha256: String? = nil, source: String, asked: Asked = Asked()) {
            self.purl = purl
            self.file = file
            self.sha256 = sha256
            self.source = source
            self.asked = asked
        }

        static func read(_ field: JSONField) throws(JSONFieldError) -> Fetch {
            try field.object { fields throws(JSONFieldError) in
                var fetch = Fetch(
                    purl: try fields.required("purl").purl(),
                    file: try fields.required("file").string(),
                    sha256: try fields.optional("sha256")?.string(),
                    source: try fields.required("source").string()
                )
                if let field = fields.optional("asked") { fetch.asked = try Asked.read(field) }
                return fetch
            }
        }

        var json: JSON {
            .object(present: [
                "purl": .text(purl),
                "file": .string(file),
                "sha256": sha256.map(JSON.string),
                "source": .string(source),
                "asked": asked == Asked() ? nil : asked.json,
            ])
        }
    }

    /// The job as the CI system describes it.
    public struct Job: Hashable, Sendable {
        /// `github`, `gitlab` and so on.
        public var system: String
        public var name: String?
        public var run: String?
        /// Where a person sees the run.
        public var url: String?
        public var actor: String?
        public var isPullRequest: Bool
        public var isProtected: Bool
        /// Nil where the system does not tell.
        public var isDefaultBranch: Bool?

        public init(system: String, isPullRequest: Bool, isProtected: Bool) {
            self.system = system
            self.isPullRequest = isPullRequest
            self.isProtected = isProtected
        }

        static func read(_ field: JSONField) throws(JSONFieldError) -> Job {
            try field.object { fields throws(JSONFieldError) in
                var job = Job(
                    system: try fields.required("system").string(),
                    isPullRequest: try fields.required("pullRequest").bool(),
                    isProtected: try fields.required("protected").bool()
                )
                job.name = try fields.optional("name")?.string()
                job.run = try fields.optional("run")?.string()
                job.url = try fields.optional("url")?.string()
                job.actor = try fields.optional("actor")?.string()
                job.isDefaultBranch = try fields.optional("defaultBranch")?.bool()
                return job
            }
        }

        var json: JSON {
            .object(present: [
                "system": .string(system),
                "name": name.map(JSON.string),
                "run": run.map(JSON.string),
                "url": url.map(JSON.string),
                "actor": actor.map(JSON.string),
                "pullRequest": .bool(isPullRequest),
                "protected": .bool(isProtected),
                "defaultBranch": isDefaultBranch.map(JSON.bool),
            ])
        }
    }
}
