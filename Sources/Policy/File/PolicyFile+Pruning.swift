public import Core

extension PolicyFile {
    /// The file's text without some of its exemptions; comments, order and everything else stay as they were.
    ///
    /// The result is read again and compared before it is given out, so that a text that cannot be edited so is refused
    /// and never damaged.
    public static func pruned(
        _ yaml: String,
        name: String,
        allowsAgent: Bool = true,
        dropping isDropped: (Exemption) -> Bool
    ) throws(Problem) -> (text: String, dropped: [Exemption]) {
        let file = try parse(yaml, name: name, allowsAgent: allowsAgent)
        let dropped = file.exemptions.indices.filter { isDropped(file.exemptions[$0]) }
        guard !dropped.isEmpty, let section = file.document?["exempt"] else { return (yaml, []) }
        let list = ExemptionText(yaml, line: section.line, count: file.exemptions.count)
        guard let text = list?.without(Set(dropped)), isRest(text, of: file, without: Set(dropped), allowsAgent) else {
            throw section.problem(
                "is written in a way that cannot be rewritten safely",
                "remove lines \(dropped.map { "\(file.exemptions[$0].line)" }.joined(separator: ", ")) by hand"
            )
        }
        return (text, dropped.map { file.exemptions[$0] })
    }

    private static func isRest(_ text: String, of file: PolicyFile, without dropped: Set<Int>, _ allowsAgent: Bool)
        -> Bool
    {
        guard let new = try? parse(text, name: file.name, allowsAgent: allowsAgent) else { return false }
        func rest(_ document: YAMLValue?) -> [String] {
            (document?.entries ?? []).filter { $0.key != "exempt" }.map { "\($0.key): \($0.value.plainText)" }
        }
        let wanted = file.document?["exempt"]?.elements.enumerated().filter { !dropped.contains($0.offset) }
            .map(\.element.plainText)
        return rest(new.document) == rest(file.document)
            && new.document?["exempt"]?.elements.map(\.plainText) == wanted
    }

    /// The exemptions as they stand in the file.
    public var listedExemptions: [Exemption] { exemptions }
}

/// The text of a list of exemptions, cut into its entries. Nil where it is written in neither of YAML's two styles.
struct ExemptionText {
    private let bytes: [UInt8]
    /// The bytes of each entry, with what goes when it goes.
    private let ranges: [Range<Int>]
    /// What stands for a list without entries, and where.
    private let whole: Range<Int>
    private let isFlow: Bool

    init?(_ yaml: String, line: Int, count: Int) {
        bytes = Array(yaml.utf8)
        let lines = ExemptionText.lines(of: bytes)
        guard line >= 1, line <= lines.count else { return nil }
        let head = lines[line - 1]
        guard let colon = bytes[head].firstIndex(of: UInt8(ascii: ":")) else { return nil }
        let start = bytes[colon...].dropFirst().firstIndex { $0 != 0x20 && $0 != 0x0A && $0 != 0x0D }
        if let start, bytes[start] == UInt8(ascii: "["), start < head.upperBound {
            guard let flow = ExemptionText.flow(bytes, from: start) else { return nil }
            (ranges, whole, isFlow) = (flow.items, flow.inside, true)
        } else {
            guard let items = ExemptionText.block(bytes, Array(lines[line...])) else { return nil }
            // Behind the colon there may be a comment, which stays.
            (ranges, whole, isFlow) = (items, colon + 1..<colon + 1, false)
        }
        guard ranges.count == count else { return nil }
    }

