public import Core

/// crates.io and other registries of Rust crates, by the sparse index protocol.
public struct Cargo: Ecosystem {
    public init() {}

    public var type: String { "cargo" }
    public let clientsShowBody = true
    public var hosts: [String] { [Cargo.indexHost, Cargo.fileHost, Cargo.webHost] }
    public var defaultOrigin: Origin? { Origin(.https, Cargo.indexHost) }
    public var lockfileNames: [String] { ["Cargo.lock"] }
    public var looksUpLockedReleases: Bool { true }

    static let indexHost = "index.crates.io"
    static let fileHost = "static.crates.io"
    static let webHost = "crates.io"
    /// What the index of crates.io says of itself, and what every registry calls that document.
    static let settingsFile = "config.json"

    public func intent(of request: Request) throws(Malformed) -> Intent? {
        let segments = request.url.segments
        switch request.method {
        case "GET", "HEAD":
            if let intent = readIntent(of: request.url, segments) { return intent }
            // Nothing but an index lives there: what cannot be read must not be asked under another name.
            guard request.url.origin.host == Cargo.indexHost else { return nil }
            throw Malformed("the path is neither a crate's place in the index nor config.json")
        case "PUT", "POST", "DELETE": return try writeIntent(segments)
        default: return nil
        }
    }

    public func indexRequest(for package: Purl, at origin: Origin) -> Request? {
        guard CrateName.isValid(package.name) else { return nil }
        let target = "/" + CrateName.indexPath(package.name).joined(separator: "/")
        return (try? HTTPURL(origin: origin, target: target)).map { Request(url: $0, accept: "text/plain") }
    }

    public func compare(_ a: String, _ b: String) -> Int? {
        guard let a = SemanticVersion(a), let b = SemanticVersion(b) else { return nil }
        return a.compared(to: b)
    }

    public func isPrerelease(_ version: String) -> Bool { SemanticVersion(version)?.isPrerelease ?? false }
}

extension Cargo {
    private func readIntent(of url: HTTPURL, _ segments: [String]) -> Intent? {
        if segments.last == Cargo.settingsFile { return .index(.repository(Cargo.settingsFile)) }
        if let release = Cargo.downloadedRelease(segments) {
            return .artifact(ArtifactName(release: release, file: Cargo.file(of: release)))
        }
        if let file = segments.last, file.hasSuffix(".crate") {
            return .artifact(ArtifactName(release: Cargo.release(ofFile: file), file: file))
        }
        if let path = Cargo.apiPath(segments) {
            return path.isEmpty ? .search : .passThrough
        }
        if let place = Cargo.indexPlace(segments) {
            return .index(.package(Purl(type: type, name: place.name)))
        }
        return url.origin.host == Cargo.webHost ? .passThrough : nil
    }

    private func writeIntent(_ segments: [String]) throws(Malformed) -> Intent? {
        if segments.contains("trusted_publishing") { return .credential }
        guard let path = Cargo.apiPath(segments) else { return nil }
        if path == ["new"] { return .publish(nil) }
        guard let name = path.first, CrateName.isValid(name) else {
            throw Malformed("the request is about no crate")
        }
        let package = Purl(type: type, name: name)
        switch (path.count, path.last) {
        case (3, "yank"), (3, "unyank"):
            guard SemanticVersion(path[1]) != nil else { throw Malformed("the request is about no version") }
            return .yank(package.at(path[1]))
        case (2, "owners"): return .tag(package)
        default: return nil
        }
    }

    /// What stands behind `…/api/v1/crates`.
    static func apiPath(_ segments: [String]) -> [String]? {
        segments.firstRange(of: ["api", "v1", "crates"]).map { Array(segments[$0.upperBound...]) }
    }

    /// `…/CRATE/VERSION/download`, where registries serve files that give no template of their own.
    static func downloadedRelease(_ segments: [String]) -> Purl? {
        guard segments.count >= 3, segments.last == "download" else { return nil }
        let (name, version) = (segments[segments.count - 3], segments[segments.count - 2])
        guard CrateName.isValid(name), SemanticVersion(version) != nil else { return nil }
        return Purl(type: "cargo", name: name, version: version)
    }

    /// A crate's place in an index, below any prefix: `1/a`, `2/ab`, `3/a/abc`, `ab/cd/abcd…`.
    static func indexPlace(_ segments: [String]) -> (name: String, depth: Int)? {
        guard let name = segments.last, CrateName.isValid(name) else { return nil }
        let path = CrateName.indexPath(name)
        // The file's name is lower-case; a client that asks otherwise means the same crate.
        guard segments.count >= path.count, segments.suffix(path.count).dropLast().elementsEqual(path.dropLast()) else {
            return nil
        }
        return (name, path.count)
    }

    static func file(of release: Purl) -> String { "\(release.name)-\(release.version ?? "").crate" }

    /// `NAME-VERSION.crate` has one reading: a name holds no dot, and a version's first number no dash.
    static func release(ofFile file: String) -> Purl? {
        guard file.hasSuffix(".crate") else { return nil }
        let stem = file.dropLast(".crate".count)
        guard let dot = stem.firstIndex(of: "."), let dash = stem[..<dot].lastIndex(of: "-") else { return nil }
        let (name, version) = (String(stem[..<dash]), String(stem[stem.index(after: dash)...]))
        guard CrateName.isValid(name), SemanticVersion(version) != nil else { return nil }
        return Purl(type: "cargo", name: name, version: version)
    }

    public func candidates(forFile file: String, at url: HTTPURL) -> [Purl] {
        [Cargo.downloadedRelease(url.segments) ?? Cargo.release(ofFile: file)].compactMap(\.self)
    }
}

/// What names of crates may be, and where an index keeps them.
enum CrateName {
    /// ASCII letters, digits, `-` and `_`: cargo takes nothing else from a registry.
    static func isValid(_ name: String) -> Bool {
        guard let first = name.utf8.first, name.utf8.count <= 128, first != UInt8(ascii: "-") else { return false }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"): true
            default: false
            }
        }
    }

    /// The folders in front of a crate, by the length of its name.
    static func folders(_ name: String) -> [String] {
        switch name.utf8.count {
        case 0...2: ["\(name.utf8.count)"]
        case 3: ["3", String(name.prefix(1))]
        default: [String(name.prefix(2)), String(name.dropFirst(2).prefix(2))]
        }
    }

    static func indexPath(_ name: String) -> [String] { folders(name.lowercased()) + [name.lowercased()] }
}
