internal import Core
internal import Policy
internal import Synchronization

/// What indexes and project lockfiles said in this session: which release a file belongs to, and its digests.
final class IndexMemory: Sendable {
    /// A file that an index listed.
    struct Entry: Sendable {
        let release: Release
        let artifact: Artifact
    }

    /// A pin and the lockfile that made it.
    struct PinEntry: Sendable {
        let pin: Pin
        let lockfile: String
    }

    private struct State {
        var releases: [Release] = []
        /// Hash of a URL without fragment → position of its release and of the file in it. The URL itself is in the
        /// release: sixty thousand Debian packages would pay for it twice.
        var links: [Int: (release: Int32, file: Int32)] = [:]
        /// Hash of a release's purl → its position.
        var known: [Int: Int32] = [:]
        var vouches: [HTTPURL: [Digest]] = [:]
        var pinsByURL: [HTTPURL: [PinEntry]] = [:]
        var pinsByRelease: [Purl: [PinEntry]] = [:]
        /// What lockfiles of the project promise.
        var pinnedDigests: Set<Digest> = []
        /// The pins of each lockfile in its order, and where in them a release stands first.
        var rows: [[Pin]] = []
        var places: [Purl: (row: Int, at: Int)] = [:]
        var unread: [@Sendable () -> PackageIndex?] = []
        var reading: Task<Void, Never>?
        var learnt = 0
        /// Positions of the releases of each package that an index of its own listed, and what was made of them.
        var packages: [String: (positions: [Int32], history: ReleaseHistory?)] = [:]
        /// The releases that lockfiles pin, by package.
        var pinned: [String: Set<Purl>] = [:]
        /// Hashes of the addresses of statements that were asked for.
        var statements: Set<Int> = []
        /// Packages of which somebody told who had read their index.
        var told: Set<String> = []
    }

    private let state = Mutex(State())

    private static func place(of release: Purl, in state: borrowing State) -> Int? {
        guard let at = state.known[release.hashValue], state.releases[Int(at)].purl == release else { return nil }
        return Int(at)
    }

    /// Learns an index. What it says of a release replaces what an older one said.
    func learn(_ index: PackageIndex) {
        let package: String? = if case .package(let package) = index.scope { package.registryKey } else { nil }
        state.withLock { state in
            state.learnt += 1
            var positions = package.flatMap { state.packages[$0]?.positions } ?? []
            var listed = Set(positions)
            defer { if let package { state.packages[package] = (positions, nil) } }
            for release in index.releases {
                let at: Int32
                if let known = IndexMemory.place(of: release.purl, in: state) {
                    at = Int32(known)
                    state.releases[Int(at)] = merged(state.releases[Int(at)], release)
                } else {
                    at = Int32(state.releases.count)
                    state.releases.append(release)
                    state.known[release.purl.hashValue] = at
                }
                if package != nil, listed.insert(at).inserted { positions.append(at) }
                for (position, artifact) in state.releases[Int(at)].artifacts.enumerated() {
                    if let url = artifact.url?.withoutFragment { state.links[url.hashValue] = (at, Int32(position)) }
                }
            }
            // Each algorithm may have a document of its own.
            state.vouches.merge(index.vouches) { old, new in
                new + old.filter { digest in !new.contains { $0.algorithm == digest.algorithm } }
            }
        }
    }

    /// Keeps a large repository index unread until an artifact asks for it.
    func postpone(_ read: @escaping @Sendable () -> PackageIndex?) { state.withLock { $0.unread.append(read) } }

    /// Reads what was postponed; all who ask meanwhile wait for the one reading. False when there was nothing to wait for.
    func readPostponed() async -> Bool {
        let task: Task<Void, Never>? = state.withLock { state in
            guard !state.unread.isEmpty else { return state.reading }
            let (unread, before) = (state.unread, state.reading)
            state.unread = []
            let task = Task {
                await before?.value
                for read in unread {
                    if let index = read() { self.learn(index) }
                    await Task.yield()
                }
            }
            state.reading = task
            return task
        }
        guard let task else { return false }
        await task.value
        state.withLock { if $0.reading == task { $0.reading = nil } }
        return true
    }

    func learn(_ pins: [Pin], from lockfile: String) {
        state.withLock { state in
            state.learnt += 1
            for (at, pin) in pins.enumerated() where state.places[pin.release.release] == nil {
                state.places[pin.release.release] = (state.rows.count, at)
            }
            state.rows.append(pins)
            for pin in pins {
                let entry = PinEntry(pin: pin, lockfile: lockfile)
                if let url = pin.url?.withoutFragment { state.pinsByURL[url, default: []].append(entry) }
                state.pinsByRelease[pin.release.release, default: []].append(entry)
                state.pinned[pin.release.registryKey, default: []].insert(pin.release.release)
                if lockfile != Gateway.ownManifest { state.pinnedDigests.formUnion(pin.digests) }
            }
        }
    }

    /// The releases that a lockfile names beside this one and that no index told of yet, the nearest first, as far as
    /// they lie at `origin`. Clients go through a lockfile in either direction.
    func neighbours(of release: Purl, at origin: Origin, reach: Int) -> [Purl] {
        state.withLock { state in
            guard let (row, at) = state.places[release.release] else { return [] }
            let pins = state.rows[row]
            let near = (1...max(1, reach)).flatMap { [at - $0, at + $0] }.filter { pins.indices.contains($0) }
            return near.map { pins[$0] }.filter { pin in
                (pin.statedOrigin ?? origin) == origin && pin.release.type == release.type && !pin.isOfRepository
                    && IndexMemory.place(of: pin.release.release, in: state) == nil
            }.map(\.release)
        }
    }

