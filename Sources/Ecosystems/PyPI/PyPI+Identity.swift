public import Core

extension PyPI: InspectableEcosystem {
    public func inspection(ofFile file: String) -> Inspection? {
        switch DistributionFile.kind(of: file) {
        case .wheel: Inspection(format: .zip) { PyPI.isEntry($0, endingWith: ".dist-info/METADATA") }
        case .source:
            Inspection(format: file.hasSuffix(".zip") ? .zip : .tar) { PyPI.isEntry($0, endingWith: "/PKG-INFO") }
        case .egg, .installer, nil: nil
        }
    }

    /// Where the version inside only looks different (`1.0` and `1.0.0`), the answer spells it as the file name does.
    public func identity(ofFile file: String, entries: [String: [UInt8]]) throws(Malformed) -> Purl {
        let isWheel = DistributionFile.kind(of: file) == .wheel
        let wanted = isWheel ? "dist-info/METADATA" : "PKG-INFO at its top"
        guard let (path, bytes) = entries.first, entries.count == 1 else {
            throw Malformed("\(file) has \(entries.count) \(wanted), not one")
        }
        let fields = try PyPI.metadata(bytes)
        let name = ProjectName.normalized(fields.name)
        if isWheel {
            let folder = path.prefix { $0 != "/" }.dropLast(".dist-info".count)
            let project = folder.prefix { $0 != "-" }
            guard ProjectName.normalized(project) == name else {
                throw Malformed("\(file) keeps the metadata of \(name) in '\(folder.prefix(80)).dist-info'")
            }
        }
        if let outside = DistributionFile(file, of: name), let inside = PythonVersion(fields.version),
            let version = PythonVersion(outside.version), PythonVersion.order(inside, version) == 0
        {
            return outside.release
        }
        let version = PythonVersion(fields.version)?.description ?? fields.version.lowercased()
        return Purl(type: type, name: name, version: version)
    }

    /// A resolver reads `Requires-Python` from the index, and of a wheel all of its metadata, before it fetches (PEP 658).
    public func listing(ofFile file: String, entries: [String: [UInt8]]) -> Listing {
        guard entries.count == 1, let bytes = entries.first?.value, let fields = try? PyPI.fields(bytes) else {
            return Listing()
        }
        var listing = Listing()
        if let range = fields["requires-python"], !range.isEmpty, range.utf8.count <= 255,
            range.utf8.allSatisfy({ (0x20...0x7E).contains($0) })
        {
            listing.attributes["requires-python"] = range
        }
        if DistributionFile.kind(of: file) == .wheel {
            listing.sidecar = Listing.Sidecar(suffix: ".metadata", attribute: "core-metadata", bytes: bytes)
        }
        return listing
    }

    private static func isEntry(_ path: String, endingWith suffix: String) -> Bool {
        let path = path.hasPrefix("./") ? path.dropFirst(2) : path[...]
        return path.hasSuffix(suffix) && path.count { $0 == "/" } == 1 && !path.hasPrefix("/")
    }

    private static func metadata(_ bytes: [UInt8]) throws(Malformed) -> (name: String, version: String) {
        let fields = try fields(bytes)
        guard let name = fields["name"], ProjectName.isValid(name), let version = fields["version"], !version.isEmpty
        else { throw Malformed("the metadata has no name and version") }
        return (name, version)
    }

    /// What the header of core metadata, up to its first empty line, says under the names that we read.
    private static func fields(_ bytes: [UInt8]) throws(Malformed) -> [String: String] {
        var fields: [String: String] = [:]
        for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
            let text = String(decoding: line.last == 0x0D ? line.dropLast() : line, as: UTF8.self)
            if text.isEmpty { break }
            let pair = text.split(separator: ":", maxSplits: 1)
            guard pair.count == 2, let first = text.first, !first.isWhitespace else { continue }
            let key = pair[0].lowercased()
            guard ["name", "version", "requires-python"].contains(key) else { continue }
            let value = pair[1].drop { $0 == " " || $0 == "\t" }
            let trimmed = String(value.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
            guard fields.updateValue(trimmed, forKey: key) == nil else {
                throw Malformed("the metadata has two fields '\(key)'")
            }
        }
        return fields
    }
}