    func without(_ dropped: Set<Int>) -> String? {
        if dropped.count == ranges.count {
            if isFlow { return text(without: [whole]) }
            var edited = bytes
            for range in ranges.reversed() { edited.removeSubrange(range) }
            edited.insert(contentsOf: Array(" []".utf8), at: whole.lowerBound)
            return String(validating: edited, as: UTF8.self)
        }
        guard isFlow else { return text(without: dropped.sorted().map { ranges[$0] }) }
        // Up to the next entry; the last ones from the end of the entry before them.
        let kept = ranges.indices.filter { !dropped.contains($0) }
        guard let last = kept.last else { return nil }
        var cuts = dropped.filter { $0 < last }.sorted().map { ranges[$0].lowerBound..<ranges[$0 + 1].lowerBound }
        if last < ranges.count - 1 { cuts.append(ranges[last].upperBound..<ranges[ranges.count - 1].upperBound) }
        return text(without: cuts)
    }

    private func text(without cuts: [Range<Int>]) -> String? {
        var edited = bytes
        for range in cuts.reversed() { edited.removeSubrange(range) }
        return String(validating: edited, as: UTF8.self)
    }
}

extension ExemptionText {
    /// Each line with its end.
    private static func lines(of bytes: [UInt8]) -> [Range<Int>] {
        var lines: [Range<Int>] = []
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: 0x0A).map { $0 + 1 } ?? bytes.count
            lines.append(start..<end)
            start = end
        }
        return lines
    }

    /// Entries that start with a dash. The comment lines right above one belong to it, but not those above the first,
    /// which may speak of the list.
    private static func block(_ bytes: [UInt8], _ lines: [Range<Int>]) -> [Range<Int>]? {
        func indent(_ line: Range<Int>) -> Int { bytes[line].prefix { $0 == 0x20 }.count }
        func first(_ line: Range<Int>) -> UInt8? { bytes[line].first { $0 > 0x20 } }
        func isIdle(_ line: Range<Int>) -> Bool { first(line) == nil || first(line) == UInt8(ascii: "#") }
        guard let opening = lines.firstIndex(where: { !isIdle($0) }), first(lines[opening]) == UInt8(ascii: "-") else {
            return nil
        }
        let depth = indent(lines[opening])
        var items: [Range<Int>] = []
        var (start, end) = (opening, opening)
        for at in lines.indices[opening...].dropFirst() where !isIdle(lines[at]) {
            let isDash = first(lines[at]) == UInt8(ascii: "-")
            if indent(lines[at]) > depth {
                end = at
            } else if indent(lines[at]) == depth, isDash {
                items.append(lines[start].lowerBound..<lines[end].upperBound)
                (start, end) = (at, at)
                while first(lines[start - 1]) == UInt8(ascii: "#"), start - 1 > opening { start -= 1 }
            } else {
                break
            }
        }
        items.append(lines[start].lowerBound..<lines[end].upperBound)
        return items
    }

    /// Entries within brackets, without the white space around them.
    private static func flow(_ bytes: [UInt8], from start: Int) -> (items: [Range<Int>], inside: Range<Int>)? {
        var items: [Range<Int>] = []
        var depth = 0
        var quote: UInt8?
        var item: (start: Int, end: Int)?
        var at = start
        while at < bytes.count {
            let byte = bytes[at]
            if let open = quote {
                if byte == open {
                    quote = nil
                } else if byte == UInt8(ascii: "\\"), open == UInt8(ascii: "\"") {
                    at += 1
                }
            } else if byte == UInt8(ascii: "#"), at > 0, bytes[at - 1] <= 0x20 {
                at = bytes[at...].firstIndex(of: 0x0A) ?? bytes.count
                continue
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            }
            let isOutside = quote == nil
            if isOutside, byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}") { depth -= 1 }
            if isOutside, depth == 0, at > start {
                if let item { items.append(item.start..<item.end) }
                return (items, start + 1..<at)
            }
            if isOutside, depth == 1, byte == UInt8(ascii: ",") {
                if let item { items.append(item.start..<item.end) }
                item = nil
            } else if byte > 0x20, at > start {
                item = (item?.start ?? at, min(at + 1, bytes.count))
            }
            if isOutside, byte == UInt8(ascii: "[") || byte == UInt8(ascii: "{") { depth += 1 }
            at += 1
        }
        return nil
    }
}
