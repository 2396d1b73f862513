internal import Core
internal import Gateway
internal import JSONText
internal import Logging
internal import Storage
internal import Upstream

/// Answers every request of the registry: finds the row of the route table, the caller, and what the row asks of him.
final class Front: Sendable {
    let folder: StateFolder
    let configuration: RegistryConfiguration
    let metrics = Metrics()
    let keepers = Keepers()
    let gatekeeper: Gatekeeper
    /// Fetches what the registry does not host; nil where it is on its own.
    let gateway: (any Responder)?
    let rules: OwnPolicy
    let readiness: Readiness
    let logger: Logger

    var records: Records { folder.records }
    var blobs: BlobStore { folder.blobs }

    init(
        _ folder: StateFolder,
        _ configuration: RegistryConfiguration,
        _ judgement: (gateway: (any Responder)?, rules: OwnPolicy),
        logger: Logger
    ) {
        self.folder = folder
        self.configuration = configuration
        gateway = judgement.gateway
        rules = judgement.rules
        readiness = Readiness(seconds: configuration.limits.readinessSeconds)
        self.logger = logger
        gatekeeper = Gatekeeper(records: folder.records, folder: folder.path, now: configuration.now)
    }

    func respond(_ call: Call) async -> Reply {
        var action: Route.Action?
        var reply: Reply
        do {
            try Front.refuseSecrets(in: call.url)
            let match = try RouteMatch.find(call.method, call.url.path)
            action = match.route.action
            reply = try await answer(match, call)
        } catch {
            reply = Replies.problem(error, in: dialect(of: call.url, action))
            if error.problem.code == .bug || error.status >= 500 {
                logger.error("\(error.problem)", metadata: ["path": .string(call.url.redacted)])
            }
        }
        if call.isHead { reply.body = .head(length: reply.body.length) }
        metrics.count(action, status: reply.status)
        log(call, reply)
        return reply
    }

    private func answer(_ match: RouteMatch, _ call: Call) async throws(Declined) -> Reply {
        if match.route.need == .nothing {
            switch match.route.action {
            case .health: return Replies.text("ok\n")
            case .readiness: return try await readinessPage()
            default: return try await metricsPage()
            }
        }
        let caller = try await gatekeeper.caller(call.headers)
        if case .somewhere(let scope) = match.route.need {
            guard let token = caller.token else { throw Gatekeeper.missing }
            guard token.grantsSomewhere(scope) else { throw Gatekeeper.forbidden(scope, nil) }
        }
        return try await answer(match, call, caller)
    }

    private func answer(_ match: RouteMatch, _ call: Call, _ caller: Caller) async throws(Declined) -> Reply {
        let keepsBlobs = [.upload, .pushBuild, .publishFile].contains(match.route.action)
        if keepsBlobs { keepers.begin() }
        defer { if keepsBlobs { keepers.end() } }
        return try await act(match, call, caller)
    }

    private func act(_ match: RouteMatch, _ call: Call, _ caller: Caller) async throws(Declined) -> Reply {
        switch match.route.action {
        case .health, .readiness, .metrics: throw Declined.notFound(call.url.path)
        case .missingBlobs: try await missingBlobs(call, caller)
        case .readBlob: try await readBlob(match, call, caller)
        case .uploadState: try await uploadState(match, caller)
        case .upload: try await upload(match, call, caller)
        case .pushBuild: try await pushBuild(call, caller)
        case .listBuilds: try await listBuilds(call, caller)
        case .readBuild: try await readBuild(match, caller)
        case .verifyBuild: try await verifyBuild(match, call, caller)
        case .promoteBuild: try await promoteBuild(match, call, caller)
        case .fetch: try await fetch(call)
        case .facts: try await facts(call)
        case .events: try await events(call, caller)
        case .readPolicy: try readPolicy(call)
        case .readData: try readData(match)
        case .publishFile: try await publishFile(match, call, caller)
        case .readFile: try await readFile(match, call, caller)
        case .readIndex: try await readIndex(match, call, caller)
        }
    }

    /// The repository, if the caller may do that there. Nobody learns from the answer whether one that he may not
    /// touch exists.
    func repository(_ name: String, _ scope: Scope, _ caller: Caller) async throws(Declined) -> Repository {
        let repository: Repository?
        do { repository = try await records.repository(named: name) } catch { throw Declined(error) }
        let mayDo =
            repository.map { caller.may(scope, on: $0) } ?? caller.may(scope, onRepositoryNamed: name)
        guard mayDo else {
            throw caller.token == nil ? Gatekeeper.missing : Gatekeeper.forbidden(scope, name)
        }
        guard let repository else { throw .notFound("the repository '\(name)'") }
        return repository
    }

    /// A token in a URL ends up in logs, histories and referrers; it is refused before anything looks at it.
    private static func refuseSecrets(in url: HTTPURL) throws(Declined) {
        guard (url.query ?? "").contains("psr_") || url.path.contains("psr_") else { return }
        throw Declined(
            Problem(
                .authMissing,
                subject: "a token",
                summary: "stands in the URL, where logs and histories keep it",
                remedy: "Revoke it with `purser-registry token revoke`, make a new one, and send that in the "
                    + "Authorization field."
            )
        )
    }

    /// Package managers see problems the way their own registry shows them.
    private func dialect(of url: HTTPURL, _ action: Route.Action?) -> (any Ecosystem)? {
        let segments = url.segments
        guard segments.count >= 3, segments[0] != "api" else { return nil }
        return configuration.ecosystem(segments[2])
    }

    private func log(_ call: Call, _ reply: Reply) {
        logger.info(
            "\(call.method) \(reply.status)",
            metadata: ["path": .string(call.url.redacted.replacingTokens()), "agent": .string(call.agent)]
        )
    }
}

extension Call {
    /// What the client calls itself, shortened for the log.
    fileprivate var agent: String { String((headers.first("User-Agent") ?? "").prefix(80)) }
}

extension String {
    /// The text with every token of ours hidden.
    func replacingTokens() -> String {
        var clean = ""
        var rest = self[...]
        while let found = rest.firstRange(of: "psr_") {
            clean += rest[..<found.lowerBound] + "***"
            rest = rest[found.upperBound...].drop { $0.isLetter || $0.isNumber || $0 == "_" }
        }
        return clean + rest
    }
}

extension ReplyBody {
    /// How many bytes it announces.
    var length: Int64? {
        switch self {
        case .none: 0
        case .bytes(let bytes): Int64(bytes.count)
        case .file(_, let range): Int64(range.count)
        case .stream(let length, _): length
        case .head(let length): length
        }
    }
}