    func withPackages<Value: Sendable>(
        _ body: (inout [String: (positions: [Int32], history: ReleaseHistory?)], [Release]) -> Value
    ) -> Value {
        state.withLock { state in body(&state.packages, state.releases) }
    }

    /// The releases of a package that lockfiles pin.
    func pinned(of package: Purl) -> Set<Purl> { state.withLock { $0.pinned[package.registryKey] ?? [] } }

    /// How often something was learnt: while this stays the same, so does what is known of every file.
    var learnt: Int { state.withLock(\.learnt) }

    func entry(at url: HTTPURL) -> Entry? {
        state.withLock { state in
            guard let place = state.links[url.withoutFragment.hashValue] else { return nil }
            let release = state.releases[Int(place.release)]
            let artifact = release.artifacts[Int(place.file)]
            return artifact.url?.withoutFragment == url.withoutFragment
                ? Entry(release: release, artifact: artifact) : nil
        }
    }

    func entry(of release: Purl, file: String) -> Entry? {
        state.withLock { state in
            let place = IndexMemory.place(of: release.release, in: state) ?? IndexMemory.place(of: release, in: state)
            guard let place else { return nil }
            let known = state.releases[place]
            return known.artifacts.first { $0.file == file }.map { Entry(release: known, artifact: $0) }
        }
    }

    /// A release that some document told of, whether it listed files or not.
    func release(_ purl: Purl) -> Release? {
        state.withLock { state in
            let place = IndexMemory.place(of: purl.release, in: state) ?? IndexMemory.place(of: purl, in: state)
            return place.map { state.releases[$0] }
        }
    }

    func noteRead(_ statements: [HTTPURL]) {
        state.withLock { state in state.statements.formUnion(statements.map(\.hashValue)) }
    }

    func hasRead(_ statement: HTTPURL) -> Bool { state.withLock { $0.statements.contains(statement.hashValue) } }

    func noteTold(_ package: Purl) { state.withLock { _ = $0.told.insert(package.registryKey) } }

    func isTold(_ package: Purl) -> Bool { state.withLock { $0.told.contains(package.registryKey) } }

    /// True for a document that an index named, whether it promised its bytes or not.
    func isNamed(_ url: HTTPURL) -> Bool { state.withLock { $0.vouches[url.withoutFragment] != nil } }

    func vouched(for url: HTTPURL) -> [Digest] { state.withLock { $0.vouches[url.withoutFragment] ?? [] } }

    func pins(at url: HTTPURL) -> [PinEntry] { state.withLock { $0.pinsByURL[url.withoutFragment] ?? [] } }

    /// Pins of a release; those that name a file only for that file.
    func pins(of release: Purl, file: String) -> [PinEntry] {
        state.withLock { state in
            (state.pinsByRelease[release.release] ?? []).filter { $0.pin.file == nil || $0.pin.file == file }
        }
    }

    /// True where a lockfile of the project pins this file, by address, by digest or by name; without a file, the release.
    /// Our own manifest is none: no client goes by it.
    func isPinned(_ release: Purl, _ artifact: Artifact?) -> Bool {
        state.withLock { state in
            let entries = (state.pinsByRelease[release.release] ?? []).filter { $0.lockfile != Gateway.ownManifest }
            guard let artifact, !artifact.file.isEmpty else { return !entries.isEmpty }
            if artifact.digests.contains(where: state.pinnedDigests.contains) { return true }
            let atPlace = artifact.url.flatMap { state.pinsByURL[$0.withoutFragment] } ?? []
            if atPlace.contains(where: { $0.lockfile != Gateway.ownManifest }) { return true }
            let comparable = Set(artifact.digests.map(\.algorithm))
            let open = entries.filter { $0.pin.file == nil && $0.pin.url == nil }
            // A lockfile that says what digests the files of a release may have means no other file of it.
            let excludes = open.contains { $0.pin.digests.contains { comparable.contains($0.algorithm) } }
            return !open.isEmpty && !excludes || entries.contains { $0.pin.file == artifact.file }
        }
    }

    /// Two representations of one index may each know what the other does not (HTML has no times); files are united.
    private func merged(_ old: Release, _ new: Release) -> Release {
        var release = new
        release.published = new.published ?? old.published
        release.evidence = new.evidence ?? old.evidence
        release.license = new.license ?? old.license
        release.yanked = new.yanked ?? old.yanked
        release.deprecated = new.deprecated ?? old.deprecated
        release.runsInstallScript = new.runsInstallScript ?? old.runsInstallScript
        release.repository = new.repository ?? old.repository
        release.homepage = new.homepage ?? old.homepage
        release.authorEmail = new.authorEmail ?? old.authorEmail
        release.hasReadme = new.hasReadme ?? old.hasReadme
        release.dependencyCount = new.dependencyCount ?? old.dependencyCount
        if new.publishers.isEmpty { release.publishers = old.publishers }
        release.artifacts = new.artifacts.map { artifact in
            guard let before = old.artifacts.first(where: { $0.file == artifact.file }) else { return artifact }
            var united = artifact
            united.published = artifact.published ?? before.published
            united.size = artifact.size ?? before.size
            let known = Set(artifact.digests.map(\.algorithm))
            united.digests += before.digests.filter { !known.contains($0.algorithm) }
            return united
        }
        let names = Set(release.artifacts.map(\.file))
        release.artifacts += old.artifacts.filter { !names.contains($0.file) }
        return release
    }
}
