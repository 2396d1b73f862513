public import Core

extension Cargo {
    /// Cargo.lock of every format. Format 1 keeps checksums apart from the packages; `[root]` is the project itself.
    public func pins(in document: [UInt8], named name: String) throws(Malformed) -> [Pin] {
        let root = try TOMLText.parse(document)
        let apart = root["metadata"]?.table
        var pins: [Pin] = []
        var places: [Purl: Int] = [:]
        var ambiguous: Set<Int> = []
        for package in root["package"]?.list ?? [] {
            guard let name = package["name"]?.string, CrateName.isValid(name),
                let version = package["version"]?.string, SemanticVersion(version) != nil,
                let source = package["source"]?.string
            else { continue }
            let old = apart?["checksum \(name) \(version) (\(source))"]?.string
            let release = Purl(type: type, name: name, version: version)
            guard let pin = Cargo.pin(release, source: source, checksum: package["checksum"]?.string ?? old) else {
                continue
            }
            // One release of two registries: which file a checksum is for cannot be told by the file's name.
            if !pin.digests.isEmpty, let other = places.updateValue(pins.count, forKey: release) {
                if pins[other].digests != pin.digests { ambiguous.formUnion([other, pins.count]) }
            }
            pins.append(pin)
        }
        return pins.enumerated().filter { !ambiguous.contains($0.offset) }.map(\.element)
    }

    /// Where crates.io's own crates are said to come from, whatever serves the index.
    private static let publicSources: Set<String> = [
        "https://github.com/rust-lang/crates.io-index", "https://index.crates.io/",
    ]

    private static func pin(_ release: Purl, source: String, checksum: String?) -> Pin? {
        guard let plus = source.firstIndex(of: "+") else { return nil }
        let place = String(source[source.index(after: plus)...])
        switch source[..<plus] {
        case "registry", "sparse":
            // `<none>` stands where an old registry had no checksum.
            guard let digest = checksum.flatMap({ Digest(.sha256, hex: $0) }) else { return nil }
            let isPublic = publicSources.contains(place)
            return Pin(
                release: isPublic ? release : release.with(["repository_url": place]),
                file: file(of: release),
                digests: [digest]
            )
        case "git":
            let parts = place.split(separator: "#", maxSplits: 1)
            guard parts.count == 2, let commit = parts.last else { return nil }
            let repository = parts[0].prefix { $0 != "?" }
            return Pin(release: release.with(["vcs_url": "git+\(repository)@\(commit)"]))
        default: return nil
        }
    }
}
