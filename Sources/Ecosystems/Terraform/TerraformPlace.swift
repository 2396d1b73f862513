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
        } else if TerraformVersion(stem) != nil {
            self = .mirrorVersion(provider.at(stem))
        } else {
            return nil
        }
    }

    /// `PRODUCT/VERSION/PRODUCT_VERSION_…`
    private init?(releases path: [String]) throws(Malformed) {
        guard path.count == 3, TerraformVersion(path[1]) != nil, path[2].hasPrefix("\(path[0])_\(path[1])_") else {
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

/// A version as Terraform reads it: semantic versioning without shortcuts.
struct TerraformVersion: Sendable {
    private let numbers: [String]
    private let prerelease: [Substring]

    var isPrerelease: Bool { !prerelease.isEmpty }

    init?(_ text: String) {
        guard text.utf8.count <= 200 else { return nil }
        let plain = text.prefix { $0 != "+" }
        let parts = plain.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard let core = parts.first else { return nil }
        let numbers = core.split(separator: ".", omittingEmptySubsequences: false)
        let identifiers = text.dropFirst(plain.count + 1).split(separator: ".", omittingEmptySubsequences: false)
        let marks = parts.count > 1 ? parts[1].split(separator: ".", omittingEmptySubsequences: false) : []
        guard numbers.count == 3, numbers.allSatisfy(TerraformVersion.isNumber),
            marks.allSatisfy(TerraformVersion.isIdentifier),
            plain.count == text.count || identifiers.allSatisfy(TerraformVersion.isIdentifier)
        else { return nil }
        self.numbers = numbers.map(String.init)
        prerelease = marks
    }

    private static func isDigits(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    private static func isNumber(_ text: Substring) -> Bool {
        isDigits(text) && (text.utf8.count == 1 || text.utf8.first != 0x30)
    }

    private static func isIdentifier(_ text: Substring) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D: true
                default: false
                }
            }
    }
}

extension TerraformVersion: Comparable {
    static func == (a: TerraformVersion, b: TerraformVersion) -> Bool { !(a < b) && !(b < a) }

    static func < (a: TerraformVersion, b: TerraformVersion) -> Bool {
        for (one, other) in zip(a.numbers, b.numbers) where one != other { return precedes(one[...], other[...]) }
        if a.prerelease.isEmpty || b.prerelease.isEmpty { return !a.prerelease.isEmpty && b.prerelease.isEmpty }
        for (one, other) in zip(a.prerelease, b.prerelease) {
            switch (isDigits(one), isDigits(other)) {
            case (true, true):
                let (left, right) = (one.drop { $0 == "0" }, other.drop { $0 == "0" })
                if left != right { return precedes(left, right) }
            case (true, false): return true
            case (false, true): return false
            case (false, false): if one != other { return one.utf8.lexicographicallyPrecedes(other.utf8) }
            }
        }
        return a.prerelease.count < b.prerelease.count
    }

    /// Numbers of any length, without leading zeros.
    private static func precedes(_ one: Substring, _ other: Substring) -> Bool {
        one.utf8.count != other.utf8.count ? one.utf8.count < other.utf8.count : one < other
    }
}
