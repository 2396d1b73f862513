public import Core
internal import JSONText

extension Git {
    public var lockfileNames: [String] { ["Package.resolved"] }

    /// SwiftPM's pins of git dependencies, in every version of the file: the address and the commit.
    public func pins(in document: [UInt8], named name: String) throws(Malformed) -> [Pin] {
        let root: JSONNode
        do { root = try JSONDocument(document).root } catch { throw Malformed(error.message, offset: error.offset) }
        let list = root["pins"] ?? root["object"]?["pins"]
        guard let list, list.kind == .array else { throw Malformed("\(name) has no pins") }
        var pins: [Pin] = []
        for pin in list.elements {
            let address = pin["location"]?.string ?? pin["repositoryURL"]?.string
            guard let address, let revision = pin["state"]?["revision"]?.string, GitWish.isObjectName(revision),
                let url = try? HTTPURL(address), let repository = try? Git.repository(url, path: url.path),
                let digest = Digest(revision.utf8.count == 64 ? .sha256 : .sha1, hex: revision)
            else { continue }
            pins.append(Pin(release: repository.at(revision), digests: [digest]))
        }
        return pins
    }
}
