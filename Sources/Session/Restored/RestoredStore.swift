internal import Core
internal import Kernel

/// A place where a package manager keeps what it fetched in earlier runs, and which a CI system may have restored. What a
/// client takes from there never comes by us.
struct RestoredStore: Sendable {
    /// How files are found in it.
    enum Layout: Hashable, Sendable {
        /// npm: each file under its SHA-512.
        case bySHA512
        /// Cargo: one folder for each registry, files by name and version.
        case crates
        /// The store itself says what its files should be, or nothing does: there is nothing to hold them against.
        case opaque
    }

    /// What a gap calls it.
    let name: String
    /// The purl type of what lies in it.
    let type: String
    let layout: Layout
    let folder: String
    /// Files that change when the client installs from the store.
    let marks: [String]
    /// How its client names itself; empty for one that does not, which its traffic has to show.
    let clients: Set<String>

    private static let registriesLimit = 50

    /// Those that are on this machine. `lockfileFolders` are where lockfiles of the project lie.
    static func found(_ environment: [String: String], lockfileFolders: [String]) -> [RestoredStore] {
        all(environment, lockfileFolders).filter { (try? Files.list($0.folder, limit: 1_000_000))?.isEmpty == false }
    }

    private static func all(_ environment: [String: String], _ folders: [String]) -> [RestoredStore] {
        func set(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        guard let home = set("HOME") else { return [] }
        let caches = set("XDG_CACHE_HOME") ?? "\(home)/.cache"
        let cargo = set("CARGO_HOME") ?? "\(home)/.cargo"
        let modules = set("GOMODCACHE") ?? "\(set("GOPATH") ?? "\(home)/go")/pkg/mod"
        let npm = set("npm_config_cache") ?? set("NPM_CONFIG_CACHE") ?? "\(home)/.npm"
        var stores = [
            RestoredStore(
                name: "npm",
                type: "npm",
                layout: .bySHA512,
                folder: "\(npm)/_cacache/content-v2/sha512",
                marks: folders.map { "\($0)/node_modules/.package-lock.json" },
                clients: ["npm"]
            ),
            RestoredStore(
                name: "cargo",
                type: "cargo",
                layout: .crates,
                folder: "\(cargo)/registry/cache",
                marks: folders.map { "\($0)/target" } + ["\(cargo)/.global-cache"],
                clients: ["cargo"]
            ),
            opaque("go", "golang", "\(modules)/cache/download", []),
            opaque("maven", "maven", "\(home)/.m2/repository", ["maven"]),
            opaque("gradle", "maven", "\(home)/.gradle/caches/modules-2/files-2.1", ["gradle"]),
        ]
        if set("PIP_NO_CACHE_DIR") == nil {
            let pip = set("PIP_CACHE_DIR") ?? "\(caches)/pip"
            for folder in ["http-v2", "http"] { stores.append(opaque("pip", "pypi", "\(pip)/\(folder)", ["pip"])) }
        }
        if set("UV_NO_CACHE") == nil {
            stores.append(opaque("uv", "pypi", "\(set("UV_CACHE_DIR") ?? "\(caches)/uv")/archive-v0", ["uv"]))
        }
        return stores
    }

    private static func opaque(_ name: String, _ type: String, _ folder: String, _ clients: Set<String>)
        -> RestoredStore
    {
        RestoredStore(name: name, type: type, layout: .opaque, folder: folder, marks: [], clients: clients)
    }

    /// Where the bytes of a pin would lie, and the digest they must have. No file is looked for.
    func places(of pin: Pin) -> (paths: [String], digest: Digest)? {
        guard pin.release.type == type else { return nil }
        switch layout {
        case .opaque: return nil
        case .bySHA512:
            guard let digest = pin.digests.first(where: { $0.algorithm == .sha512 }) else { return nil }
            let hex = digest.hex
            return (["\(folder)/\(hex.prefix(2))/\(hex.dropFirst(2).prefix(2))/\(hex.dropFirst(4))"], digest)
        case .crates:
            guard let digest = pin.digests.first(where: { $0.algorithm == .sha256 }), let version = pin.release.version,
                !pin.release.name.contains("/"), !version.contains("/")
            else { return nil }
            let registries = (try? Files.list(folder, limit: RestoredStore.registriesLimit)) ?? []
            return (registries.sorted().map { "\(folder)/\($0)/\(pin.release.name)-\(version).crate" }, digest)
        }
    }
}
