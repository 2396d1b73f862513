/// Changes to a document that are written out in one pass; every byte that no change names is copied as it is.
///
/// A change inside a value that another change removes or replaces is dropped. Nodes must be of the same document.
public struct JSONEdit: Sendable {
    private let text: JSONIndexedText
    /// Item starts to remove, by the container that holds them.
    private var removals: [Int: Set<Int>] = [:]
    private var replacements: [Range<Int>: [UInt8]] = [:]
    private var insertions: [Int: [Insertion]] = [:]
    /// Where the containers that lose or gain items begin, since the index does not say.
    private var starts: [Int: Int] = [:]

    private struct Insertion: Sendable {
        let key: String
        var value: [UInt8]
    }

    /// Bytes that take the place of a range.
    private struct Splice {
        let range: Range<Int>
        let bytes: [UInt8]
    }

    public init(_ document: JSONDocument) { text = document.text }

    public var isEmpty: Bool { removals.isEmpty && replacements.isEmpty && insertions.isEmpty }

    /// Removes a member from its object.
    public mutating func remove(_ member: JSONMember) { remove(member.node) }

    /// Removes a member's or an element's whole item; the root cannot be removed and stays.
    public mutating func remove(_ node: JSONNode) {
        guard let place = node.place else { return }
        starts[place.owner] = place.ownerStart
        removals[place.owner, default: []].insert(place.itemStart)
    }

    /// Puts another value in a node's place; a later replacement wins.
    public mutating func replace(_ node: JSONNode, with value: JSON) {
        replacements[node.range] = value.canonicalBytes()
    }

    /// Puts a member at the end of an object, or its value in place of the one of that name. Does nothing to a node
    /// that is no object.
    public mutating func insert(key: String, value: JSON, into object: JSONNode) {
        guard object.kind == .object else { return }
        if let existing = object[key] {
            if let place = existing.place { removals[place.owner]?.remove(place.itemStart) }
            replace(existing, with: value)
            return
        }
        starts[object.container] = object.range.lowerBound
        let bytes = value.canonicalBytes()
        var list = insertions[object.container] ?? []
        if let index = list.firstIndex(where: { $0.key == key }) {
            list[index].value = bytes
        } else {
            list.append(Insertion(key: key, value: bytes))
        }
        insertions[object.container] = list
    }

    /// The document with every change.
    public func bytes() -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.bytes.count)
        var at = 0
        for splice in splices() where splice.range.lowerBound >= at {
            result += text.bytes[at..<splice.range.lowerBound]
            result += splice.bytes
            at = splice.range.upperBound
        }
        result += text.bytes[at...]
        return result
    }
}

extension JSONEdit {
    /// In document order; at one place insertions come first, then the widest range, which swallows the others; a
    /// removal before a replacement.
    private func splices() -> [Splice] {
        var splices = replacements.map { Splice(range: $0.key, bytes: $0.value) }
        for (container, start) in starts {
            splices += self.splices(in: text.node(at: start, container: container))
        }
        return splices.sorted { one, other in
            if one.range.lowerBound != other.range.lowerBound { return one.range.lowerBound < other.range.lowerBound }
            if one.range.isEmpty != other.range.isEmpty { return one.range.isEmpty }
            if one.range.upperBound != other.range.upperBound { return one.range.upperBound > other.range.upperBound }
            return one.bytes.isEmpty && !other.bytes.isEmpty
        }
    }

    private func splices(in container: JSONNode) -> [Splice] {
        let removed = removals[container.container] ?? []
        var splices: [Splice] = []
        var keptEnd: Int?
        var previousEnd = container.range.lowerBound + 1
        // A removed item before any kept one takes the comma behind it; any other the comma before it.
        var leading: Range<Int>?
        for item in items(of: container) {
            if let cut = leading { splices.append(Splice(range: cut.lowerBound..<item.lowerBound, bytes: [])) }
            leading = nil
            if !removed.contains(item.lowerBound) {
                keptEnd = item.upperBound
            } else if keptEnd != nil {
                splices.append(Splice(range: previousEnd..<item.upperBound, bytes: []))
            } else {
                leading = item
            }
            previousEnd = item.upperBound
        }
        if let leading { splices.append(Splice(range: leading, bytes: [])) }
        if let inserted = insertions[container.container] {
            let place = keptEnd ?? container.range.lowerBound + 1
            splices.append(Splice(range: place..<place, bytes: Self.print(inserted, isFirst: keptEnd == nil)))
        }
        return splices
    }

    private func items(of container: JSONNode) -> [Range<Int>] {
        container.kind == .object
            ? container.members.map(\.range)
            : container.elements.map(\.range)
    }

    private static func print(_ insertions: [Insertion], isFirst: Bool) -> [UInt8] {
        var bytes: [UInt8] = []
        for (index, insertion) in insertions.enumerated() {
            if !isFirst || index > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes += JSON.quoted(insertion.key)
            bytes.append(UInt8(ascii: ":"))
            bytes += insertion.value
        }
        return bytes
    }
}
