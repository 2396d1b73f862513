internal import Core
internal import JSONText
internal import Transfer

/// What people see when the registry says no, or nothing.
extension RegistryClient {
    /// The problem that a refusal names; where it names none, what can be said of its status.
    func refusal(_ head: TransferHead, _ transfer: Transfer) async -> Problem {
        let bytes = (try? await collect(transfer, limit: 1 << 20)) ?? []
        if let problem = RegistryClient.problem(bytes) { return problem }
        let status = "\(head.status) \(head.reason)"
        switch head.status {
        case 401:
            return Problem(
                .authMissing,
                subject: base.origin.description,
                summary: "does not take the token (\(status))",
                remedy: "Give a valid one with --token-file or PURSER_TOKEN; "
                    + "`purser-registry token create` makes one."
            )
        case 403:
            return Problem(
                .authForbidden,
                subject: base.origin.description,
                summary: "does not allow this to the token (\(status))",
                remedy: "Use a token with the scope for it; `purser-registry token create` makes one."
            )
        case 300..<400:
            return unavailable("redirects elsewhere (\(head.value(of: "location") ?? status))")
        default:
            return unavailable("answered \(status), which is no answer of a purser-registry")
        }
    }

    func unreachable(_ error: TransferError) -> Problem {
        switch error {
        case .couldNotResolve(let host): unavailable("cannot be found: \(host) has no address")
        case .couldNotConnect(let what): unavailable("cannot be connected to: \(what)")
        case .timedOut(let phase): unavailable("took too long (\(phase.rawValue))")
        case .tls(let what, _): unavailable("has no TLS that we trust: \(what)")
        case .truncated(let received, _): unavailable("broke off its answer after \(received) bytes")
        case .tooLarge(let limit): unavailable("answered with more than \(limit) bytes")
        case .badResponse(let what), .failed(_, let what), .reset(let what), .proxy(let what):
            unavailable("gave no answer: \(what)")
        case .invalidRequest(let what), .addressRefused(let what): unavailable("cannot be asked: \(what)")
        case .cancelled: unavailable("was not waited for")
        }
    }

    func unavailable(_ summary: String) -> Problem {
        Problem(
            .registryUnreachable,
            subject: base.origin.description,
            summary: summary,
            remedy: "Check the address and that the registry runs; everything stays on disk, and "
                + "`purser push` finishes later."
        )
    }

    /// An answer that is not what the API promises.
    func senseless(_ what: String) -> Problem { unavailable("gave an answer that we do not understand: \(what)") }

    /// A problem as the registry prints it (RFC 9457 with our members).
    static func problem(_ bytes: [UInt8]) -> Problem? {
        guard let json = try? JSON(parsing: bytes) else { return nil }
        return problem(json)
    }

    static func problem(_ json: JSON) -> Problem? {
        guard let code = json["code"]?.string.flatMap({ Problem.Code(rawValue: $0) }),
            let subject = json["subject"]?.string, let summary = json["title"]?.string
        else { return nil }
        return Problem(
            code,
            subject: subject,
            summary: summary,
            remedy: json["remedy"]?.string ?? "Ask the registry's operator.",
            rule: json["rule"]?.string,
            reason: json["reason"]?.string
        )
    }
}
