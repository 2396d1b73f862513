internal import Core

extension Facts {
    /// The keys that a case may hold under `facts:`.
    static let keys = [
        "purl", "published", "age", "basis", "file", "file_published", "origin", "public", "source", "claims", "yanked",
        "deprecated", "evidence", "license", "install_script", "advisories", "stale", "identity_known", "locked",
        "publishers", "attestation", "signature", "repository", "homepage", "author_email", "readme", "dependencies",
        "suspicions", "reviewed", "downloads", "scorecard", "repository_owners",
    ]

    /// The facts of a case. What it does not name is as in an ordinary build: an index of the ecosystem's own host lists
    /// the file with its digest.
    init(_ entry: YAMLValue, now: Timestamp, _ surroundings: PolicyCase.Surroundings) throws(Problem) {
        let parts = try entry.map(keys: Facts.keys)
        guard let purl = try parts["purl"]?.purl() else {
            throw entry.problem("do not say of what", "add 'purl:', for example pkg:npm/left-pad@1.3.0")
        }
        let type = purl.type
        let host = surroundings.origin(type) ?? Origin(.https, "registry.invalid")
        self.init(
            release: try Release(purl, parts, now),
            origin: try parts["origin"]?.origin() ?? host,
            type: type,
            now: now,
            compare: { surroundings.compare(type, $0, $1) }
        )
        isPublicOrigin = try parts["public"]?.flag() ?? (origin == host)
        registryAssignsTimes = surroundings.assignsTimes(type)
        isIdentityKnown = try parts["identity_known"]?.flag() ?? true
        source = try parts["source"].map { value throws(Problem) in try value.source() } ?? .index
        isLocked = try parts["locked"]?.flag() ?? (source == .lockfile)
        artifact = try Artifact(parts, of: purl, now)
        signatures = try SignatureFindings(parts)
        claims = try Facts.claims(parts["claims"])
        stale = try Facts.stale(parts["stale"])
        reputation = try Reputation(parts)
        advisories = try parts["advisories"].map { list throws(Problem) -> [Advisory] in
            var advisories: [Advisory] = []
            for element in try list.list() { advisories.append(try Advisory(element)) }
            return advisories
        }
    }

    /// `true`, for the snapshot of advisories, or a list of the data that are too old.
    private static func stale(_ value: YAMLValue?) throws(Problem) -> [PolicyFile.Dataset: String] {
        guard let value else { return [:] }
        if case .text = value.content { return try value.flag() ? [.osv: "is too old"] : [:] }
        var stale: [PolicyFile.Dataset: String] = [:]
        for element in try value.list() {
            let word = try element.choice(of: PolicyFile.Dataset.allCases.map(\.rawValue))
            if let dataset = PolicyFile.Dataset(rawValue: word) { stale[dataset] = "is too old" }
        }
        return stale
    }

    /// The algorithms of the digests known beforehand; without the key, a SHA-256.
    private static func claims(_ value: YAMLValue?) throws(Problem) -> [DigestClaim] {
        guard let value else { return [DigestClaim(by: "index", digest: TextDigest.sha256([]))] }
        var claims: [DigestClaim] = []
        for element in try value.list() {
            let word = try element.text()
            guard let algorithm = Digest.Algorithm(rawValue: word),
                let digest = Digest(algorithm, bytes: [UInt8](repeating: 0, count: algorithm.byteCount))
            else {
                throw element.problem("is '\(word)', which is no digest's name", "write sha256, sha512, sha1 or md5")
            }
            claims.append(DigestClaim(by: "index", digest: digest))
        }
        return claims
    }
}

