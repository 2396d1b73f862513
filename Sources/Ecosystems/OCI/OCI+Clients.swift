public import Core
internal import JSONText

extension OCI {
    /// Nothing of their own: every client is a Go program, which takes the proxy and `SSL_CERT_FILE` that all commands
    /// get. In registry mode too, since a registry has to be the whole of a host (`/v2/` at its root), which leaves no
    /// place for the session's secret in front.
    public func clientSettings(for endpoint: Endpoint) -> ClientSettings { ClientSettings() }

    /// Clients show the message of the first error when a manifest is refused, and the status alone for a blob.
    public func document(for problem: Problem) -> Document {
        let rule = problem.rule.map { " (rule \($0))" } ?? ""
        let text = "\(problem.code.rawValue)\(rule): \(problem.subject) \(problem.summary). \(problem.remedy)"
        let json: JSON = ["errors": [["code": .string(OCI.word(for: problem.code)), "message": .string(text)]]]
        return Document(json.canonicalBytes(), contentType: "application/json")
    }

    private static func word(for code: Problem.Code) -> String {
        switch code {
        case .policyDenied, .policyUndecidable, .authForbidden: "DENIED"
        case .authMissing: "UNAUTHORIZED"
        case .usageInvalid: "NAME_INVALID"
        case .notFound: "MANIFEST_UNKNOWN"
        case .integrityMismatch: "DIGEST_INVALID"
        case .tooLarge: "SIZE_INVALID"
        case .stateLocked: "TOOMANYREQUESTS"
        default: "UNKNOWN"
        }
    }

    /// A ping that asks for no token, so that a run without a network wants none.
    public func ignorableAnswer(to request: Request) -> Document? {
        guard request.method == "GET" || request.method == "HEAD" || request.method == "POST" else { return nil }
        if request.url.segments == ["v2"] { return Document(Array("{}".utf8), contentType: "application/json") }
        guard case .credential? = try? intent(of: request) else { return nil }
        let token: JSON = ["token": "none", "access_token": "none", "expires_in": 3_600]
        return Document(token.canonicalBytes(), contentType: "application/json")
    }
}
