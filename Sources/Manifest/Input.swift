public import Core
internal import JSONText

/// One file that came in: who it is, what its bytes are, who vouched for them, and where they came from.
///
/// One input stands for every request for the same file; see `BuildManifest` for what happens to duplicates.
public struct Input: Hashable, Sendable {
    /// Somebody's statement of a digest, and whether the bytes agreed.
    public struct Claim: Hashable, Sendable {
        public let by: String
        public let digest: Digest
        public let agrees: Bool

        public init(by: String, digest: Digest, agrees: Bool) {
            self.by = by
            self.digest = digest
            self.agrees = agrees
        }
    }

    public var purl: Purl
    public var file: String
    public var size: Int64
    /// Of the bytes as they came in; sha256 is always one of them.
    public var digests: [Digest]
    /// Empty where nobody vouched for the bytes.
    public var claimed: [Claim] = []
    /// Scheme, host and port.
    public var origin: String
    /// Redacted: query values are never written.
    public var url: String
    public var published: PublishTime?
    public var evidence: PublisherEvidence?
    public var license: String?
    /// The packages that asked for this one, where the ecosystem's protocol tells.
    public var via: [Purl] = []

    public init(purl: Purl, file: String, size: Int64, digests: [Digest], url: HTTPURL) {
        self.purl = purl
        self.file = file
        self.size = size
        self.digests = digests
        self.origin = url.origin.description
        self.url = url.redacted
    }

    /// The digest that names the bytes; empty only for a value that was built without one, which cannot be read back.
    public var sha256: String { digests.first { $0.algorithm == .sha256 }?.hex ?? "" }

    var sortKey: SortKey { SortKey(purl.description, file, sha256) }
}

extension Input {
    /// The one form of this value: lists sorted and without duplicates, the purl as it would be read back.
    var settled: Input {
        var input = self
        input.purl = purl.readBack
        input.digests = digests.settled(by: { SortKey($0.algorithm.rawValue) }, merging: { min($0, $1) })
        input.claimed = claimed.settled(
            by: { SortKey($0.by, $0.digest.algorithm.rawValue, $0.digest.hex) },
            // Two answers about one claim are a doubt, and a doubt is not agreement.
            merging: { Claim(by: $0.by, digest: $0.digest, agrees: $0.agrees && $1.agrees) }
        )
        input.via = via.map(\.readBack).settled(by: { SortKey($0.description) }, merging: { first, _ in first })
        return input
    }

    /// Two records of the same bytes under the same name, in either order, make the same one.
    func merged(with other: Input) -> Input {
        var input = self
        input.size = min(size, other.size)
        input.digests += other.digests
        input.claimed += other.claimed
        input.via += other.via
        let mine = SortKey(origin, url)
        let theirs = SortKey(other.origin, other.url)
        if theirs < mine { (input.origin, input.url) = (other.origin, other.url) }
        input.published = [published, other.published].compactMap(\.self).min { $0.rank < $1.rank }
        input.evidence = [evidence, other.evidence].compactMap(\.self).max { $0.rank < $1.rank }
        input.license = [license, other.license].compactMap(\.self).min { SortKey($0) < SortKey($1) }
        return input.settled
    }
}

extension Input {
    static func read(_ field: JSONField) throws(JSONFieldError) -> Input {
        try field.object { fields throws(JSONFieldError) in
            var input = Input(
                purl: try fields.required("purl").purl(),
                file: try fields.required("file").string(),
                size: try fields.required("size").count(),
                digests: try fields.required("digests").digests(),
                origin: try fields.required("origin").string()
            )
            input.url = try fields.required("url").string()
            input.claimed = try fields.required("claimed").list(Claim.read)
            input.published = try fields.optional("published")?.publishTime()
            input.evidence = try fields.optional("evidence")?.evidence()
            input.license = try fields.optional("license")?.string()
            input.via = try fields.optional("via")?.list { via throws(JSONFieldError) in try via.purl() } ?? []
            return input
        }
    }

    private init(purl: Purl, file: String, size: Int64, digests: [Digest], origin: String) {
        self.purl = purl
        self.file = file
        self.size = size
        self.digests = digests
        self.origin = origin
        self.url = ""
    }

    var json: JSON {
        .object(present: [
            "purl": .text(purl),
            "file": .string(file),
            "size": .integer(size),
            "digests": .digests(digests),
            "claimed": .array(claimed.map(\.json)),
            "origin": .string(origin),
            "url": .string(url),
            "published": published.map { ["time": .text($0.time), "basis": .string($0.basis.rawValue)] },
            "evidence": evidence.map { ["kind": .string($0.kind.rawValue), "verified": .bool($0.isVerified)] },
            "license": license.map(JSON.string),
            "via": via.isEmpty ? nil : .array(via.map { .text($0) }),
        ])
    }
}

extension Input.Claim {
    static func read(_ field: JSONField) throws(JSONFieldError) -> Input.Claim {
        try field.object { fields throws(JSONFieldError) in
            let by = try fields.required("by").string()
            let algorithm = try fields.required("alg").text("a digest algorithm", Digest.Algorithm.init)
            let digest = try fields.required("value").text("a \(algorithm.rawValue) in its usual spelling") { text in
                Digest("\(algorithm.rawValue):\(text)").flatMap { $0.text == text ? $0 : nil }
            }
            return Input.Claim(by: by, digest: digest, agrees: try fields.required("agrees").bool())
        }
    }

    var json: JSON {
        [
            "by": .string(by), "alg": .string(digest.algorithm.rawValue), "value": .string(digest.text),
            "agrees": .bool(agrees),
        ]
    }
}

extension JSONField {
    fileprivate func publishTime() throws(JSONFieldError) -> PublishTime {
        try object { fields throws(JSONFieldError) in
            let time = try fields.required("time").time()
            let basis = try fields.required("basis").text("a basis of time", PublishTime.Basis.init)
            return PublishTime(time, basis: basis)
        }
    }

    fileprivate func evidence() throws(JSONFieldError) -> PublisherEvidence {
        try object { fields throws(JSONFieldError) in
            let kind = try fields.required("kind").text("a kind of evidence", PublisherEvidence.Kind.init)
            return PublisherEvidence(kind, isVerified: try fields.required("verified").bool())
        }
    }
}

extension Purl {
    /// A purl built from parts may differ from its own text read back (case, dashes); the manifest knows the latter only.
    var readBack: Purl { (try? Purl(parsing: description)) ?? self }
}

extension PublishTime {
    /// The best-founded statement first, then the earliest.
    fileprivate var rank: (Int, Timestamp) {
        switch basis {
        case .registryTime: (0, time)
        case .uploadTime: (1, time)
        case .lastModified: (2, time)
        case .firstSeen: (3, time)
        case .authorTime: (4, time)
        }
    }
}

extension PublisherEvidence {
    /// What proves more comes last.
    fileprivate var rank: (Int, Kind) { (isVerified ? 1 : 0, kind) }
}