extension Release {
    fileprivate init(_ purl: Purl, _ parts: [String: YAMLValue], _ now: Timestamp) throws(Problem) {
        self.init(purl: purl)
        published = try parts["published"].map { value throws(Problem) in
            PublishTime(try value.time(), basis: try PublishTime.Basis(parts["basis"]))
        }
        if let age = parts["age"] {
            guard published == nil else { throw age.problem("says when, and 'published' does too", "keep one of them") }
            let seconds = Int64(try age.duration())
            published = PublishTime(Timestamp(seconds: now.seconds - seconds), basis: try .init(parts["basis"]))
        }
        yanked = try parts["yanked"].map { value throws(Problem) in Withdrawal(reason: try value.text()) }
        deprecated = try parts["deprecated"].map { value throws(Problem) in Withdrawal(reason: try value.text()) }
        if let value = parts["evidence"] {
            let word = try value.choice(of: PublisherEvidence.Kind.allCases.map(\.rawValue))
            evidence = PublisherEvidence.Kind(rawValue: word).map { PublisherEvidence($0) }
        }
        license = try parts["license"]?.text()
        runsInstallScript = try parts["install_script"]?.flag()
        publishers = try parts["publishers"]?.texts() ?? []
        repository = try parts["repository"]?.text()
        homepage = try parts["homepage"]?.text()
        authorEmail = try parts["author_email"]?.text()
        hasReadme = try parts["readme"]?.flag()
        dependencyCount = try parts["dependencies"]?.number(in: 0...1_000_000)
    }
}

extension Artifact {
    /// A file of the release, unless the case is about the release as a whole (`file: none`).
    fileprivate init?(_ parts: [String: YAMLValue], of purl: Purl, _ now: Timestamp) throws(Problem) {
        let file = try parts["file"]?.text() ?? "\(purl.name)-\(purl.version ?? "0")"
        guard file != "none" else { return nil }
        self.init(file: file)
        published = try parts["file_published"].map { value throws(Problem) in
            PublishTime(try value.time(), basis: .uploadTime)
        }
    }
}

extension PublishTime.Basis {
    fileprivate init(_ value: YAMLValue?) throws(Problem) {
        let all: [PublishTime.Basis] = [.registryTime, .uploadTime, .lastModified, .firstSeen, .authorTime]
        let word = try value?.choice(of: all.map(\.rawValue))
        self = word.flatMap { PublishTime.Basis(rawValue: $0) } ?? .registryTime
    }
}

extension Advisory {
    fileprivate init(_ entry: YAMLValue) throws(Problem) {
        let parts = try entry.map(keys: ["id", "malware", "summary", "severity", "fixed", "exploited", "epss"])
        guard let id = try parts["id"]?.text() else {
            throw entry.problem("has no id", "add 'id:', such as MAL-2026-1")
        }
        self.init(
            id: id,
            isMalware: try parts["malware"]?.flag() ?? id.hasPrefix("MAL-"),
            summary: try parts["summary"]?.text() ?? ""
        )
        let severity = try parts["severity"]?.choice(of: Severity.allCases.map(\.rawValue))
        self.severity = severity.flatMap(Severity.init(rawValue:))
        fixedIn = try parts["fixed"]?.texts() ?? []
        isExploited = try parts["exploited"]?.flag() ?? false
        likelihood = try parts["epss"].map { value throws(Problem) in try value.number(in: 0...100) * 100 }
    }
}

extension YAMLValue {
    func purl() throws(Problem) -> Purl {
        let text = try text()
        do { return try Purl(parsing: text) } catch {
            throw problem("is '\(text)', which is no purl: \(error)", "write it like pkg:npm/left-pad@1.3.0")
        }
    }

    func time() throws(Problem) -> Timestamp {
        let text = try text()
        guard let time = Timestamp(rfc3339: text) else {
            throw problem("is '\(text)', which is no time", "write 2026-10-01 or 2026-10-01T12:00:00Z")
        }
        return time
    }

    fileprivate func origin() throws(Problem) -> Origin {
        let text = try text()
        do { return try HTTPURL(text).origin } catch {
            throw problem("is '\(text)', which is no URL: \(error)", "write it like https://registry.npmjs.org")
        }
    }

    fileprivate func source() throws(Problem) -> Facts.Source {
        let words: [Facts.Source] = [.index, .lockfile, .directURL, .replay]
        return Facts.Source(rawValue: try choice(of: words.map(\.rawValue))) ?? .index
    }
}
