internal import Attestation
internal import Core
internal import Gateway
internal import JSONText
internal import Manifest
internal import Storage
internal import Upstream

/// Takes builds: everything is checked while nothing is visible, then one transaction shows it.
extension Front {
    func pushBuild(_ call: Call, _ caller: Caller) async throws(Declined) -> Reply {
        let push = try Push(try await call.json(limit: 64 << 10))
        let repository = try await repository(push.repository, .publish, caller)
        guard let channel = repository.channels.first else { throw .notFound("a channel of \(push.repository)") }
        let papers = try await papers(of: push, caller)
        let build = try await newBuild(push, papers, caller)
        let outcome: PublicationOutcome
        do {
            outcome = try await records.publish(build, to: channel, by: caller.actor, at: configuration.now())
        } catch { throw Declined(error) }
        try Front.check(outcome, build)
        let artifacts = build.artifacts.map(Front.json)
        let answer: JSON = [
            "build": .string(build.id), "channel": .string(channel), "artifacts": .array(artifacts),
        ]
        return Replies.json(answer, status: outcome == .published ? 201 : 200)
    }

    /// The body of a push.
    private struct Push {
        let repository: String
        let manifest: Digest
        let statement: Digest
        let record: Digest?
        let report: Digest?

        init(_ body: JSON) throws(Declined) {
            guard let repository = body["repository"]?.string, Repository.isName(repository) else {
                throw .malformed("repository", "must be the name of a repository")
            }
            self.repository = repository
            guard let manifest = try Push.digest("manifest", body), let statement = try Push.digest("statement", body)
            else { throw .malformed("manifest, statement", "must both be there, as sha256 digests") }
            self.manifest = manifest
            self.statement = statement
            record = try Push.digest("record", body)
            report = try Push.digest("report", body)
        }

        private static func digest(_ name: String, _ body: JSON) throws(Declined) -> Digest? {
            guard let value = body[name], !value.isNull else { return nil }
            guard let digest = value.string.flatMap({ Digest($0) }), digest.algorithm == .sha256 else {
                throw .malformed(name, "is no sha256 digest")
            }
            return digest
        }
    }

    /// The documents of a build, read and found to speak of each other.
    private struct Papers {
        let manifest: BuildManifest
        let statement: Statement
        let keyID: String?
        let record: ReplayRecord?
    }

    private func papers(of push: Push, _ caller: Caller) async throws(Declined) -> Papers {
        let limits = configuration.limits
        let manifestBytes = try await bytes(push.manifest, "the manifest", limits.manifest, caller)
        let envelopeBytes = try await bytes(push.statement, "the statement", 16 << 20, caller)
        var recordBytes: [UInt8]?
        if let record = push.record { recordBytes = try await bytes(record, "the replay record", 256 << 20, caller) }
        if let report = push.report { _ = try await bytes(report, "the run report", limits.manifest, caller) }
        do {
            let envelope = try Envelope(parsing: envelopeBytes)
            let papers = Papers(
                manifest: try BuildManifest(parsing: manifestBytes, maximumBytes: limits.manifest),
                statement: try envelope.unverifiedStatement(),
                keyID: envelope.signatures.first?.keyID,
                record: try recordBytes.map { bytes throws(Malformed) in try ReplayRecord(parsing: bytes) }
            )
            try Front.checkAgreement(papers, push)
            return papers
        } catch let error as Declined {
            throw error
        } catch {
            throw Declined(
                Problem(
                    .manifestMalformed,
                    subject: "the build",
                    summary: "has a document that cannot be read: \(error)",
                    remedy: "Push what `purser run` wrote, unchanged."
                )
            )
        }
    }

    private func bytes(
        _ digest: Digest,
        _ what: String,
        _ limit: Int,
        _ caller: Caller
    ) async throws(Declined) -> [UInt8] {
        let blob: Blob
        do { blob = try await self.blob(digest, for: caller) } catch {
            guard error.problem.code == .notFound else { throw error }
            throw Front.notSent("\(what) \(digest)")
        }
        guard blob.size <= Int64(limit) else { throw .tooLarge(what, limit: Int64(limit)) }
        do { return try blob.bytes(limit: limit) } catch { throw Declined(error) }
    }

