internal import Core
internal import JSONText
internal import Kernel
internal import Storage

/// Whose identity tokens are taken, and for what: `issuers.json` in the registry's folder.
struct Issuers: Sendable {
    struct Issuer: Sendable {
        let name: String
        let audience: String
        let keys: [IdentityKey]
        let grants: [Grant]
    }

    /// What jobs may do of which the token says all this.
    struct Grant: Sendable {
        /// Each of these must have one of the values; a `*` at a value's end stands for any rest.
        let claims: [String: [String]]
        let scopes: Set<Scope>
        let repositories: [String]

        func covers(_ token: JSON) -> Bool {
            claims.allSatisfy { name, values in
                guard let told = token[name]?.string else { return false }
                return values.contains { value in
                    value.hasSuffix("*") ? told.hasPrefix(value.dropLast()) : told == value
                }
            }
        }
    }

    let all: [Issuer]

    static let file = "issuers.json"
    /// A public CI system signs for everybody: without one of these in full, everybody would be let in.
    private static let identities: Set = [
        "sub", "repository", "repository_id", "repository_owner", "repository_owner_id", "project_path", "project_id",
        "namespace_path", "namespace_id",
    ]

    /// None where there is no file. Read anew for each token, so that keys can be changed at any time.
    static func read(in folder: String) throws(Malformed) -> Issuers {
        let bytes: [UInt8]
        do throws(SystemError) { bytes = try Files.readAll("\(folder)/\(file)", limit: 1 << 20) } catch {
            guard error.isMissing else { throw Malformed("\(error)") }
            return Issuers(all: [])
        }
        let json = try parsed(bytes, file)
        try only(["issuers"], json)
        var all: [Issuer] = []
        for item in json["issuers"]?.array ?? [] { all.append(try issuer(item, folder)) }
        guard Set(all.map(\.name)).count == all.count else { throw Malformed("an issuer stands there twice") }
        return Issuers(all: all)
    }

    private static func issuer(_ json: JSON, _ folder: String) throws(Malformed) -> Issuer {
        try only(["issuer", "audience", "keys", "grants"], json)
        let name = try text("issuer", json)
        let path = try text("keys", json)
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try Files.readAll(path.hasPrefix("/") ? path : "\(folder)/\(path)", limit: 1 << 20)
        } catch { throw Malformed("the keys of \(name) cannot be read (\(error))") }
        let keys = (try parsed(bytes, path)["keys"]?.array ?? []).compactMap { IdentityKey($0) }
        guard !keys.isEmpty else { throw Malformed("\(path) has no RSA or P-256 key") }
        var grants: [Grant] = []
        for item in json["grants"]?.array ?? [] { grants.append(try grant(item)) }
        return Issuer(name: name, audience: try text("audience", json), keys: keys, grants: grants)
    }

    private static func grant(_ json: JSON) throws(Malformed) -> Grant {
        try only(["claims", "scopes", "repositories"], json)
        var claims: [String: [String]] = [:]
        for (name, value) in json["claims"]?.members ?? [:] {
            let values = value.string.map { [$0] } ?? (value.array ?? []).compactMap(\.string)
            guard !values.isEmpty, values.allSatisfy({ !$0.isEmpty && $0 != "*" }) else {
                throw Malformed("the claim \(name) has no value")
            }
            claims[name] = values
        }
        guard
            claims.contains(where: { name, values in identities.contains(name) && !values.contains { $0.hasSuffix("*") }
            })
        else { throw Malformed("a grant names no \(identities.sorted().joined(separator: ", ")) in full") }
        let words = (json["scopes"]?.array ?? []).compactMap(\.string)
        let scopes = words.compactMap { Scope(rawValue: $0) }
        guard !scopes.isEmpty, scopes.count == words.count, !scopes.contains(.admin) else {
            throw Malformed("a grant's scopes are not among read, publish and promote")
        }
        let repositories = (json["repositories"]?.array ?? []).compactMap(\.string)
        guard !repositories.isEmpty else { throw Malformed("a grant names no repositories") }
        return Grant(claims: claims, scopes: Set(scopes), repositories: repositories)
    }

    private static func parsed(_ bytes: [UInt8], _ name: String) throws(Malformed) -> JSON {
        do { return try JSON(parsing: bytes) } catch { throw Malformed("\(name) is no JSON (\(error))") }
    }

    private static func text(_ name: String, _ json: JSON) throws(Malformed) -> String {
        guard let text = json[name]?.string, !text.isEmpty else { throw Malformed("an issuer has no \(name)") }
        return text
    }

    private static func only(_ names: Set<String>, _ json: JSON) throws(Malformed) {
        guard let members = json.members else { throw Malformed("something that has to be an object is none") }
        for name in members.keys.sorted() where !names.contains(name) { throw Malformed("there is no \(name)") }
    }
}

extension Issuers {
    /// Who sent the token; throws what is wrong with it.
    func caller(_ token: IdentityToken, now: Timestamp) throws(Declined) -> Caller {
        guard let issuer = all.first(where: { $0.name == token.issuer }) else {
            throw Issuers.refused("is of an issuer that is not known here")
        }
        if let fault = token.fault(issuer.keys, audience: issuer.audience, now: now) { throw Issuers.refused(fault) }
        guard let grant = issuer.grants.first(where: { $0.covers(token.claims) }), let subject = token.subject else {
            throw Issuers.refused("is of a job that \(Issuers.file) grants nothing")
        }
        let identity = Digest.sha256(of: Array("\(issuer.name)\n\(subject)".utf8))
        return Caller(
            token: TokenRecord(
                id: "job-\(identity.hex.prefix(16))",
                hash: identity,
                description: subject,
                grants: (grant.scopes, grant.repositories),
                created: now,
                expires: token.expires
            )
        )
    }

    private static func refused(_ what: String) -> Declined {
        Declined(
            Problem(
                .authMissing,
                subject: "the identity token",
                summary: what,
                remedy:
                    "Compare the job's claims with \(file) in the registry's folder, and ask for a token when it is due: "
                    + "it lives for minutes."
            )
        )
    }

    static func unreadable(_ error: Malformed) -> Declined {
        Declined(
            Problem(
                .configUnreadable,
                subject: file,
                summary: "\(error)",
                remedy: "Mend the file in the registry's folder; until then no identity token is taken."
            ),
            status: 500
        )
    }
}
