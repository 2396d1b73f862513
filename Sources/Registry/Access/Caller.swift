internal import Core
internal import Storage
internal import Upstream

/// Who asks: the holder of a valid token, or nobody in particular.
struct Caller: Sendable {
    let token: TokenRecord?

    /// How the event log and the holdings of blobs name the caller.
    var actor: String { token?.id ?? "anonymous" }

    func may(_ scope: Scope, on repository: Repository) -> Bool {
        if scope == .read, repository.isPublic { return true }
        return token?.grants(scope, on: repository.name) ?? false
    }

    func may(_ scope: Scope, onRepositoryNamed name: String) -> Bool { token?.grants(scope, on: name) ?? false }

    /// True for a token that administers every repository.
    var isOperator: Bool { token.map { $0.scopes.contains(.admin) && $0.repositories.contains("*") } ?? false }
}

/// Finds out who asks. Tokens come in the `Authorization` field alone, as a bearer or as a Basic password.
struct Gatekeeper: Sendable {
    let records: Records
    /// Where `issuers.json` is, if there is one.
    let folder: String
    let now: @Sendable () -> Timestamp

    /// A caller without the field is nobody; one with a token that is not valid is refused whatever it asks for.
    func caller(_ headers: [HeaderField]) async throws(Declined) -> Caller {
        let fields = headers.values("Authorization")
        guard let field = fields.first else { return Caller(token: nil) }
        guard fields.count == 1, let text = Gatekeeper.tokenText(field) else { throw Gatekeeper.unknown }
        if let token = IdentityToken(parsing: text) { return try identified(token) }
        guard let token = Token(parsing: text) else { throw Gatekeeper.unknown }
        let record: TokenRecord?
        do { record = try await records.token(id: token.id) } catch { throw Declined(error) }
        // Hashing and comparing happen for unknown ids too.
        let kept = record?.hash ?? Digest.sha256(of: [])
        guard Token.areEqual(kept, token.hash), let record else { throw Gatekeeper.unknown }
        guard record.isValid(at: now()) else { throw Gatekeeper.ended(record) }
        return Caller(token: record)
    }

    /// The job of a CI system that vouches for it.
    private func identified(_ token: IdentityToken) throws(Declined) -> Caller {
        let issuers: Issuers
        do throws(Malformed) { issuers = try Issuers.read(in: folder) } catch { throw Issuers.unreadable(error) }
        // Where none is known, it is a token like any other that is not ours.
        guard !issuers.all.isEmpty else { throw Gatekeeper.unknown }
        return try issuers.caller(token, now: now())
    }

    private static func tokenText(_ field: String) -> String? {
        let parts = field.split(separator: " ", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        let value = String(parts[1]).trimmingBlanks()
        switch parts[0].lowercased() {
        case "bearer": return value
        case "basic":
            guard let bytes = Base64.decode(value), let pair = String(validating: bytes, as: UTF8.self),
                let colon = pair.firstIndex(of: ":")
            else { return nil }
            return String(pair[pair.index(after: colon)...])
        default: return nil
        }
    }

    static var missing: Declined {
        Declined(
            Problem(
                .authMissing,
                subject: "this address",
                summary: "needs a token",
                remedy: "Send a token as bearer or as the password of any user; "
                    + "make one with `purser-registry token create`."
            )
        )
    }

    /// Says nothing about which part of the token was wrong.
    private static var unknown: Declined {
        Declined(
            Problem(
                .authMissing,
                subject: "the token",
                summary: "is not valid here",
                remedy: "Check that it is whole and meant for this registry; "
                    + "make a new one with `purser-registry token create`."
            )
        )
    }

    private static func ended(_ record: TokenRecord) -> Declined {
        let what = record.revoked == nil ? "has expired" : "was revoked"
        let scopes = record.scopes.sorted().map(\.rawValue).joined(separator: ",")
        return Declined(
            Problem(
                .authMissing,
                subject: "the token \(record.id)",
                summary: what,
                remedy: "Make a new one with `purser-registry token create --scope \(scopes) "
                    + "--repository '\(record.repositories.joined(separator: ","))'`."
            )
        )
    }

    /// Nil where any repository would do.
    static func forbidden(_ scope: Scope, _ repository: String?) -> Declined {
        Declined(
            Problem(
                .authForbidden,
                subject: "the token",
                summary: "does not allow to \(scope.rawValue) in " + (repository.map { "'\($0)'" } ?? "any repository"),
                remedy:
                    "Use a token with the scope \(scope.rawValue) for that repository: `purser-registry token create "
                    + "--scope \(scope.rawValue) --repository \(repository.map { "'\($0)'" } ?? "NAME")`."
            )
        )
    }
}

extension String {
    func trimmingBlanks() -> String {
        let blanks: Set<Character> = [" ", "\t"]
        return String(drop { blanks.contains($0) }.reversed().drop { blanks.contains($0) }.reversed())
    }
}

extension StringProtocol {
    fileprivate func drop(_ isDropped: (Character) -> Bool) -> SubSequence { drop(while: isDropped) }
}