    private static func checkAgreement(_ papers: Papers, _ push: Push) throws(Declined) {
        let documents = papers.statement.predicate.documents
        let pairs: [(String, Digest, Digest?)] = [
            ("manifest", documents.manifest, push.manifest), ("report", documents.report, push.report),
            ("record", documents.record, push.record),
        ]
        for (name, stated, sent) in pairs where sent != nil && sent != stated {
            throw disagreement("the statement speaks of another \(name) (\(stated))")
        }
        let artifacts = papers.manifest.artifacts ?? []
        for artifact in artifacts {
            let isStated = papers.statement.subjects.contains {
                $0.name == artifact.name && $0.sha256.hex == artifact.sha256
            }
            guard isStated else { throw disagreement("the statement does not vouch for the artifact \(artifact.name)") }
        }
        let made = Set(artifacts.map(\.sha256)).union([push.manifest.hex])
        guard papers.statement.subjects.allSatisfy({ made.contains($0.sha256.hex) }) else {
            throw disagreement("the statement vouches for a file that the manifest does not name")
        }
    }

    private static func disagreement(_ what: String) -> Declined {
        Declined(
            Problem(
                .integrityMismatch,
                subject: "the build",
                summary: "contradicts itself: \(what)",
                remedy: "Push what `purser run` wrote, unchanged."
            ),
            status: 422
        )
    }

    static func notSent(_ what: String) -> Declined {
        Declined(
            Problem(
                .notFound,
                subject: what,
                summary: "was not uploaded with this token",
                remedy: "Upload it first; `purser push` does."
            ),
            status: 409
        )
    }

    private func newBuild(_ push: Push, _ papers: Papers, _ caller: Caller) async throws(Declined) -> NewBuild {
        var build = NewBuild(repository: push.repository, manifest: push.manifest, statement: push.statement)
        build.record = push.record
        build.report = push.report
        build.keyID = papers.keyID
        let isEnforced = papers.statement.predicate.policy.mode == "enforce"
        build.denied = isEnforced ? Int(clamping: papers.statement.predicate.counts.denied) : 0
        build.uses = Set(papers.manifest.inputs.compactMap { Digest(.sha256, hex: $0.sha256) })
        build.uses.formUnion(papers.record?.digests ?? [])
        for output in papers.manifest.artifacts ?? [] {
            build.artifacts.append(try await artifact(output, caller))
        }
        return build
    }

    /// An artifact whose bytes are here and are what the manifest says; hosted if its ecosystem can be.
    private func artifact(_ output: Output, _ caller: Caller) async throws(Declined) -> BuildArtifact {
        guard let digest = Digest(.sha256, hex: output.sha256) else {
            throw Front.disagreement("the artifact \(output.name) has no sha256")
        }
        guard try await !readable([digest], by: caller).isEmpty else { throw Front.notSent(output.name) }
        let blob = try await storedBlob(digest)
        guard blob.size == output.size else {
            throw Front.disagreement("the artifact \(output.name) has \(blob.size) bytes, not \(output.size)")
        }
        let hosted = try hostedFile(output.name, blob: (blob.path, digest, blob.size), purl: output.purl)
        return BuildArtifact(
            name: output.name,
            digest: digest,
            size: blob.size,
            purl: output.purl?.description,
            hosted: hosted
        )
    }

    private static func check(_ outcome: PublicationOutcome, _ build: NewBuild) throws(Declined) {
        switch outcome {
        case .published, .alreadyThere: return
        case .taken:
            throw Declined(
                Problem(
                    .versionExists,
                    subject: "build \(build.id)",
                    summary: "is there already, in another repository",
                    remedy: "Run the build again: every run has its own statement."
                )
            )
        case .refused(let artifact, let addition): throw refusal(of: artifact, addition)
        }
    }
}
