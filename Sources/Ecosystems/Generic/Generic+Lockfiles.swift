public import Core
internal import JSONText

extension Generic {
    /// The modules by address in deno.lock, and the manifests of its JSR packages, which list the digests of their modules.
    public func pins(in document: [UInt8], named name: String) throws(Malformed) -> [Pin] {
        guard name == "deno.lock" else { return [] }
        let root: JSONNode
        do { root = try JSONDocument(document).root } catch { throw Malformed(error.message, offset: error.offset) }
        guard root.kind == .object, root["version"] != nil else { throw Malformed("this is no deno.lock") }
        var pins: [Pin] = []
        for module in root["remote"].map({ Array($0.members) }) ?? [] {
            if let pin = Generic.pin(module.key, module.node.string) { pins.append(pin) }
        }
        // Version 3 keeps its packages one level deeper.
        let packages = root["packages"]?["jsr"] ?? root["jsr"]
        for package in packages.map({ Array($0.members) }) ?? [] {
            let (name, version) = Generic.split(package.key)
            let manifest = "https://jsr.io/\(name)/\(version)_meta.json"
            if let pin = Generic.pin(manifest, package.node["integrity"]?.string) { pins.append(pin) }
        }
        return pins
    }

    private static func pin(_ address: String, _ hex: String?) -> Pin? {
        guard let url = try? HTTPURL(address), let hex, let digest = Digest(.sha256, hex: hex) else { return nil }
        return Pin(release: purl(for: url), file: url.file, url: url.withoutFragment, digests: [digest])
    }

    /// `@SCOPE/NAME@VERSION`
    private static func split(_ key: String) -> (String, String) {
        guard let at = key.dropFirst().firstIndex(of: "@") else { return (key, "") }
        return (String(key[..<at]), String(key[key.index(after: at)...]))
    }
}
