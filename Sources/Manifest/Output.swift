public import Core
internal import JSONText

/// One file the job built.
public struct Output: Hashable, Sendable {
    public let name: String
    /// Relative to the project, with `/`.
    public let path: String
    public let size: Int64
    public var digests: [Digest]
    /// Nil where the file's name does not tell a package.
    public var purl: Purl?

    public init(name: String, path: String, size: Int64, digests: [Digest], purl: Purl? = nil) {
        self.name = name
        self.path = path
        self.size = size
        self.digests = digests
        self.purl = purl
    }

    /// Empty only for a value that was built without one, which cannot be read back.
    public var sha256: String { digests.first { $0.algorithm == .sha256 }?.hex ?? "" }

    var sortKey: SortKey { SortKey(name, path, sha256) }

    var settled: Output {
        var output = self
        output.purl = purl?.readBack
        output.digests = digests.settled(by: { SortKey($0.algorithm.rawValue) }, merging: { min($0, $1) })
        return output
    }

    static func read(_ field: JSONField) throws(JSONFieldError) -> Output {
        try field.object { fields throws(JSONFieldError) in
            let name = try fields.required("name").fileName()
            return Output(
                name: name,
                path: try fields.required("path").path(to: name),
                size: try fields.required("size").count(),
                digests: try fields.required("digests").digests(),
                purl: try fields.optional("purl")?.purl()
            )
        }
    }

    var json: JSON {
        .object(present: [
            "name": .string(name),
            "path": .string(path),
            "size": .integer(size),
            "digests": .digests(digests),
            "purl": .text(purl),
        ])
    }
}

/// A program that took part in the build: by the digest of the file that ran, or as it named itself in its requests.
public struct Tool: Hashable, Sendable {
    public let name: String
    public let version: String
    /// Nil where only its own word is known.
    public let digest: Digest?
    /// `image`, `restored`, `fetched`; `named` for one that named itself in its requests.
    public let origin: String

    public init(name: String, version: String, digest: Digest?, origin: String) {
        self.name = name
        self.version = version
        self.digest = digest
        self.origin = origin
    }

    var sortKey: SortKey { SortKey(name, version, digest?.description ?? "", origin) }

    static func read(_ field: JSONField) throws(JSONFieldError) -> Tool {
        try field.object { fields throws(JSONFieldError) in
            Tool(
                name: try fields.required("name").string(),
                version: try fields.required("version").string(),
                digest: try fields.optional("digest")?.digest(),
                origin: try fields.required("origin").word()
            )
        }
    }

    var json: JSON {
        .object(present: [
            "name": .string(name), "version": .string(version), "digest": .text(digest), "origin": .string(origin),
        ])
    }
}

/// Traffic that we could not read, by kind and host; how often and when is in the run report.
public struct Gap: Hashable, Sendable {
    /// A word such as `opaque-tunnel`, `non-get`, `upstream-error`, `declared-service`, `outside-session`.
    public let kind: String
    /// Empty where no host is known.
    public let host: String

    public init(kind: String, host: String) {
        self.kind = kind
        self.host = host
    }

    var sortKey: SortKey { SortKey(kind, host) }

    static func read(_ field: JSONField) throws(JSONFieldError) -> Gap {
        try field.object { fields throws(JSONFieldError) in
            Gap(kind: try fields.required("kind").word(), host: try fields.required("host").string())
        }
    }

    var json: JSON { ["kind": .string(kind), "host": .string(host)] }
}

/// Names that are met again as files: none may lead anywhere.
extension JSONField {
    fileprivate func fileName() throws(JSONFieldError) -> String {
        let name = try string()
        guard !name.isEmpty, ![".", ".."].contains(name), !name.utf8.contains(where: { $0 == 0x2F || $0 < 0x20 }) else {
            throw refused("is not the name of a file")
        }
        return name
    }

    fileprivate func path(to name: String) throws(JSONFieldError) -> String {
        let path = try string()
        let folders = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        guard path.utf8.elementsEqual((folders + [name[...]]).joined(separator: "/").utf8),
            !folders.contains(where: { ["", ".", ".."].contains($0) || $0.utf8.contains { $0 < 0x20 } })
        else { throw refused("is not a path to that file below the project") }
        return path
    }
}
