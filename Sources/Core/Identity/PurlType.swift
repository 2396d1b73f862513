/// What the purl specification's type definitions say about case and namespaces, for the types that say anything.
struct PurlType {
    var lowersNamespace = false
    var lowersName = false
    var lowersVersion = false
    var forbidsNamespace = false
    var needsNamespace = false
    var dashesForUnderscores = false

    static func rules(of type: String) -> PurlType { table[type] ?? PurlType() }

    func normalized(name: String, qualifiers: [String: String]) -> String {
        var name = lowersName ? name.lowercased() : name
        if dashesForUnderscores { name = String(name.map { $0 == "_" ? "-" : $0 }) }
        return name
    }

    private static let table: [String: PurlType] = [
        "alpm": PurlType(lowersNamespace: true, lowersName: true),
        "apk": PurlType(lowersNamespace: true, lowersName: true),
        "bitbucket": PurlType(lowersNamespace: true, lowersName: true),
        "bitnami": PurlType(lowersName: true),
        "cargo": PurlType(forbidsNamespace: true),
        "composer": PurlType(lowersNamespace: true, lowersName: true),
        "cran": PurlType(forbidsNamespace: true),
        "deb": PurlType(lowersNamespace: true, lowersName: true),
        "gem": PurlType(forbidsNamespace: true),
        "github": PurlType(lowersNamespace: true, lowersName: true),
        "golang": PurlType(lowersNamespace: true, lowersName: true),
        "hex": PurlType(lowersNamespace: true, lowersName: true),
        "luarocks": PurlType(lowersVersion: true),
        "nuget": PurlType(forbidsNamespace: true),
        "oci": PurlType(lowersName: true, forbidsNamespace: true),
        "pub": PurlType(lowersName: true, forbidsNamespace: true),
        "pypi": PurlType(lowersName: true, forbidsNamespace: true, dashesForUnderscores: true),
        "rpm": PurlType(lowersNamespace: true),
        "swift": PurlType(needsNamespace: true),
    ]
}
