public import Core
internal import Kernel
internal import Storage

/// What `purser-registry` does to a data directory without the server's help. Tokens and repositories may be changed
/// while a server runs; whatever moves blobs takes the lock.
public struct Administration: Sendable {
    let data: String
    let now: @Sendable () -> Timestamp

    public init(data: String, now: @escaping @Sendable () -> Timestamp) {
        self.data = data
        self.now = now
    }

    /// Makes the data directory. The secret is the first administration token; nil where the directory was there.
    public func create() async throws(Problem) -> Secret? {
        let folder = try await StateFolder.open(data, now: now())
        return folder.firstToken?.text
    }

    /// A new token for these scopes on these repositories (globs), valid for so many days or until it is revoked.
    public func createToken(
        _ description: String,
        scopes: [String],
        repositories: [String],
        days: Int?
    ) async throws(Problem) -> (id: String, text: Secret) {
        var granted: Set<Scope> = []
        for word in scopes {
            guard let scope = Scope(rawValue: word) else {
                throw invalid("--scope \(word)", "is none of \(Scope.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            granted.insert(scope)
        }
        guard !granted.isEmpty, !repositories.isEmpty else { throw invalid("the token", "would allow nothing") }
        for glob in repositories where !Administration.isGlob(glob) {
            throw invalid("--repository \(glob)", "is no name or pattern of repositories")
        }
        if let days { guard (1...36_500).contains(days) else { throw invalid("--days", "must be 1 to 36500") } }
        let token = Token.mint()
        let record = token.record(
            description,
            scopes: granted,
            repositories: repositories,
            created: now(),
            expires: days.map { Timestamp(seconds: now().seconds + Int64($0) * 86_400) }
        )
        let records = try records()
        do { try await records.add(record, by: "command", at: now()) } catch { throw error.problem }
        return (token.id, token.text)
    }

    /// One line a token, without its secret.
    public func tokens() async throws(Problem) -> [String] {
        do {
            return try await records().tokens().map { token in
                let state =
                    token.revoked.map { "revoked \($0.day)" }
                    ?? token.expires.map { "until \($0.day)" } ?? "until revoked"
                let scopes = token.scopes.sorted().map(\.rawValue).joined(separator: ",")
                return "\(token.id)  \(scopes)  \(token.repositories.joined(separator: ","))  \(state)  "
                    + token.description
            }
        } catch { throw StateFolder.problem(error, data) }
    }

    public func revokeToken(_ id: String) async throws(Problem) {
        do {
            guard try await records().revokeToken(id: id, by: "command", at: now()) else {
                throw Problem(
                    .notFound,
                    subject: "token \(id)",
                    summary: "is not there or was revoked before",
                    remedy: "See `purser-registry token list`."
                )
            }
        } catch { throw StateFolder.problem(error, data) }
    }

    public func createRepository(_ name: String, isPublic: Bool, pullsThrough: Bool) async throws(Problem) {
        guard Repository.isName(name) else {
            throw invalid(name, "cannot name a repository; use lower-case letters, digits and hyphens")
        }
        let repository = Repository(name: name, isPublic: isPublic, pullsThrough: pullsThrough)
        do {
            guard try await records().add(repository, by: "command", at: now()) else {
                throw Problem(
                    .versionExists,
                    subject: "repository \(name)",
                    summary: "is there already",
                    remedy: "Choose another name, or use the one that is there."
                )
            }
        } catch { throw StateFolder.problem(error, data) }
    }

    public func repositories() async throws(Problem) -> [String] {
        do {
            return try await records().repositories().map { repository in
                let traits = [
                    repository.isPublic ? "public" : "private",
                    repository.pullsThrough ? "pull-through" : "hosted only",
                ]
                return "\(repository.name)  \(repository.channels.joined(separator: " > "))  "
                    + traits.joined(separator: ", ")
            }
        } catch { throw StateFolder.problem(error, data) }
    }

    /// Withdraws a hosted file from every channel. Its name is never used again.
    public func delete(_ file: String, type: String, from repository: String) async throws(Problem) {
        do {
            guard try await records().deleteFile(named: file, type: type, from: repository, by: "command", at: now())
            else { throw Declined.notFound("\(file) in \(repository)").problem }
        } catch { throw StateFolder.problem(error, data) }
    }

    func records() throws(Problem) -> Records {
        guard Files.exists("\(data)/FORMAT") else {
            throw Problem(
                .notFound,
                subject: data,
                summary: "is no data directory of a registry",
                remedy: "Make one with `purser-registry init --data \(data)`, or name the right one with --data."
            )
        }
        do { return try Records.open(path: "\(data)/records.sqlite", mayCreate: false) } catch { throw error.problem }
    }

    private static func isGlob(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 63
            && text.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x2A
            }
    }

    private func invalid(_ subject: String, _ summary: String) -> Problem {
        Problem(.usageInvalid, subject: subject, summary: summary, remedy: "See `purser-registry help token create`.")
    }
}
