internal import Core
internal import JSONText

/// One record of the OSV schema, cut down to what verdicts need. Members that nobody here reads are passed over.
struct OSVRecord {
    let advisory: AdvisoryRecord
    let affected: [(key: String, entry: Affected)]

    /// Nil for a record that is withdrawn, is about a flaw and not wanted, or names no package that a purl can name.
    init?(_ node: JSONNode, keepsFlaws: Bool) throws(Malformed) {
        guard node.kind == .object else { throw Malformed("it is not an object") }
        guard let id = try OSVRecord.text(node["id"], "id"), !id.isEmpty, id.utf8.count <= 256 else {
            throw Malformed("it has no id")
        }
        if try OSVRecord.text(node["withdrawn"], "withdrawn") != nil { return nil }
        let aliases = try OSVRecord.texts(node["aliases"], "aliases")
        let isMalware = ([id] + aliases).contains { $0.hasPrefix("MAL-") }
        guard isMalware || keepsFlaws else { return nil }
        let summary = try OSVRecord.text(node["summary"], "summary")
        let details = try OSVRecord.text(node["details"], "details")
        let words = OSVRecord.oneLine(summary ?? details ?? "")
        advisory = AdvisoryRecord(id: id, summary: words, isMalware: isMalware)
        var affected: [(key: String, entry: Affected)] = []
        for item in try OSVRecord.list(node["affected"], "affected") {
            if let entry = try OSVRecord.affected(item) { affected.append(entry) }
        }
        if affected.isEmpty { return nil }
        self.affected = affected
    }

    private static func affected(_ node: JSONNode) throws(Malformed) -> (key: String, entry: Affected)? {
        guard node.kind == .object else { throw Malformed("an entry of affected is not an object") }
        // Without a package the entry speaks of a git repository alone.
        guard let package = node["package"] else { return nil }
        guard let ecosystem = try text(package["ecosystem"], "ecosystem"), let name = try text(package["name"], "name")
        else { throw Malformed("a package has no ecosystem or no name") }
        let purl = try text(package["purl"], "purl")
        let versions = try texts(node["versions"], "versions")
        var ranges: [[RangeEvent]] = []
        var isGitOnly = false
        for range in try list(node["ranges"], "ranges") {
            guard let type = try text(range["type"], "type") else { throw Malformed("a range has no type") }
            // Commits are nobody's version here; `versions` lists what they amount to.
            if type == "GIT" { isGitOnly = true } else { ranges.append(try events(range)) }
        }
        guard let package = OSVEcosystem.package(ecosystem: ecosystem, name: name, purl: purl) else { return nil }
        let isBare = versions.isEmpty && ranges.isEmpty
        if isBare, isGitOnly { return nil }
        return (package.registryKey, Affected(versions: Set(versions), ranges: ranges, isWhole: isBare))
    }

    private static func events(_ range: JSONNode) throws(Malformed) -> [RangeEvent] {
        var events: [RangeEvent] = []
        for item in try list(range["events"], "events") {
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

    private static func text(_ node: JSONNode?, _ name: String) throws(Malformed) -> String? {
        guard let node, node.kind != .null else { return nil }
        guard let text = node.string else { throw Malformed("'\(name)' is not a text") }
        return text
    }

    private static func list(_ node: JSONNode?, _ name: String) throws(Malformed) -> [JSONNode] {
        guard let node, node.kind != .null else { return [] }
        guard node.kind == .array else { throw Malformed("'\(name)' is not a list") }
        return Array(node.elements)
    }

    private static func texts(_ node: JSONNode?, _ name: String) throws(Malformed) -> [String] {
        var texts: [String] = []
        for element in try list(node, name) {
            guard let text = element.string else { throw Malformed("'\(name)' holds something that is not a text") }
            texts.append(text)
        }
        return texts
    }

    /// The first line with words in it, cut to a length that fits a report.
    private static func oneLine(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).first { $0.contains { !$0.isWhitespace } } ?? ""
        return line.count <= 200 ? String(line) : line.prefix(199) + "…"
    }
}
