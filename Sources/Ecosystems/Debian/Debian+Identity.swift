public import Core

extension Debian: InspectableEcosystem {
    public func inspection(ofFile file: String) -> Inspection? {
        guard file.hasSuffix(".deb") || file.hasSuffix(".udeb") || file.hasSuffix(".ddeb") else { return nil }
        return Inspection(format: .deb) { $0 == "control" }
    }

    /// The vendor is left open: a package does not say for whose archive it was built.
    public func identity(ofFile file: String, entries: [String: [UInt8]]) throws(Malformed) -> Purl {
        guard let bytes = entries["control"] else { throw Malformed("the package has no control file") }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Malformed("control is not UTF-8") }
        var fields: [String: String] = [:]
        for line in text.split(separator: "\n") where line.first != " " && line.first != "\t" {
            guard let colon = line.firstIndex(of: ":") else { throw Malformed("control has a line without a field") }
            let key = line[..<colon].lowercased()
            let value = String(line[line.index(after: colon)...].drop { $0 == " " }.prefix { !$0.isNewline })
            guard fields.updateValue(value, forKey: key) == nil else { throw Malformed("control has '\(key)' twice") }
        }
        guard let name = fields["package"], let version = fields["version"], let architecture = fields["architecture"],
            DebianFile.isName(name), DebianVersion(version) != nil
        else { throw Malformed("control does not say what package it is of") }
        let purl = Purl(type: "deb", name: name.lowercased(), version: version, qualifiers: ["arch": architecture])
        guard Debian.fits(purl, file) else { throw Malformed("inside it is \(purl), outside '\(file)'") }
        return purl
    }

    /// A file whose name has another form (a download renamed) is judged by its index alone.
    private static func fits(_ purl: Purl, _ file: String) -> Bool {
        guard let named = DebianFile(file), let version = purl.version else { return true }
        // Pool names leave the epoch out.
        let short = version.firstIndex(of: ":").map { String(version[version.index(after: $0)...]) } ?? version
        return named.name.lowercased() == purl.name && named.architecture == purl.qualifiers["arch"]
            && (named.version == version || named.version == short)
    }

    public func agrees(_ inside: Purl, with outside: Purl) -> Bool {
        guard inside.name == outside.name, let one = inside.version, let other = outside.version else { return false }
        guard let architecture = outside.qualifiers["arch"] else { return compare(one, other) == 0 }
        return compare(one, other) == 0 && inside.qualifiers["arch"] == architecture
    }
}
