public import Core
internal import JSONText

extension Git {
    /// SwiftPM's own, and those of other package managers that may name a repository and its commit.
    public var lockfileNames: [String] {
        ["Package.resolved", "Cargo.lock", "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "uv.lock"]
    }

    public func pins(in document: [UInt8], named name: String) throws(Malformed) -> [Pin] {
        name == "Package.resolved" ? try Git.resolved(document) : Git.quoted(document)
    }

    /// SwiftPM's pins of git dependencies, in every version of the file: the address and the commit.
    private static func resolved(_ document: [UInt8]) throws(Malformed) -> [Pin] {
        let root: JSONNode
        do { root = try JSONDocument(document).root } catch { throw Malformed(error.message, offset: error.offset) }
        let list = root["pins"] ?? root["object"]?["pins"]
        guard let list, list.kind == .array else { throw Malformed("Package.resolved has no pins") }
        return list.elements.compactMap { pin in
            let address = pin["location"]?.string ?? pin["repositoryURL"]?.string
            guard let address, let revision = pin["state"]?["revision"]?.string else { return nil }
            return Git.pin(address, revision)
        }
    }

    /// `"git+https://HOST/PATH?tag=v1#COMMIT"`, with `git+` or behind a key that says so: cargo, npm and uv write it into one
    /// text each. The file's own codec judges its form.
    private static func quoted(_ document: [UInt8]) -> [Pin] {
        var pins: [Pin] = []
        var seen: Set<Purl> = []
        for text in document.split(separator: UInt8(ascii: "\"")) where text.count > 41 && text.count < 2_000 {
            guard text[text.endIndex - 41] == UInt8(ascii: "#") else { continue }
            var address = String(decoding: text.dropLast(41), as: UTF8.self)
            if address.hasPrefix("git+") { address.removeFirst("git+".count) }
            // What is read over ssh is asked for over https where a setting of git says so.
            if address.hasPrefix("ssh://git@") { address = "https://" + address.dropFirst("ssh://git@".count) }
            let revision = String(decoding: text.suffix(40), as: UTF8.self)
            guard let pin = pin(String(address.prefix { $0 != "?" }), revision), seen.insert(pin.release).inserted
            else {
                continue
            }
            pins.append(pin)
        }
        return pins
    }

    private static func pin(_ address: String, _ revision: String) -> Pin? {
        guard GitWish.isObjectName(revision), let url = try? HTTPURL(address),
            let repository = try? Git.repository(url, path: url.path),
            let digest = Digest(revision.utf8.count == 64 ? .sha256 : .sha1, hex: revision)
        else { return nil }
        return Pin(release: repository.at(revision), digests: [digest])
    }
}
