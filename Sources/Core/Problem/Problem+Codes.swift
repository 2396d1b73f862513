extension Problem {
    /// A stable word for scripts. Its class decides the exit status and the HTTP status.
    public enum Code: String, Sendable, CaseIterable {
        case usageInvalid = "usage.invalid"
        case configUnreadable = "config.unreadable"
        case policyDenied = "policy.denied"
        case policyUndecidable = "policy.undecidable"
        case authMissing = "auth.missing"
        case authForbidden = "auth.forbidden"
        case integrityMismatch = "integrity.mismatch"
        case integritySignature = "integrity.signature"
        case identityMismatch = "identity.mismatch"
        case verifyDrift = "verify.drift"
        case upstreamUnreachable = "upstream.unreachable"
        case upstreamRefused = "upstream.refused"
        case registryUnreachable = "registry.unreachable"
        case storageFull = "storage.full"
        case storageDamaged = "storage.damaged"
        case versionExists = "version.exists"
        case notFound = "not-found"
        case archiveMalformed = "archive.malformed"
        case manifestMalformed = "manifest.malformed"
        case tooLarge = "too-large"
        case deadlineExceeded = "deadline.exceeded"
        case stateLocked = "state.locked"
        case sessionNoTraffic = "session.no-traffic"
        case sessionCanaryFailed = "session.canary-failed"
        case sessionGap = "session.gap"
        case sessionPolicyChanged = "session.policy-changed"
        case sessionAgentDied = "session.agent-died"
        case commandNotStarted = "command.not-started"
        case bug

        /// The exit status of Purser's own verbs (`purser run` passes the command's status through instead).
        public var exitStatus: Int32 {
            switch self {
            case .bug: 1
            case .usageInvalid, .configUnreadable: 2
            case .policyDenied, .policyUndecidable: 3
            case .authMissing, .authForbidden: 4
            case .integrityMismatch, .integritySignature, .identityMismatch: 5
            case .verifyDrift: 6
            case .upstreamUnreachable, .upstreamRefused, .registryUnreachable: 7
            case .storageFull, .storageDamaged: 8
            case .versionExists: 9
            case .notFound: 10
            case .archiveMalformed, .manifestMalformed, .tooLarge: 11
            case .deadlineExceeded: 12
            case .stateLocked: 13
            case .sessionNoTraffic, .sessionCanaryFailed, .sessionGap, .sessionPolicyChanged, .sessionAgentDied: 14
            case .commandNotStarted: 127
            }
        }

        public var httpStatus: Int {
            switch self {
            case .usageInvalid, .configUnreadable: 400
            case .policyDenied, .policyUndecidable, .authForbidden: 403
            case .authMissing: 401
            case .integrityMismatch, .integritySignature, .identityMismatch: 502
            case .upstreamUnreachable, .upstreamRefused, .registryUnreachable: 502
            case .verifyDrift, .versionExists: 409
            case .storageFull, .storageDamaged: 507
            case .bug: 500
            case .notFound: 404
            case .archiveMalformed, .manifestMalformed: 422
            case .tooLarge: 413
            case .deadlineExceeded: 504
            case .stateLocked: 503
            case .sessionNoTraffic, .sessionCanaryFailed, .sessionGap, .sessionPolicyChanged, .sessionAgentDied: 503
            case .commandNotStarted: 500
            }
        }

        /// True where asking again later may succeed without anybody acting.
        public var mayRetry: Bool { exitStatus == 7 || exitStatus == 12 || exitStatus == 13 }
    }
}
