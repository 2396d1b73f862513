internal import Core
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
        /// URL without fragment → position of its release and of the file in it.
        var links: [HTTPURL: (release: Int32, file: Int32)] = [:]
        var known: [Purl: Int32] = [:]
        var vouches: [HTTPURL: [Digest]] = [:]
        var pinsByURL: [HTTPURL: [PinEntry]] = [:]
        var pinsByRelease: [Purl: [PinEntry]] = [:]
        var unread: [@Sendable () -> PackageIndex?] = []
    }

    private let state = Mutex(State())

    /// Learns an index. What it says of a release replaces what an older one said.
    func learn(_ index: PackageIndex) {
        state.withLock { state in
            for release in index.releases {
                let slim = release
                let at: Int32
                if let known = state.known[release.purl] {
                    at = known
                    state.releases[Int(at)] = merged(state.releases[Int(at)], slim)
                } else {
                    at = Int32(state.releases.count)
                    state.releases.append(slim)
                    state.known[release.purl] = at
                }
                for (position, artifact) in state.releases[Int(at)].artifacts.enumerated() {
                    if let url = artifact.url?.withoutFragment { state.links[url] = (at, Int32(position)) }
                }
            }
            state.vouches.merge(index.vouches) { _, new in new }
        }
    }

    /// Keeps a large repository index unread until an artifact asks for it.
    func postpone(_ read: @escaping @Sendable () -> PackageIndex?) { state.withLock { $0.unread.append(read) } }

    /// Reads what was postponed. True when something new may be known.
    func readPostponed() -> Bool {
        let unread = state.withLock { state in
            defer { state.unread = [] }
            return state.unread
        }
        for read in unread {
            if let index = read() { learn(index) }
        }
        return !unread.isEmpty
    }

    func learn(_ pins: [Pin], from lockfile: String) {
        state.withLock { state in
            for pin in pins {
                let entry = PinEntry(pin: pin, lockfile: lockfile)
                if let url = pin.url?.withoutFragment { state.pinsByURL[url, default: []].append(entry) }
                state.pinsByRelease[pin.release.release, default: []].append(entry)
            }
        }
    }

    func entry(at url: HTTPURL) -> Entry? {
        state.withLock { state in
            guard let place = state.links[url.withoutFragment] else { return nil }
            let release = state.releases[Int(place.release)]
            return Entry(release: release, artifact: release.artifacts[Int(place.file)])
        }
    }

    func entry(of release: Purl, file: String) -> Entry? {
        state.withLock { state in
            guard let at = state.known[release.release] ?? state.known[release] else { return nil }
            let known = state.releases[Int(at)]
            return known.artifacts.first { $0.file == file }.map { Entry(release: known, artifact: $0) }
        }
    }

    func vouched(for url: HTTPURL) -> [Digest] { state.withLock { $0.vouches[url.withoutFragment] ?? [] } }

    func pins(at url: HTTPURL) -> [PinEntry] { state.withLock { $0.pinsByURL[url.withoutFragment] ?? [] } }

    /// Pins of a release; those that name a file only for that file.
    func pins(of release: Purl, file: String) -> [PinEntry] {
        state.withLock { state in
            (state.pinsByRelease[release.release] ?? []).filter { $0.pin.file == nil || $0.pin.file == file }
        }
    }

    /// Two representations of one index may each know what the other does not (HTML has no times); files are united.
    private func merged(_ old: Release, _ new: Release) -> Release {
        var release = new
        release.published = new.published ?? old.published
        release.evidence = new.evidence ?? old.evidence
        release.license = new.license ?? old.license
        release.artifacts = new.artifacts.map { artifact in
            guard let before = old.artifacts.first(where: { $0.file == artifact.file }) else { return artifact }
            var united = artifact
            united.published = artifact.published ?? before.published
            united.size = artifact.size ?? before.size
            if artifact.digests.isEmpty { united.digests = before.digests }
            return united
        }
        let names = Set(release.artifacts.map(\.file))
        release.artifacts += old.artifacts.filter { !names.contains($0.file) }
        return release
    }
}
