internal import JSONText

/// JSON in its two forms must say the same, survive printing, and change only where an edit names it.
struct JSONExercise {
    let bytes: [UInt8]

    func run(_ findings: inout Findings) {
        let value: JSON?
        do { value = try JSON(parsing: bytes) } catch {
            findings.expect((0...bytes.count).contains(error.offset), "the error is at \(error.offset)")
            value = nil
        }
        guard let document = try? JSONDocument(bytes) else {
            findings.expect(value == nil, "a text is a value and no document")
            return
        }
        if let value {
            findings.expect(document.root.value == value, "a text is two values")
            print(value, &findings)
        }
        edit(document, &findings)
    }

    private func print(_ value: JSON, _ findings: inout Findings) {
        // A large real number is printed without an exponent, as RFC 8785 wants it; only the document takes it back.
        let canonical = value.canonicalBytes()
        let again = try? JSONDocument(canonical)
        findings.expect(again?.root.value.canonicalBytes() == canonical, "the canonical text is not canonical")
        let pretty = try? JSONDocument(value.prettyBytes())
        findings.expect(pretty?.root.value.canonicalBytes() == canonical, "the pretty text says something else")
    }

    /// Each of the first containers loses, gets and changes a member, one at a time.
    private func edit(_ document: JSONDocument, _ findings: inout Findings) {
        var containers = [document.root]
        var index = 0
        while index < containers.count, index < 6 {
            let container = containers[index]
            index += 1
            let inner = Array(container.elements.prefix(4)) + container.members.prefix(4).map(\.node)
            containers += inner.filter { $0.kind == .object || $0.kind == .array }
            remove(from: container, document, &findings)
            insert(into: container, document, &findings)
        }
    }

    private func remove(from container: JSONNode, _ document: JSONDocument, _ findings: inout Findings) {
        let nodes = container.kind == .object ? container.members.map(\.node) : Array(container.elements)
        for chosen in [[0], [nodes.count - 1], [0, nodes.count / 2], Array(nodes.indices)] where !nodes.isEmpty {
            var edit = JSONEdit(document)
            for place in Set(chosen) { edit.remove(nodes[place]) }
            guard let changed = try? JSONDocument(edit.bytes()) else {
                findings.expect(false, "after items \(chosen) of \(nodes.count) went, the text is no JSON")
                continue
            }
            guard container.range == document.root.range else { continue }
            let kept = nodes.indices.filter { !chosen.contains($0) }.map { nodes[$0].value }
            let left =
                changed.root.kind == .object
                ? changed.root.members.map(\.node.value) : changed.root.elements.map(\.value)
            findings.expect(left == kept, "items \(chosen) of \(nodes.count) went, and others with them")
        }
    }

    private func insert(into container: JSONNode, _ document: JSONDocument, _ findings: inout Findings) {
        guard container.kind == .object else { return }
        var edit = JSONEdit(document)
        edit.insert(key: "purser \"\\\n", value: [1, "x"], into: container)
        if let first = container.members.first(where: { _ in true }) { edit.remove(first) }
        if let last = Array(container.members).last { edit.replace(last.node, with: .null) }
        guard let changed = try? JSONDocument(edit.bytes()) else {
            findings.expect(false, "after a member came, the text is no JSON")
            return
        }
        guard container.range == document.root.range else { return }
        findings.expect(changed.root["purser \"\\\n"]?.value == [1, "x"], "a member that came is not there")
    }
}
