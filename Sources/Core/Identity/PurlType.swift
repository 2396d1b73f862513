/// What the purl specification's type definitions say about case, namespaces and names, for the types that say anything.
struct PurlType {
    var lowersNamespace = false
    var lowersName = false
    var lowersVersion = false
    var forbidsNamespace = false
    var needsNamespace = false
    var needsQualifier: String?
    /// The name is a path on the host that the namespace names.
    var namesHavePaths = false
    /// Databricks takes model names without regard to case, other servers do not.
    var foldsNameOnDatabricks = false
    /// PEP 503: runs of `-`, `_` and `.` are one dash, so that one project has one purl.
    var joinsSeparators = false

    static func rules(of type: String) -> PurlType { table[type] ?? PurlType() }

    /// Hosts that hold one repository under every spelling of its name.
    static func foldsCase(host: String?) -> Bool {
        guard let host = host?.lowercased() else { return false }
        return host == "github" || host == "github.com"
    }

    /// Judges a purl and folds its case.
    func apply(to purl: inout Purl) throws(Malformed) {
        try check(purl)
        let isFolded = namesHavePaths && PurlType.foldsCase(host: purl.namespace)
        if lowersNamespace || isFolded { purl.namespace = purl.namespace?.lowercased() }
        if lowersName || isFolded { purl.name = purl.name.lowercased() }
        if lowersVersion { purl.version = purl.version?.lowercased() }
        if joinsSeparators { purl.name = PurlType.joined(purl.name) }
        if foldsNameOnDatabricks, purl.qualifiers["repository_url"]?.contains("databricks") == true {
            purl.name = purl.name.lowercased()
        }
    }

    private func check(_ purl: Purl) throws(Malformed) {
        let type = purl.type
        if forbidsNamespace, purl.namespace != nil { throw Malformed("\(type) purls have no namespace") }
        if needsNamespace, purl.namespace == nil { throw Malformed("\(type) purls need a namespace") }
        if let key = needsQualifier, purl.qualifiers[key] == nil { throw Malformed("\(type) purls need a \(key)") }
        switch type {
        case "cpan" where purl.name.contains("::"):
            throw Malformed("cpan purls name a distribution, not a module")
        case "chrome-extension":
            let name = purl.name.lowercased().utf8
            guard name.count == 32, name.allSatisfy({ (0x61...0x70).contains($0) }) else {
                throw Malformed("a chrome-extension is named by 32 letters from a to p")
            }
            let parts = (purl.version ?? "0").split(separator: ".", omittingEmptySubsequences: false)
            let areNumbers = parts.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
            guard parts.count <= 4, areNumbers else { throw Malformed("a chrome-extension version is 1 to 4 numbers") }
        default: break
        }
    }

    private static func joined(_ name: String) -> String {
        var text = ""
        for character in name {
            let isSeparator = character == "-" || character == "_" || character == "."
            if !isSeparator { text.append(character) } else if text.last != "-" { text.append("-") }
        }
        return text
    }

    private static let table: [String: PurlType] = [
        "alpm": PurlType(lowersNamespace: true, lowersName: true),
        "apk": PurlType(lowersNamespace: true, lowersName: true),
        "bazel": PurlType(forbidsNamespace: true),
        "bitbucket": PurlType(lowersNamespace: true, lowersName: true),
        "bitnami": PurlType(lowersName: true, forbidsNamespace: true),
        "brew": PurlType(lowersNamespace: true, lowersName: true),
        "cargo": PurlType(forbidsNamespace: true),
        "chrome-extension": PurlType(lowersName: true, forbidsNamespace: true),
        "cocoapods": PurlType(forbidsNamespace: true),
        "composer": PurlType(lowersNamespace: true, lowersName: true),
        "conda": PurlType(forbidsNamespace: true),
        "cran": PurlType(forbidsNamespace: true),
        "deb": PurlType(lowersNamespace: true, lowersName: true),
        "gem": PurlType(forbidsNamespace: true),
        "git": PurlType(needsNamespace: true, namesHavePaths: true),
        "github": PurlType(lowersNamespace: true, lowersName: true),
        "hackage": PurlType(forbidsNamespace: true),
        "hex": PurlType(lowersNamespace: true, lowersName: true),
        "huggingface": PurlType(lowersVersion: true),
        "julia": PurlType(forbidsNamespace: true, needsQualifier: "uuid"),
        "luarocks": PurlType(lowersNamespace: true, lowersName: true),
        "mlflow": PurlType(forbidsNamespace: true, foldsNameOnDatabricks: true),
        "nuget": PurlType(forbidsNamespace: true),
        "oci": PurlType(lowersName: true, lowersVersion: true, forbidsNamespace: true),
        "opam": PurlType(forbidsNamespace: true),
        "otp": PurlType(lowersName: true, forbidsNamespace: true),
        "pub": PurlType(lowersName: true, forbidsNamespace: true),
        "pypi": PurlType(lowersName: true, lowersVersion: true, forbidsNamespace: true, joinsSeparators: true),
        "qpkg": PurlType(lowersNamespace: true),
        "rpm": PurlType(lowersNamespace: true),
        "swift": PurlType(needsNamespace: true),
        "vcpkg": PurlType(forbidsNamespace: true),
        "vscode-extension": PurlType(
            lowersNamespace: true,
            lowersName: true,
            lowersVersion: true,
            needsNamespace: true
        ),
        "yocto": PurlType(lowersNamespace: true),
    ]
}
