internal import Core

/// A purl in which the name may hold `*` and the version may be a range: `pkg:npm/@acme/*`, `pkg:pypi/foo@>=1,<2`.
struct PurlPattern: Sendable, Hashable {
    /// As the policy file has it.
    let text: String
    let type: String
    /// `type/namespace/name`, normalised as its registry does.
    let key: String
    let isGlob: Bool
    let version: VersionSpec
    let qualifiers: [String: String]
    private let glob: Glob
    /// True where a version stands for those with a local label too, as PEP 440 reads it: `1.0` for `1.0+cpu`.
    private let coversLocal: Bool

    init(_ text: String) throws(Malformed) {
        guard text.utf8.count <= 2_048 else { throw Malformed("a pattern has at most 2,048 bytes") }
        guard text.hasPrefix("pkg:") else { throw Malformed("a purl pattern starts with pkg:") }
        guard !text.contains("#") else { throw Malformed("a purl pattern has no subpath") }
        var rest = text.dropFirst("pkg:".count)
        guard let slash = rest.firstIndex(of: "/"), slash != rest.startIndex else {
            throw Malformed("a purl pattern needs a type and a name, as in pkg:npm/left-pad")
        }
        let type = String(rest[..<slash])
        try KnownTypes.check(type)
        rest = rest[rest.index(after: slash)...]
        let query = PurlPattern.cutQuery(&rest)
        let version = try PurlPattern.cutVersion(&rest)
        guard !rest.isEmpty else { throw Malformed("'\(text)' has no name") }
        try PurlPattern.check(type, rest, version)
        self.text = text
        self.type = type
        if rest == "*" {
            (key, qualifiers) = ("\(type)/*", try Purl(parsing: "pkg:generic/x\(query)").qualifiers)
        } else {
            let purl = try Purl(parsing: "pkg:\(type)/\(rest)\(query)")
            key = purl.registryKey
            qualifiers = purl.qualifiers
        }
        self.version = version
        isGlob = Glob.isGlob(key)
        glob = Glob(key)
        coversLocal = type == "pypi" && !version.names("+")
    }

    /// Refuses what could match nothing: an entry of a list that is silently of no use.
    private static func check(_ type: String, _ path: Substring, _ version: VersionSpec) throws(Malformed) {
        if grouped.contains(type), !path.contains("/"), !Glob.isGlob(path) {
            throw Malformed("names of pkg:\(type) have two parts; write pkg:\(type)/*/\(path) for any first one")
        }
        if case .exactly(let text) = version, numbered.contains(type), text.lowercased().hasSuffix(".x") {
            throw Malformed("'\(text)' is no version; write \(text.dropLast(1))* for all that start so")
        }
    }

    /// Types whose packages have no name without a namespace.
    private static let grouped: Set<String> = ["bitbucket", "composer", "deb", "github", "maven"]
    /// Types whose versions have numbers, and never a letter in place of one.
    private static let numbered: Set<String> = ["cargo", "gem", "golang", "hex", "npm", "nuget", "pub", "pypi"]

    func match(_ subject: Subject, _ compare: VersionOrder) -> Match {
        guard subject.purl.type == type, isGlob ? glob.matches(subject.key) : subject.key == key else { return .no }
        guard qualifiers.allSatisfy({ PurlPattern.agrees($0.value, subject.purl.qualifiers[$0.key]) }) else {
            return .no
        }
        guard coversLocal, let local = subject.purl.version?.firstIndex(of: "+") else {
            return version.match(subject.purl.version, compare)
        }
        return version.match(subject.purl.version.map { String($0[..<local]) }, compare)
    }

    /// A value may hold `*` too: `pkg:oci/*?repository_url=docker.io/acme/*`.
    private static func agrees(_ wanted: String, _ value: String?) -> Bool {
        guard let value, Glob.isGlob(wanted) else { return wanted == value }
        return Glob(wanted).matches(value)
    }

    var canonicalText: String {
        let pairs = qualifiers.sorted { $0.key < $1.key }.map { "\($0.key)=\(canonical($0.value))" }
        return "\(canonical(key))@\(version.canonicalText)?\(pairs.joined(separator: "&"))"
    }

    private static func cutQuery(_ rest: inout Substring) -> String {
        guard let at = rest.lastIndex(of: "?") else { return "" }
        defer { rest = rest[..<at] }
        return String(rest[at...])
    }

    /// The version stands behind the first `@` that does not start a scope.
    private static func cutVersion(_ rest: inout Substring) throws(Malformed) -> VersionSpec {
        var from = rest.startIndex
        while let at = rest[from...].firstIndex(of: "@") {
            let startsScope = at == rest.startIndex || rest[rest.index(before: at)] == "/"
            guard !startsScope else {
                from = rest.index(after: at)
                continue
            }
            let version = String(rest[rest.index(after: at)...])
            rest = rest[..<at]
            return try VersionSpec(version)
        }
        return .any
    }
}

/// Patterns with their positions in a list, found by package without going through all of them.
struct PatternSet: Sendable {
    /// A pattern that speaks of the subject.
    struct Hit {
        let position: Int
        /// False where the version could not be put in order, so that nobody knows.
        let isCertain: Bool
    }

    private struct Entry: Sendable {
        let position: Int
        let pattern: PurlPattern
    }

    private var exact: [String: [Entry]] = [:]
    private var globs: [String: [Entry]] = [:]

    init(_ patterns: [(position: Int, pattern: PurlPattern)]) {
        for (position, pattern) in patterns {
            let entry = Entry(position: position, pattern: pattern)
            if pattern.isGlob {
                globs[pattern.type, default: []].append(entry)
            } else {
                exact[pattern.key, default: []].append(entry)
            }
        }
    }

    init(_ patterns: [PurlPattern]) {
        self.init(patterns.enumerated().map { ($0.offset, $0.element) })
    }

    /// In the order of the list. Allocates only where something matches.
    func matches(_ subject: Subject, _ compare: VersionOrder) -> [Hit] {
        var hits: [Hit] = []
        if !exact.isEmpty { collect(exact[subject.key], subject, compare, into: &hits) }
        if !globs.isEmpty { collect(globs[subject.purl.type], subject, compare, into: &hits) }
        return hits.count < 2 ? hits : hits.sorted { $0.position < $1.position }
    }

    private func collect(_ entries: [Entry]?, _ subject: Subject, _ compare: VersionOrder, into hits: inout [Hit]) {
        guard let entries else { return }
        for entry in entries {
            switch entry.pattern.match(subject, compare) {
            case .no: break
            case .yes: hits.append(Hit(position: entry.position, isCertain: true))
            case .unknown: hits.append(Hit(position: entry.position, isCertain: false))
            }
        }
    }
}
