internal import Core

/// What a path of the registry protocol, of a network mirror or of the release server is about.
/// <https://developer.hashicorp.com/terraform/internals/provider-registry-protocol>
enum TerraformPlace {
    /// Where a host keeps its services.
    case discovery
    case versions(Purl)
    /// Link and digest of a provider for one platform.
    case download(Purl)
    case moduleVersions(Purl)
    case mirrorIndex(Purl)
    /// Links and digests of a provider for all platforms.
    case mirrorVersion(Purl)
    /// SHA256SUMS, which HashiCorp signs.
    case checksums(Purl)
    case signature(Purl?, String)
    case archive(Purl?, String)
    /// What clients read beside all that.
    case service

    init?(_ url: HTTPURL) throws(Malformed) {
        let segments = url.segments
        let isPlain = segments.allSatisfy { $0.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x2F } }
        guard isPlain else { throw Malformed("a name hides a slash or holds odd bytes") }
        if segments.suffix(2) == [".well-known", "terraform.json"] {
            self = .discovery
        } else if url.origin.host == "releases.hashicorp.com" {
            try self.init(releases: segments)
        } else if let mark = segments.firstRange(of: ["v1", "providers"]) {
            try self.init(provider: Array(segments[mark.upperBound...]), at: url.origin.host)
        } else if let mark = segments.firstRange(of: ["v1", "modules"]) {
            try self.init(module: Array(segments[mark.upperBound...]), at: url.origin.host)
        } else {
            try self.init(mirror: segments)
        }
    }

    /// `NAMESPACE/TYPE/versions`, `NAMESPACE/TYPE/VERSION/download/OS/ARCH`
    private init?(provider path: [String], at host: String) throws(Malformed) {
        guard path.count >= 2 else { return nil }
        let provider = try Terraform.provider(host, path[0], path[1])
        if path.count == 3, path[2] == "versions" {
            self = .versions(provider)
        } else if path.count == 6, path[3] == "download" {
            self = .download(provider.at(try Terraform.version(path[2])))
        } else {
            self = .service
        }
    }

    /// `NAMESPACE/NAME/SYSTEM/versions`, `NAMESPACE/NAME/SYSTEM/VERSION/download`
    private init?(module path: [String], at host: String) throws(Malformed) {
        guard path.count == 4, path[3] == "versions" else {
            self = .service
            return
        }
        let module = try Terraform.provider(host, path[1], path[2])
        let owner = try Terraform.provider(host, path[0], path[2]).namespace ?? ""
        let namespace = "\(owner)/\(module.namespace ?? "")"
        let purl = Purl(type: "terraform", namespace: namespace, name: module.name, qualifiers: module.qualifiers)
        self = .moduleVersions(purl)
    }

    /// `…/HOST/NAMESPACE/TYPE/index.json`, `…/VERSION.json`, and archives anywhere.
    private init?(mirror path: [String]) throws(Malformed) {
        guard let file = path.last else { return nil }
        if file.hasSuffix(".zip") {
            self = .archive(nil, file)
            return
        }
        guard file.hasSuffix(".json"), path.count >= 4, path[path.count - 4].contains(".") else { return nil }
        let names = path.suffix(4).dropLast()
        let provider = try Terraform.provider(
            names[path.count - 4].lowercased(),
            names[path.count - 3],
            names[path.count - 2]
        )
        let stem = String(file.dropLast(5))
        if stem == "index" {
            self = .mirrorIndex(provider)
        } else if SemanticVersion(stem) != nil {
            self = .mirrorVersion(provider.at(stem))
        } else {
            return nil
        }
    }

    /// `PRODUCT/VERSION/PRODUCT_VERSION_…`
    private init?(releases path: [String]) throws(Malformed) {
        guard path.count == 3, SemanticVersion(path[1]) != nil, path[2].hasPrefix("\(path[0])_\(path[1])_") else {
            self = .service
            return
        }
        let (product, version, file) = (path[0], path[1], path[2])
        let mark = "terraform-provider-"
        let package =
            if product.hasPrefix(mark) {
                try Terraform.provider("registry.terraform.io", "hashicorp", String(product.dropFirst(mark.count)))
            } else {
                Purl(type: "generic", namespace: "hashicorp", name: product)
            }
        if file.hasSuffix("_SHA256SUMS") {
            self = .checksums(package.at(version))
        } else if file.hasSuffix(".sig") {
            self = .signature(package.at(version), file)
        } else {
            self = .archive(package.at(version), file)
        }
    }
}
