public import Core

extension Cargo: InspectableEcosystem {
    /// cargo unpacks only what lies in `NAME-VERSION/`; every `*/Cargo.toml` is asked for, so that there can be but one.
    public func inspection(ofFile file: String) -> Inspection? {
        guard file.hasSuffix(".crate") else { return nil }
        return Inspection(format: .tar) { path in
            let parts = path.split(separator: "/", omittingEmptySubsequences: true).drop { $0 == "." }
            return parts.count == 2 && parts.last == "Cargo.toml"
        }
    }

    /// What `cargo publish` wrote: its own rendering of the manifest, with nothing inherited. Old crates have their author's
    /// text, in which the table may be called `project`.
    public func identity(ofFile file: String, entries: [String: [UInt8]]) throws(Malformed) -> Purl {
        guard let (path, bytes) = entries.first, entries.count == 1 else {
            throw Malformed("\(file) has \(entries.count) Cargo.toml in its top folders, not one")
        }
        let root = try TOMLText.parse(bytes, maximumBytes: 8 << 20)
        let package = root["package"]?.table ?? root["project"]?.table
        guard let name = package?["name"]?.string, CrateName.isValid(name) else {
            throw Malformed("\(path) has no name of a crate")
        }
        guard let version = package?["version"]?.string, SemanticVersion(version) != nil else {
            throw Malformed("\(path) has no valid version")
        }
        let folder = path.split(separator: "/").first { $0 != "." } ?? ""
        guard folder == "\(name)-\(version)" else {
            throw Malformed("\(file) keeps the manifest of \(name) \(version) in '\(folder.prefix(200))'")
        }
        return Purl(type: type, name: name, version: version)
    }

    /// Builds of one version differ only behind the `+`, but they are different releases.
    public func agrees(_ inside: Purl, with outside: Purl) -> Bool {
        inside.package == outside.package && (outside.version == nil || inside.version == outside.version)
    }
}
