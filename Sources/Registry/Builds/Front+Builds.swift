internal import Core
internal import Gateway
internal import JSONText
internal import Storage
internal import Upstream

/// Shows builds and takes the verdicts of replays.
extension Front {
    func readBuild(_ match: RouteMatch, _ caller: Caller) async throws(Declined) -> Reply {
        let (build, repository) = try await build(match["build"], .read, caller)
        return Replies.json(Front.json(build, repository))
    }

    func listBuilds(_ call: Call, _ caller: Caller) async throws(Declined) -> Reply {
        let name = try call.query("repository") ?? "main"
        guard Repository.isName(name) else { throw .malformed("repository", "is no name of a repository") }
        let repository = try await repository(name, .read, caller)
        var limit = 100
        if let text = try call.query("limit") {
            guard let number = Int(text), number >= 0 else { throw .malformed("limit", "is no whole number") }
            limit = number
        }
        do {
            let builds = try await records.builds(of: name, limit: limit)
            return Replies.json(["builds": .array(builds.map { Front.json($0, repository) })])
        } catch { throw Declined(error) }
    }

    func verifyBuild(_ match: RouteMatch, _ call: Call, _ caller: Caller) async throws(Declined) -> Reply {
        let (build, _) = try await build(match["build"], .publish, caller)
        let body = try await call.json(limit: configuration.limits.request)
        guard let verdict = body["verdict"]?.string, (1...64).contains(verdict.utf8.count),
            verdict.utf8.allSatisfy({ (0x61...0x7A).contains($0) || $0 == 0x2D })
        else { throw .malformed("verdict", "must be a word such as identical") }
        let details = body["details"].map { $0.string ?? String(decoding: $0.canonicalBytes(), as: UTF8.self) } ?? ""
        do {
            let now = configuration.now()
            _ = try await records.addVerification(of: build.id, (verdict, details), by: caller.actor, at: now)
        } catch { throw Declined(error) }
        return Replies.json(["build": .string(build.id), "verdict": .string(verdict)], status: 201)
    }

    /// A build, if the caller may do that in its repository; to one who may not read it, it does not exist.
    func build(
        _ id: String,
        _ scope: Scope,
        _ caller: Caller
    ) async throws(Declined) -> (BuildRecord, Repository) {
        do {
            guard let build = try await records.build(id: id),
                let repository = try await records.repository(named: build.repository),
                caller.may(.read, on: repository) || caller.may(scope, on: repository)
            else {
                guard caller.token != nil else { throw Gatekeeper.missing }
                throw Declined.notFound("build \(id)")
            }
            guard caller.may(scope, on: repository) else {
                guard caller.token != nil else { throw Gatekeeper.missing }
                throw Gatekeeper.forbidden(scope, repository.name)
            }
            return (build, repository)
        } catch { throw declined(error) }
    }

    private static func json(_ build: BuildRecord, _ repository: Repository) -> JSON {
        [
            "build": .string(build.id),
            "repository": .string(build.repository),
            "manifest": .string(build.manifest.description),
            "statement": .string(build.statement.description),
            "record": build.record.map { .string($0.description) } ?? .null,
            "report": build.report.map { .string($0.description) } ?? .null,
            "created": .string(build.created.description),
            "channels": .array(build.channels.map { .string($0) }),
            "verifications": .array(build.verifications.map(json)),
            "artifacts": .array(build.artifacts.map(json)),
        ]
    }

    private static func json(_ verification: Verification) -> JSON {
        [
            "verdict": .string(verification.verdict), "details": .string(verification.details),
            "by": .string(verification.actor), "time": .string(verification.time.description),
        ]
    }

    static func json(_ artifact: BuildArtifact) -> JSON {
        [
            "name": .string(artifact.name), "sha256": .string(artifact.digest.hex), "size": .integer(artifact.size),
            "purl": artifact.purl.map { .string($0) } ?? .null, "hosted": .bool(artifact.hosted != nil),
        ]
    }
}
