public import Core
internal import JSONText

/// The circumstances of a run, as far as somebody may have to decide on them.
public struct Predicate: Hashable, Sendable {
    /// The commit that was built.
    public struct Source: Hashable, Sendable {
        public let repository: String
        public let commit: String
        public let ref: String?
        /// True when the working tree differed from the commit.
        public let isDirty: Bool

        public init(repository: String, commit: String, ref: String?, isDirty: Bool) {
            self.repository = repository
            self.commit = commit
            self.ref = ref
            self.isDirty = isDirty
        }
    }

    /// Who ran the build.
    public struct Builder: Hashable, Sendable {
        /// A URL or name of the job's definition.
        public let id: String
        /// `ci` or `local`.
        public let kind: String
        /// The CI system, where there is one.
        public let ci: String?

        public init(id: String, kind: String, ci: String? = nil) {
            self.id = id
            self.kind = kind
            self.ci = ci
        }
    }

    /// How sure it is that nothing went past us.
    public struct Isolation: Hashable, Sendable {
        public let tier: String
        /// True only under `seal`.
        public let isComplete: Bool
        public let reason: String?

        public init(tier: String, isComplete: Bool, reason: String? = nil) {
            self.tier = tier
            self.isComplete = isComplete
            self.reason = reason
        }
    }

    /// The policy that judged the run.
    public struct PolicyUse: Hashable, Sendable {
        public let digest: Digest
        public let mode: String
        /// Of the organisation's policy above the repository's, where one held; nil means that the commit could change all.
        public var organisation: Digest?

        public init(digest: Digest, mode: String, organisation: Digest? = nil) {
            self.digest = digest
            self.mode = mode
            self.organisation = organisation
        }
    }

    /// How many of each there were.
    public struct Counts: Hashable, Sendable {
        public var inputs: Int64 = 0
        public var denied: Int64 = 0
        public var wouldBlock: Int64 = 0
        public var warned: Int64 = 0
        public var gaps: Int64 = 0

        public init() {}
    }

    /// The digests of the run's other files.
    public struct Documents: Hashable, Sendable {
        /// Of `purser.lock`.
        public let manifest: Digest
        /// Of `purser-run.json`.
        public let report: Digest
        /// Of the replay record.
        public let record: Digest

        public init(manifest: Digest, report: Digest, record: Digest) {
            self.manifest = manifest
            self.report = report
            self.record = record
        }
    }

    /// The same as in the run report.
    public var session: String
    public var created: Timestamp
    /// Random, so that two runs never make the same statement.
    public var nonce: String
    /// Nil outside a repository.
    public var source: Source?
    public var builder: Builder
    public var isolation = Isolation(tier: "none", isComplete: false)
    public var policy: PolicyUse
    public var counts = Counts()
    public var documents: Documents

    public init(
        session: String,
        run: (created: Timestamp, nonce: String),
        builder: Builder,
        policy: PolicyUse,
        documents: Documents
    ) {
        self.session = session
        self.created = run.created
        self.nonce = run.nonce
        self.builder = builder
        self.policy = policy
        self.documents = documents
    }
}
