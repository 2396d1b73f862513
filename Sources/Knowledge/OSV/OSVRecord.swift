internal import Core
internal import JSONText

/// One record of the OSV schema, cut down to what verdicts need. Members that nobody here reads are passed over.
struct OSVRecord {
    let isMalware: Bool
    /// By the key of the package.
    let affected: [(key: String, entry: Affected)]

    /// Nil for a record that is withdrawn or names no package that a purl can name.
    init?(_ node: JSONNode) throws(Malformed) {
        guard node.kind == .object else { throw Malformed("it is not an object") }
        guard let id = try node.text("id"), !id.isEmpty, id.utf8.count <= 256 else { throw Malformed("it has no id") }
        if try node.text("withdrawn") != nil { return nil }
        let aliases = try node.texts("aliases").filter { $0.utf8.count <= 256 }
        isMalware = ([id] + aliases).contains { $0.hasPrefix("MAL-") }
        let (summary, details) = (try node.text("summary"), try node.text("details"))
        let words = OSVRecord.oneLine(summary ?? details ?? "")
        let whole = try OSVRating(node)
        var affected: [(key: String, entry: Affected)] = []
        for item in try node.list("affected") {
            guard item.kind == .object else { throw Malformed("an entry of affected is not an object") }
            let rating = try OSVRating(item).or(whole)
            let advisory = AdvisoryRecord(
                id: id,
                aliases: aliases,
                summary: words,
                isMalware: isMalware,
                severity: rating.severity,
                score: rating.score
            )
            affected += try OSVRecord.affected(item, advisory)
        }
        if affected.isEmpty { return nil }
        self.affected = affected
    }

    private static func affected(
        _ node: JSONNode,
        _ advisory: AdvisoryRecord
    ) throws(Malformed) -> [(key: String, entry: Affected)] {
        let versions = Set(try node.texts("versions"))
        var ranges: [AffectedRange] = []
        var repositories: Set<String> = []
        for range in try node.list("ranges") {
            guard let type = try range.text("type") else { throw Malformed("a range has no type") }
            ranges.append(AffectedRange(events: try events(range), isGit: type == "GIT"))
            if type == "GIT", let repository = try range.text("repo") { repositories.insert(repository) }
        }
        guard let package = node["package"] else {
            // The entry speaks of git repositories alone.
            let entry = Affected(advisory: advisory, versions: versions, ranges: ranges, isWhole: false)
            return repositories.sorted().compactMap { OSVEcosystem.repository($0) }.map { ($0.registryKey, entry) }
        }
        guard let ecosystem = try package.text("ecosystem"), let name = try package.text("name") else {
            throw Malformed("a package has no ecosystem or no name")
        }
        let purl = try package.text("purl")
        guard let named = OSVEcosystem.package(ecosystem: ecosystem, name: name, purl: purl) else { return [] }
        let isBare = versions.isEmpty && ranges.isEmpty
        // Commits are nobody's version here; `versions` lists what they amount to.
        let ordered = ranges.filter { !$0.isGit }
        if versions.isEmpty, ordered.isEmpty, !isBare { return [] }
        return [
            (
                named.registryKey, Affected(advisory: advisory, versions: versions, ranges: ordered, isWhole: isBare)
            )
        ]
    }

    private static func events(_ range: JSONNode) throws(Malformed) -> [RangeEvent] {
        var events: [RangeEvent] = []
        for item in try range.list("events") {
            for member in item.members {
                guard let kind = RangeEvent.Kind(rawValue: member.key) else { continue }
                guard let version = member.node.string, !version.isEmpty else {
                    throw Malformed("an event's version is not a text")
                }
                events.append(RangeEvent(kind: kind, version: version))
            }
        }
        guard events.contains(where: { $0.kind == .introduced }) else {
            throw Malformed("a range says not where it begins")
        }
        return events
    }

    /// The first line with words in it, cut to a length that fits a report.
    private static func oneLine(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).first { $0.contains { !$0.isWhitespace } } ?? ""
        return line.count <= 200 ? String(line) : line.prefix(199) + "…"
    }
}

/// How bad a record, or one of its entries, says that it is.
struct OSVRating {
    let severity: Severity?
    let score: Int?

    private init(severity: Severity?, score: Int?) {
        self.severity = severity
        self.score = score
    }

    init(_ node: JSONNode) throws(Malformed) {
        var score: Int?
        var word: Severity?
        for item in try node.list("severity") {
            guard let text = try item.text("score") else { continue }
            if let found = CVSS.score(text) { score = max(score ?? 0, found) }
            // Distributions give a word in place of a vector.
            word = word ?? Severity(word: text)
        }
        for place in ["database_specific", "ecosystem_specific"] {
            if let text = node[place]?["severity"]?.string { word = word ?? Severity(word: text) }
        }
        // Where both are given, what people wrote down counts less than what they can be held to.
        self.init(severity: score.map(Severity.init(tenths:)) ?? word, score: score)
    }

    func or(_ other: OSVRating) -> OSVRating { severity == nil ? other : self }
}

extension JSONNode {
    func text(_ name: String) throws(Malformed) -> String? {
        guard let node = self[name], node.kind != .null else { return nil }
        guard let text = node.string else { throw Malformed("'\(name)' is not a text") }
        return text
    }

    func list(_ name: String) throws(Malformed) -> [JSONNode] {
        guard let node = self[name], node.kind != .null else { return [] }
        guard node.kind == .array else { throw Malformed("'\(name)' is not a list") }
        return Array(node.elements)
    }

    func texts(_ name: String) throws(Malformed) -> [String] {
        var texts: [String] = []
        for element in try list(name) {
            guard let text = element.string else { throw Malformed("'\(name)' holds something that is not a text") }
            texts.append(text)
        }
        return texts
    }
}
