/// The members of one object in document order.
public struct JSONMembers: Sequence, Sendable {
    private let object: JSONNode

    init(of object: JSONNode) { self.object = object }

    public func makeIterator() -> Iterator { Iterator(object) }

    /// Walks from key to key.
    public struct Iterator: IteratorProtocol {
        private var walk: JSONWalk

        init(_ object: JSONNode) { walk = JSONWalk(object, isObject: true) }

        public mutating func next() -> JSONMember? {
            guard let start = walk.nextItem() else { return nil }
            let bytes = walk.text.bytes
            let keyEnd = JSONSkim.stringEnd(bytes, at: start)
            let colon = JSONSkim.skipBlanks(bytes, keyEnd)
            let node = walk.take(valueAt: JSONSkim.skipBlanks(bytes, colon + 1), itemStart: start)
            let isPlain = !bytes[start..<keyEnd].contains(UInt8(ascii: "\\"))
            return JSONMember(node: node, keyStart: start, isPlainKey: isPlain, keyEnd: keyEnd)
        }
    }
}

/// The elements of one array in document order.
public struct JSONElements: Sequence, Sendable {
    private let array: JSONNode

    init(of array: JSONNode) { self.array = array }

    public func makeIterator() -> Iterator { Iterator(array) }

    /// Walks from element to element.
    public struct Iterator: IteratorProtocol {
        private var walk: JSONWalk

        init(_ array: JSONNode) { walk = JSONWalk(array, isObject: false) }

        public mutating func next() -> JSONNode? {
            guard let start = walk.nextItem() else { return nil }
            return walk.take(valueAt: start, itemStart: start)
        }
    }
}

/// The way through one container, from item to item over whatever they hold.
private struct JSONWalk {
    let text: JSONIndexedText
    private let owner: Int
    private let ownerStart: Int
    private let end: Int
    private var at: Int
    private var container: Int

    init(_ node: JSONNode, isObject: Bool) {
        text = node.text
        owner = node.container
        ownerStart = node.range.lowerBound
        container = node.container + 1
        at = node.range.lowerBound + 1
        // A node of the other kind has no items.
        end = node.kind == (isObject ? .object : .array) ? node.range.upperBound - 1 : 0
    }

    /// Where the next item starts.
    mutating func nextItem() -> Int? {
        guard at < end else { return nil }
        at = JSONSkim.skipBlanks(text.bytes, at)
        if at < end, text.bytes[at] == UInt8(ascii: ",") { at = JSONSkim.skipBlanks(text.bytes, at + 1) }
        return at < end ? at : nil
    }

    mutating func take(valueAt start: Int, itemStart: Int) -> JSONNode {
        let place = JSONNode.Place(owner: owner, ownerStart: ownerStart, itemStart: itemStart)
        let node = text.node(at: start, container: container, place: place)
        if node.kind == .object || node.kind == .array { container = Int(text.nexts[container]) }
        at = node.range.upperBound
        return node
    }
}
