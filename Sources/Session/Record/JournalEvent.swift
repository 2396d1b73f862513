internal import Core
internal import Gateway
internal import JSONText
internal import Policy
internal import Proxy
internal import Storage

/// The journal's words: every event of a session as JSON, without secrets.
enum JournalEvent {
    static func fetched(_ input: FetchedInput, at time: Timestamp) -> JSON {
        entry(
            "fetched",
            time,
            [
                "purl": .string(input.purl.description),
                "file": .string(input.file),
                "size": .integer(input.size),
                "digests": .array(input.digests.map { .string($0.description) }),
                "claims": .array(
                    input.claims.map { ["by": .string($0.by), "digest": .string($0.digest.description)] }
                ),
                "origin": .string(input.origin.description),
                "url": .string(input.url.redacted),
                "final": .string(input.finalURL.redacted),
                "published": input.published.map {
                    ["time": .integer($0.time.seconds), "basis": .string($0.basis.rawValue)]
                }
                    ?? .null,
                "evidence": input.release?.evidence.map {
                    ["kind": .string($0.kind.rawValue), "verified": .bool($0.isVerified)]
                } ?? .null,
                "license": input.release?.license.map(JSON.string) ?? .null,
                "source": .string(input.source),
                "attempts": .integer(Int64(input.attempts)),
                "unclaimed": .bool(input.isUnclaimed),
                "verdict": verdict(input.verdict),
            ]
        )
    }

    /// What a client took from a store of an earlier run, as the record has it.
    struct Restored {
        let pin: Pin
        let size: Int64
        let digests: [Digest]
        let claims: [DigestClaim]
        let verdict: Verdict
    }

    static func restored(_ input: Restored, at time: Timestamp) -> JSON {
        let url = input.pin.url?.redacted ?? ""
        let last = url.prefix { $0 != "?" }.split(separator: "/").last.map(String.init)
        return entry(
            "restored",
            time,
            [
                "purl": .string(input.pin.release.description),
                "file": .string(input.pin.file ?? last ?? input.pin.release.name),
                "size": .integer(input.size),
                "digests": .array(input.digests.map { .string($0.description) }),
                "claims": .array(
                    input.claims.map { ["by": .string($0.by), "digest": .string($0.digest.description)] }
                ),
                "url": .string(url),
                "verdict": verdict(input.verdict),
            ]
        )
    }

    static func answered(_ answer: RecordedAnswer, size: Int64, at time: Timestamp) -> JSON {
        entry(
            "answered",
            time,
            [
                "method": .string(answer.request.method),
                "origin": .string(answer.request.url.origin.description),
                "path": .string(answer.request.url.redactedPath),
                "query": answer.query.map { .string(Redaction.query($0)) } ?? .null,
                "accept": .string(answer.request.accept),
                "asking": JournalEvent.digest(ofBody: answer.request),
                "status": .integer(Int64(answer.status)),
                "type": .string(answer.contentType),
                "body": answer.body.map { .string($0.description) } ?? .null,
                "size": .integer(size),
                "final": .string(answer.finalURL.redacted),
                "artifact": .bool(answer.isArtifact),
            ]
        )
    }

    /// A POST is known by its body too.
    private static func digest(ofBody request: Request) -> JSON {
        request.method == "POST" ? .string(Digest.sha256(of: request.body).description) : .null
    }

    static func refused(_ refusal: Refusal, at time: Timestamp) -> JSON {
        let explanation = refusal.explanation
        return entry(
            "refused",
            time,
            [
                "subject": .string(refusal.subject),
                "code": .string(refusal.problem.code.rawValue),
                "reason": refusal.problem.reason.map(JSON.string) ?? .null,
                "rule": .string(explanation.rule),
                "message": .string(explanation.message),
                "evidence": .string(explanation.evidence),
                "newest-allowed": explanation.newestAllowed.map(JSON.string) ?? .null,
                "remedy": .string(refusal.problem.remedy),
                "allowed-from": explanation.allowedFrom.map { .integer($0.seconds) } ?? .null,
                "exemption": .string(explanation.exemption),
                "hidden": .bool(refusal.isHidden),
                "policy": .bool(refusal.verdict != nil),
            ]
        )
    }

    static func gap(kind: String, host: String, detail: String, bytes: Int64 = 0, at time: Timestamp) -> JSON {
        entry(
            "gap",
            time,
            [
                "kind": .string(kind), "host": .string(host), "detail": .string(detail), "bytes": .integer(bytes),
            ]
        )
    }

    static func traffic(_ ecosystem: String, client: String, requests: Int64 = 1, at time: Timestamp) -> JSON {
        entry(
            "traffic",
            time,
            ["ecosystem": .string(ecosystem), "client": .string(client), "requests": .integer(requests)]
        )
    }

    static func published(_ output: PublishedOutput, at time: Timestamp) -> JSON {
        entry(
            "published",
            time,
            [
                "url": .string(output.url.redacted),
                "method": .string(output.method),
                "size": .integer(output.size),
                "digest": output.digest.map { .string($0.description) } ?? .null,
                "status": .integer(Int64(output.status)),
            ]
        )
    }

    static func entry(_ name: String, _ time: Timestamp, _ fields: [String: JSON]) -> JSON {
        var fields = fields.filter { $0.value != .null }
        fields["event"] = .string(name)
        fields["at"] = .integer(time.seconds)
        return .object(fields)
    }

    private static func verdict(_ verdict: Verdict) -> JSON {
        .object([
            "outcome": .string(verdict.outcome.word),
            "would-block": .bool(verdict.wouldBlock),
            "exempt": .string(verdict.exempt.map { "\($0.purl) \($0.rule) until \($0.until)" } ?? ""),
            "findings": .array(
                verdict.findings.map { finding in
                    .object([
                        "rule": .string(finding.rule),
                        "action": .string(finding.action.word),
                        "message": .string(finding.message),
                        "evidence": .string(finding.evidence),
                        "allowed-from": finding.allowedFrom.map { .integer($0.seconds) } ?? .null,
                        "exemption": .string(finding.exemption),
                    ])
                }
            ),
        ])
    }
}
