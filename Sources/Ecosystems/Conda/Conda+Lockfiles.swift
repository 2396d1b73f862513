public import Core
internal import JSONText

extension Conda {
    public func pins(in document: [UInt8], named name: String) throws(Malformed) -> [Pin] {
        if name.hasSuffix(".yml") || name == "pixi.lock" {
            let root = try YAMLTree.read(document)
            guard case .object = root else { throw Malformed("the lockfile is no table") }
            return name == "pixi.lock" ? Conda.pixi(root) : Conda.condaLock(root)
        }
        return try Conda.explicit(document)
    }

    /// `package: [{ manager: conda, url, hash: { md5, sha256 } }]`; packages of pip are not ours.
    private static func condaLock(_ root: JSON) -> [Pin] {
        (root["package"]?.array ?? []).compactMap { package in
            guard package["manager"]?.string == "conda", let url = package["url"]?.string else { return nil }
            return pin(url, sha256: package["hash"]?["sha256"]?.string, md5: package["hash"]?["md5"]?.string)
        }
    }

    /// `packages: [{ conda: URL, sha256, md5 }]`, in older formats `{ kind: conda, url: URL }`.
    private static func pixi(_ root: JSON) -> [Pin] {
        (root["packages"]?.array ?? []).compactMap { package in
            let old = package["kind"]?.string == "conda" ? package["url"]?.string : nil
            guard let url = package["conda"]?.string ?? old else { return nil }
            return pin(url, sha256: package["sha256"]?.string, md5: package["md5"]?.string)
        }
    }

    /// `@EXPLICIT`, then one address a line, with `#MD5` or `#sha256:HEX` behind it.
    private static func explicit(_ document: [UInt8]) throws(Malformed) -> [Pin] {
        guard let text = String(validating: document, as: UTF8.self) else { throw Malformed("the list is not UTF-8") }
        var pins: [Pin] = []
        var isExplicit = false
        for line in text.split(whereSeparator: \.isNewline) {
            let line = line.drop { $0 == " " }.prefix { $0 != " " }
            if line == "@EXPLICIT" { isExplicit = true }
            guard isExplicit, line.hasPrefix("http") else { continue }
            let parts = line.split(separator: "#", maxSplits: 1)
            let hash = parts.count > 1 ? String(parts[1]) : ""
            let sha256 = hash.hasPrefix("sha256:") ? String(hash.dropFirst(7)) : hash.utf8.count == 64 ? hash : nil
            if let pin = pin(String(parts[0]), sha256: sha256, md5: sha256 == nil ? hash : nil) { pins.append(pin) }
        }
        guard isExplicit else { throw Malformed("the list is not an explicit one") }
        return pins
    }

    private static func pin(_ text: String, sha256: String?, md5: String?) -> Pin? {
        guard let url = try? HTTPURL(text), let place = CondaPlace(url), let name = CondaFile(url.file) else {
            return nil
        }
        let strong = sha256.flatMap { Digest(.sha256, hex: $0) }
        let weak = md5.flatMap { Digest(.md5, hex: $0) }
        return Pin(
            release: name.purl(at: place),
            file: url.file,
            url: url.withoutFragment,
            digests: [strong, weak].compactMap(\.self)
        )
    }
}
