internal import Core
internal import JSONText

/// pnpm-lock.yaml in its formats 5, 6 and 9. From pnpm 11 on the file may be two YAML documents, the first about pnpm itself;
/// what either names is fetched, so both are read.
enum PnpmLock {
    static func pins(in document: [UInt8]) throws(Malformed) -> [Pin] {
        var pins: [Pin] = []
        for part in parts(of: document) {
            let root = try YAMLTree.read(part)
            if root.isNull { continue }
            guard root["lockfileVersion"] != nil else { throw Malformed("pnpm-lock.yaml has no lockfileVersion") }
            let isOld = root["lockfileVersion"]?.string?.hasPrefix("5") == true
            for (key, entry) in (root["packages"]?.members ?? [:]).sorted(by: { $0.key < $1.key }) {
                if let pin = pin(key, entry, isOld: isOld) { pins.append(pin) }
            }
        }
        return pins
    }

    /// The documents of a stream: what stands between lines of three dashes.
    private static func parts(of bytes: [UInt8]) -> [[UInt8]] {
        var parts: [[UInt8]] = [[]]
        for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
            if line.elementsEqual([0x2D, 0x2D, 0x2D]) || line.elementsEqual([0x2D, 0x2D, 0x2D, 0x0D]) {
                parts.append([])
            } else {
                parts[parts.count - 1] += line + [0x0A]
            }
        }
        return parts
    }

    /// Nil for what comes from git or from a folder.
    private static func pin(_ key: String, _ entry: JSON, isOld: Bool) -> Pin? {
        guard let resolution = entry["resolution"], resolution["type"] == nil else { return nil }
        let spec = key.hasPrefix("/") ? key.dropFirst() : key[...]
        let (name, version) = isOld ? splitBySlash(spec) : splitByAt(spec)
        // An entry of a foreign address has that for its key and says inside what it is.
        return Npm.pin(
            entry["name"]?.string ?? name,
            entry["version"]?.string ?? version,
            resolved: resolution["tarball"]?.string,
            integrity: resolution["integrity"]?.string
        )
    }

    /// `NAME@VERSION(PEER@VERSION)`; a name may begin with a scope's `@`.
    private static func splitByAt(_ spec: Substring) -> (String, String) {
        let bare = spec.prefix { $0 != "(" }
        guard let at = bare.dropFirst().firstIndex(of: "@") else { return (String(bare), "") }
        return (String(bare[..<at]), String(bare[bare.index(after: at)...]))
    }

    /// `NAME/VERSION_PEER@VERSION`
    private static func splitBySlash(_ spec: Substring) -> (String, String) {
        let parts = spec.split(separator: "/", omittingEmptySubsequences: false)
        let count = spec.hasPrefix("@") ? 2 : 1
        guard parts.count > count else { return (String(spec), "") }
        return (parts[..<count].joined(separator: "/"), String(parts[count].prefix { $0 != "_" }))
    }
}
