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
        /// Go: one folder for each module, zips by version. go.sum says what they hold.
        case modules
        /// Gradle: group, name, version, SHA-1, file. verification-metadata.xml says what they hash to.
        case gradle
        /// Whole packages under names that say nothing: what ends so is hashed and looked up among the pins.
        case files(endings: [String])
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

    /// Where this user's stores are.
    private struct Places {
        let environment: [String: String]
        let home: String

        func callAsFunction(_ variable: String, or path: String) -> String {
            guard let value = environment[variable], !value.isEmpty else { return path }
            return value
        }

        func isSet(_ variable: String) -> Bool { environment[variable].map { !$0.isEmpty } ?? false }

        var caches: String { self("XDG_CACHE_HOME", or: "\(home)/.cache") }
    }

    private static func all(_ environment: [String: String], _ folders: [String]) -> [RestoredStore] {
        guard let home = environment["HOME"], !home.isEmpty else { return [] }
        let places = Places(environment: environment, home: home)
        return byName(places, folders) + others(places) + python(places)
    }

    /// Those in which a pin has one place.
    private static func byName(_ places: Places, _ folders: [String]) -> [RestoredStore] {
        let home = places.home
        let cargo = places("CARGO_HOME", or: "\(home)/.cargo")
        let modules = places("GOMODCACHE", or: "\(places("GOPATH", or: "\(home)/go"))/pkg/mod")
        let npm = places("npm_config_cache", or: places("NPM_CONFIG_CACHE", or: "\(home)/.npm"))
        let compiled = places("GOCACHE", or: "\(places.caches)/go-build")
        return [
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
            RestoredStore(
                name: "go",
                type: "golang",
                layout: .modules,
                folder: "\(modules)/cache/download",
                // The go command does not name itself, and asks nobody where it has all: what it compiles shows it.
                marks: (0...255).map { "\(compiled)/\(Hex.encode([UInt8($0)]))" },
                clients: []
            ),
        ]
    }

    private static func others(_ places: Places) -> [RestoredStore] {
        let gradle = places("GRADLE_USER_HOME", or: "\(places.home)/.gradle")
        let composer = places("COMPOSER_CACHE_DIR", or: "\(places.caches)/composer")
        let yarn = places("YARN_CACHE_FOLDER", or: "\(places.caches)/yarn")
        return [
            store("maven", "maven", .opaque, "\(places.home)/.m2/repository"),
            store("gradle", "maven", .gradle, "\(gradle)/caches/modules-2/files-2.1"),
            store("yarn", "npm", .opaque, yarn),
            store("composer", "composer", .opaque, "\(composer)/files"),
        ]
    }

    private static func python(_ places: Places) -> [RestoredStore] {
        let poetry = places("POETRY_CACHE_DIR", or: "\(places.caches)/pypoetry")
        var stores = [store("poetry", "pypi", .files(endings: [".whl", ".gz"]), "\(poetry)/artifacts")]
        if !places.isSet("PIP_NO_CACHE_DIR") {
            let pip = places("PIP_CACHE_DIR", or: "\(places.caches)/pip")
            // Until pip 23.3 a body stood within its answer.
            stores.append(store("pip", "pypi", .files(endings: [".body"]), "\(pip)/http-v2"))
            stores.append(store("pip", "pypi", .opaque, "\(pip)/http"))
        }
        if !places.isSet("UV_NO_CACHE") {
            let uv = places("UV_CACHE_DIR", or: "\(places.caches)/uv")
            stores.append(store("uv", "pypi", .opaque, "\(uv)/archive-v0"))
        }
        return stores
    }

    private static func store(_ name: String, _ type: String, _ layout: Layout, _ folder: String)
        -> RestoredStore
    {
        RestoredStore(name: name, type: type, layout: layout, folder: folder, marks: [], clients: [name])
    }

    /// Where the bytes of a pin would lie, and the digest they must have. No file is looked for.
    func places(of pin: Pin) -> (paths: [String], digest: Digest)? {
        guard pin.release.type == type else { return nil }
        switch layout {
        case .opaque: return nil
        case .files: return pin.digests.first { $0.algorithm == .sha256 }.map { ([], $0) }
        case .modules: return module(pin)
        case .gradle: return gradleFile(pin)
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

    /// The zip of a module; its go.mod holds no code. Capitals are written as `!` and the small letter.
    private func module(_ pin: Pin) -> (paths: [String], digest: Digest)? {
        guard let digest = pin.digests.first(where: { $0.algorithm == .h1 }), let version = pin.release.version,
            pin.file == "\(version).zip"
        else { return nil }
        let name = [pin.release.namespace, pin.release.name].compactMap(\.self).joined(separator: "/")
        let words = [name, version].map { $0.map { $0.isUppercase ? "!\($0.lowercased())" : String($0) }.joined() }
        return (["\(folder)/\(words[0])/@v/\(words[1]).zip"], digest)
    }

    private func gradleFile(_ pin: Pin) -> (paths: [String], digest: Digest)? {
        let order: [Digest.Algorithm] = [.sha512, .sha256]
        let known = order.compactMap { algorithm in pin.digests.first { $0.algorithm == algorithm } }
        guard let digest = known.first, let version = pin.release.version, let group = pin.release.namespace,
            let file = pin.file, ![group, pin.release.name, version, file].contains(where: { $0.contains("/") })
        else { return nil }
        let place = "\(folder)/\(group)/\(pin.release.name)/\(version)"
        let sums = (try? Files.list(place, limit: RestoredStore.registriesLimit)) ?? []
        return (sums.sorted().map { "\(place)/\($0)/\(file)" }, digest)
    }

    /// True where files lie under names that say nothing.
    var isLoose: Bool {
        if case .files = layout { return true }
        return false
    }

    /// Every file that may be a whole package, in one order; none of a store whose files have names.
    func loose(limit: Int) -> [String] {
        guard case .files(let endings) = layout else { return [] }
        var found: [String] = []
        var folders = [folder]
        while let next = folders.popLast(), found.count < limit, folders.count < limit {
            for name in ((try? Files.list(next, limit: limit)) ?? []).sorted() {
                let path = "\(next)/\(name)"
                guard let stat = try? Files.stat(path) else { continue }
                if stat.isFolder { folders.append(path) }
                if stat.isRegular, endings.contains(where: name.hasSuffix) { found.append(path) }
            }
        }
        return found.sorted()
    }
}
