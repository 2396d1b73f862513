internal import Core
internal import JSONText

/// The npm packages of deno.lock, versions 2 to 5. Its modules by address are files of no registry.
/// <https://github.com/denoland/deno_lockfile>
enum DenoLock {
    static func pins(in document: [UInt8]) throws(Malformed) -> [Pin] {
        let root = try Npm.root(of: Document(document))
        guard root.kind == .object, root["version"] != nil else { throw Malformed("this is no deno.lock") }
        // Version 3 keeps its packages one level deeper, 2 has them below `npm.packages`.
        guard let list = root["packages"]?["npm"] ?? root["npm"]?["packages"] ?? root["npm"] else { return [] }
        return list.members.compactMap { member in
            let (name, version) = split(member.key)
            return Npm.pin(
                name,
                version,
                resolved: member.node["tarball"]?.string,
                integrity: member.node["integrity"]?.string
            )
        }
    }

    /// `NAME@VERSION_PEER@VERSION`; a name may begin with a scope's `@`.
    private static func split(_ key: String) -> (String, String) {
        guard let at = key.dropFirst().firstIndex(of: "@") else { return (key, "") }
        return (String(key[..<at]), String(key[key.index(after: at)...].prefix { $0 != "_" }))
    }
}
