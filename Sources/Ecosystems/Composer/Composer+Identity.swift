public import Core
internal import JSONText

extension Composer: InspectableEcosystem {
    /// Composer itself looks at no checksum of a zip's entries; reading the archive finds bytes that were changed.
    public func inspection(ofFile file: String) -> Inspection? {
        guard file.hasSuffix(".zip") else { return nil }
        return Inspection(format: .zip, allowsDataDescriptors: true) { path in
            let parts = path.split(separator: "/", omittingEmptySubsequences: true)
            return parts.count <= 2 && parts.last == "composer.json"
        }
    }

    /// Without a composer.json that says a name, the archive leaves it to its index: packages may be defined there whole.
    public func identity(ofFile file: String, entries: [String: [UInt8]]) throws(Malformed) -> Purl {
        // A folder on top of everything is dropped when it is the only one, and then holds the only such file.
        let top = entries["composer.json"] ?? (entries.count == 1 ? entries.first?.value : nil)
        guard let bytes = top, let name = (try? JSONDocument(bytes))?.root["name"]?.string,
            let package = try? Composer.package(name)
        else { return Purl(type: type, name: "") }
        return package
    }

    /// A version inside is whatever its author last thought of; Composer takes it from the tag.
    public func agrees(_ inside: Purl, with outside: Purl) -> Bool {
        inside.namespace == nil || inside.package == outside.package
    }
}
