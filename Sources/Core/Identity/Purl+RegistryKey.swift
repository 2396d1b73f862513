extension Purl {
    /// `type/namespace/name` as the package's registry tells names apart: two packages with one key are one package.
    ///
    /// Wider than equality of purls, whose rules know neither PEP 503 nor NuGet's case. For look-ups in lists that people write.
    public var registryKey: String { Purl.registryKey(type: type, path: path) }

    /// The same for a path that need not be a package's, such as one with a wildcard.
    public static func registryKey(type: String, path: String) -> String {
        let isFolded = type == "pypi"
        guard isFolded || caseless.contains(type) else { return "\(type)/\(path)" }
        var key = Array("\(type)/".utf8)
        let start = key.count
        for byte in path.utf8 {
            switch byte {
            // PyPI takes `Foo.Bar`, `foo_bar` and `foo--bar` for one name (PEP 503); purl rules know only `_`.
            case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                let isRun = isFolded && key.count > start && key.last == UInt8(ascii: "-")
                if !isRun { key.append(isFolded ? UInt8(ascii: "-") : byte) }
            case 0x41...0x5A: key.append(byte + 0x20)
            default: key.append(byte)
            }
        }
        return String(decoding: key, as: UTF8.self)
    }

    /// Types whose registries do not tell upper from lower case in names.
    private static let caseless: Set<String> = [
        "alpm", "apk", "bitbucket", "bitnami", "composer", "deb", "github", "golang", "hex", "nuget", "oci", "pub",
        "swift",
    ]
}
