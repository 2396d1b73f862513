public import Core
internal import JSONText

extension RunReport {
    /// The commit a run was made from, as git and the CI event say.
    public struct Source: Hashable, Sendable {
        public var repository: String
        public var commit: String
        public var tree: String?
        public var ref: String?
        public var isDirty: Bool

        public init(
            repository: String,
            commit: String,
            tree: String? = nil,
            ref: String? = nil,
            isDirty: Bool
        ) {
            self.repository = repository
            self.commit = commit
            self.tree = tree
            self.ref = ref
            self.isDirty = isDirty
        }

        static func read(_ field: JSONField) throws(JSONFieldError) -> Source {
            try field.object { fields throws(JSONFieldError) in
                Source(
                    repository: try fields.required("repository").string(),
                    commit: try fields.required("commit").string(),
                    tree: try fields.optional("tree")?.string(),
                    ref: try fields.optional("ref")?.string(),
                    isDirty: try fields.required("dirty").bool()
                )
            }
        }

        var json: JSON {
            .object(present: [
                "repository": .string(repository),
                "commit": .string(commit),
                "tree": tree.map(JSON.string),
                "ref": ref.map(JSON.string),
                "dirty": .bool(isDirty),
            ])
        }
    }

    /// What was run.
    public struct Recipe: Hashable, Sendable {
        /// The command line, secrets removed by whoever fills this in.
        public var command: [String]
        /// The workflow file, where the CI system names one.
        public var entry: String?
        public var entryDigest: Digest?
        /// Step marks, in order.
        public var steps: [String]

        public init(
            command: [String] = [],
            entry: String? = nil,
            entryDigest: Digest? = nil,
            steps: [String] = []
        ) {
            self.command = command
            self.entry = entry
            self.entryDigest = entryDigest
            self.steps = steps
        }

        static func read(_ field: JSONField) throws(JSONFieldError) -> Recipe {
            try field.object { fields throws(JSONFieldError) in
                Recipe(
                    command: try fields.required("command").strings(),
                    entry: try fields.optional("entry")?.string(),
                    entryDigest: try fields.optional("entryDigest")?.digest(),
                    steps: try fields.required("steps").strings()
                )
            }
        }

        var json: JSON {
            .object(present: [
                "command": .strings(command),
                "entry": entry.map(JSON.string),
                "entryDigest": .text(entryDigest),
                "steps": .strings(steps),
            ])
        }
    }

    /// The image of the machine the job ran on.
    public struct Image: Hashable, Sendable {
        public var name: String
        public var version: String?
        public var digest: Digest?

        public init(name: String, version: String? = nil, digest: Digest? = nil) {
            self.name = name
            self.version = version
            self.digest = digest
        }

        static func read(_ field: JSONField) throws(JSONFieldError) -> Image {
            try field.object { fields throws(JSONFieldError) in
                Image(
                    name: try fields.required("name").string(),
                    version: try fields.optional("version")?.string(),
                    digest: try fields.optional("digest")?.digest()
                )
            }
        }

        var json: JSON {
            .object(present: [
                "name": .string(name),
                "version": version.map(JSON.string),
                "digest": .text(digest),
            ])
        }
    }

    /// How sure it is that nothing went past us.
    public struct Isolation: Hashable, Sendable {
        /// `none`, `fence-port`, `fence` or `seal`.
        public var tier: String
        /// True only under `seal`: then no gaps means that nothing went past us.
        public var isComplete: Bool
        /// Why it is not complete.
        public var reason: String?

        public init(tier: String, isComplete: Bool, reason: String? = nil) {
            self.tier = tier
            self.isComplete = isComplete
            self.reason = reason
        }

        static func read(_ field: JSONField) throws(JSONFieldError) -> Isolation {
            try field.object { fields throws(JSONFieldError) in
                Isolation(
                    tier: try fields.required("tier").word(),
                    isComplete: try fields.required("complete").bool(),
                    reason: try fields.optional("reason")?.string()
                )
            }
        }

        var json: JSON {
            .object(present: [
                "tier": .string(tier),
                "complete": .bool(isComplete),
                "reason": reason.map(JSON.string),
            ])
        }
    }

    /// A data set that policy asked, by digest.
    public struct Snapshot: Hashable, Sendable {
        public var name: String
        public var digest: Digest

        public init(name: String, digest: Digest) {
            self.name = name
            self.digest = digest
        }

        static func read(_ field: JSONField) throws(JSONFieldError) -> Snapshot {
            try field.object { fields throws(JSONFieldError) in
                Snapshot(
                    name: try fields.required("name").string(),
                    digest: try fields.required("digest").digest()
                )
            }
        }

        var json: JSON {
            .object(present: [
                "name": .string(name),
                "digest": .text(digest),
            ])
        }
    }

    /// A package manager's lockfile found in the project.
    public struct ProjectLockfile: Hashable, Sendable {
        public var path: String
        /// As it was at the end.
        public var digest: Digest
        /// True when the job changed it.
        public var isChanged: Bool

        public init(path: String, digest: Digest, isChanged: Bool) {
            self.path = path
            self.digest = digest
            self.isChanged = isChanged
        }

        static func read(_ field: JSONField) throws(JSONFieldError) -> ProjectLockfile {
            try field.object { fields throws(JSONFieldError) in
                ProjectLockfile(
                    path: try fields.required("path").string(),
                    digest: try fields.required("digest").digest(),
                    isChanged: try fields.required("changed").bool()
                )
            }
        }

        var json: JSON {
            .object(present: [
                "path": .string(path),
                "digest": .text(digest),
                "changed": .bool(isChanged),
            ])
        }
    }
}
