internal import Core

/// Where a request stands in a repository. Repositories lie under any prefix, and flat ones have no `dists`.
struct DebianPath {
    enum Kind { case index, file, sidecar, service }

    /// The path of the repository's root, with a slash at its end; raw.
    let root: String
    /// The path below the root, decoded.
    let part: String
    let file: String
    let kind: Kind
    let vendor: String

    init(_ url: HTTPURL) {
        let raw = url.path.split(separator: "/", omittingEmptySubsequences: true)
        let names = url.segments
        file = url.path.hasSuffix("/") ? "" : names.last ?? ""
        let mark = names.dropLast().lastIndex { $0 == "dists" || $0 == "pool" }
        let byHash = DebianPath.isByHash(names)
        // A flat repository's root is the folder of its index.
        let depth = mark ?? max(0, names.count - (byHash ? 3 : 1))
        root = depth == 0 ? "/" : "/" + raw.prefix(depth).joined(separator: "/") + "/"
        part = names.dropFirst(depth).joined(separator: "/")
        vendor = url.origin.host.contains("ubuntu") || names.prefix(depth).contains("ubuntu") ? "ubuntu" : "debian"
        kind = DebianPath.kind(names, file, isInDists: mark.map { names[$0] == "dists" } ?? false, byHash)
    }

    private static func kind(_ names: [String], _ file: String, isInDists: Bool, _ byHash: Bool) -> Kind {
        if names.first == "mr" { return .service }
        if file == "SHA256SUMS" || file == "MD5SUMS" || file.hasSuffix(".asc") || file.hasSuffix(".sig") {
            return .sidecar
        }
        if byHash || isIndexName(file) { return .index }
        let isInstaller = names.contains { $0.hasPrefix("installer-") }
        let isPackage = [".deb", ".udeb", ".ddeb", ".dsc", ".iso"].contains { file.hasSuffix($0) }
        return isInDists && !isInstaller && !isPackage ? .index : .file
    }

    /// `…/by-hash/ALGORITHM/HEX`
    private static func isByHash(_ names: [String]) -> Bool {
        guard names.count >= 3, names[names.count - 3] == "by-hash", let hex = names.last else { return false }
        return [32, 40, 64, 128].contains(hex.utf8.count) && hex.allSatisfy(\.isHexDigit)
    }

    private static func isIndexName(_ file: String) -> Bool {
        if ["InRelease", "Release", "Release.gpg"].contains(file) { return true }
        let stem = file.prefix { $0 != "." }
        return ["Packages", "Sources"].contains(stem) || stem.hasPrefix("Translation-") || stem.hasPrefix("Contents-")
    }

    /// What a document here holds, as far as its place tells; by-hash names tell it by their folder alone.
    var contents: Contents {
        let names = part.split(separator: "/").map(String.init)
        guard let file = names.last else { return .other }
        if file == "InRelease" { return .release(isSigned: true) }
        // The small Release files of single folders list nothing.
        if file == "Release" { return .release(isSigned: false) }
        let stem = file.prefix { $0 != "." }
        let isDifference = names.dropLast().last?.hasSuffix(".diff") ?? false
        if stem == "Packages" || stem == "Sources" { return isDifference || file.contains("diff") ? .other : .stanzas }
        guard names.count >= 3, names[names.count - 3] == "by-hash" else { return .other }
        guard let folder = names.dropLast(3).last else { return .stanzas }
        return folder.hasPrefix("binary-") || folder == "source" ? .stanzas : .other
    }

    enum Contents: Hashable {
        /// The list of a suite's indexes and their digests.
        case release(isSigned: Bool)
        /// Packages or Sources.
        case stanzas
        case other
    }
}

/// `NAME_VERSION_ARCH.deb`, or `NAME_VERSION.dsc` of a source.
struct DebianFile {
    let name: String
    let version: String
    let architecture: String

    init?(_ file: String) {
        guard let dot = file.lastIndex(of: ".") else { return nil }
        let ending = file[dot...]
        let parts = file[..<dot].split(separator: "_", omittingEmptySubsequences: false).map(String.init)
        switch ending {
        case ".deb", ".udeb", ".ddeb":
            guard parts.count == 3 else { return nil }
            architecture = parts[2]
        case ".dsc":
            guard parts.count == 2 else { return nil }
            architecture = "source"
        default: return nil
        }
        guard DebianFile.isName(parts[0]), DebianVersion(parts[1]) != nil, !architecture.isEmpty else { return nil }
        name = parts[0]
        version = parts[1]
    }

    func purl(vendor: String) -> Purl {
        Purl(
            type: "deb",
            namespace: vendor,
            name: name.lowercased(),
            version: version,
            qualifiers: ["arch": architecture]
        )
    }

    /// Debian Policy §5.6.1; capitals too, which dpkg takes.
    static func isName(_ text: String) -> Bool {
        guard text.utf8.count >= 2, text.utf8.count <= 255, let first = text.utf8.first, isLetterOrDigit(first) else {
            return false
        }
        return text.utf8.allSatisfy { isLetterOrDigit($0) || $0 == 0x2B || $0 == 0x2D || $0 == 0x2E }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte)
    }
}
