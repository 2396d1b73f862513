internal import Core
internal import JSONText

/// bun.lock, Bun's lockfile as text: JSON with comments and commas behind last items.
/// <https://bun.sh/reference/bun/BunLockFile>
enum BunLock {
    static func pins(in document: [UInt8]) throws(Malformed) -> [Pin] {
        let root: JSONNode
        do { root = try JSONDocument(plain(document)).root } catch {
            throw Malformed("bun.lock: \(error.message)", offset: error.offset)
        }
        guard root.kind == .object, root["lockfileVersion"] != nil else { throw Malformed("this is no bun.lock") }
        guard let packages = root["packages"] else { return [] }
        return packages.members.compactMap { pin(Array($0.node.elements)) }
    }

    /// `["NAME@VERSION", TARBALL, {…}, INTEGRITY]`, the tarball empty where it lies at the default registry. The entries of
    /// folders, workspaces and git have another form.
    private static func pin(_ entry: [JSONNode]) -> Pin? {
        guard entry.count == 4, let spec = entry[0].string, let link = entry[1].string,
            let at = spec.dropFirst().firstIndex(of: "@")
        else { return nil }
        return Npm.pin(
            String(spec[..<at]),
            String(spec[spec.index(after: at)...]),
            // A registry alone is no tarball.
            resolved: link.hasSuffix("gz") ? link : nil,
            integrity: entry[3].string
        )
    }

    /// Without comments, and without commas before a closing bracket. Of the same length, so that offsets stay true.
    private static func plain(_ bytes: [UInt8]) -> [UInt8] {
        var text = bytes
        var comma: Int?
        var at = 0
        while at < text.count {
            switch text[at] {
            case UInt8(ascii: "\""):
                comma = nil
                at = endOfString(text, at)
            case UInt8(ascii: "/"): at = blankComment(&text, at)
            case UInt8(ascii: ","):
                comma = at
                at += 1
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                if let last = comma { text[last] = 0x20 }
                comma = nil
                at += 1
            case let byte:
                if byte > 0x20 { comma = nil }
                at += 1
            }
        }
        return text
    }

    private static func endOfString(_ text: [UInt8], _ start: Int) -> Int {
        var at = start + 1
        while at < text.count, text[at] != UInt8(ascii: "\"") { at += text[at] == UInt8(ascii: "\\") ? 2 : 1 }
        return at + 1
    }

    /// A slash outside a text that begins no comment stays, for the reader to refuse.
    private static func blankComment(_ text: inout [UInt8], _ start: Int) -> Int {
        guard start + 1 < text.count else { return start + 1 }
        var end = start
        switch text[start + 1] {
        case UInt8(ascii: "/"):
            while end < text.count, text[end] != 0x0A { end += 1 }
        case UInt8(ascii: "*"):
            end += 2
            while end + 1 < text.count, text[end] != UInt8(ascii: "*") || text[end + 1] != UInt8(ascii: "/") {
                end += 1
            }
            end = min(end + 2, text.count)
        default: return start + 1
        }
        for place in start..<end where text[place] != 0x0A { text[place] = 0x20 }
        return end
    }
}
