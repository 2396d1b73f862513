internal import Core
internal import Ecosystems
internal import Kernel
internal import Storage

/// Pins that were not there at the start: lockfiles that the job itself wrote, and the lists that apt keeps on this
/// machine, so that a .deb asked for without a fresh `apt-get update` is still claimed.
actor LatePins {
    private let folder: String
    private let environment: [String: String]
    private let lists: String
    private var known: Set<Digest> = []
    /// What each lockfile was like when it was read: asked for every file of an install, nobody reads them all each time.
    private var read: [String: Stamp] = [:]
    /// The paths of lockfiles, and what the folder and git's list were like then.
    private var listed: (paths: [String], folder: Stamp?, list: Stamp?)?
    /// apt's pins by decoded URL; read when the first .deb asks.
    private var aptPins: [String: Pin]?

    init(folder: String, environment: [String: String], lists: String = "/var/lib/apt/lists") {
        self.folder = folder
        self.environment = environment
        self.lists = lists
    }

    func pins(for url: HTTPURL, _ ecosystem: any Ecosystem) async -> [(lockfile: String, pins: [Pin])] {
        if ecosystem.type == "deb" {
            let name = LatePins.spelled(url)
            return aptList()[name].map { [("apt lists", [LatePins.asked($0, url)])] } ?? []
        }
        var found: [(lockfile: String, pins: [Pin])] = []
        for path in await paths().prefix(ProjectLockfiles.filesLimit) {
            guard let stamp = Stamp("\(folder)/\(path)"), read[path] != stamp else { continue }
            read[path] = stamp
            guard let file = ProjectLockfiles.file(path, in: folder), known.insert(file.digest).inserted else {
                continue
            }
            found.append((path, file.pins))
        }
        return found
    }

    private func paths() async -> [String] {
        let now = (folder: Stamp(folder), list: Stamp("\(folder)/.git/index"))
        if let listed, listed.folder == now.folder, listed.list == now.list { return listed.paths }
        let paths = await ProjectLockfiles.paths(folder, environment, false)
        listed = (paths, now.folder, now.list)
        return paths
    }

    /// Enough of a file's state to tell that it was written again.
    private struct Stamp: Hashable {
        let size: Int64
        let modified: Int64

        init?(_ path: String) {
            guard let status = try? Files.stat(path) else { return nil }
            (size, modified) = (status.size, status.mtimeNanos)
        }
    }

    private func aptList() -> [String: Pin] {
        if let aptPins { return aptPins }
        var pins: [String: Pin] = [:]
        let debian = Catalog.all.first { $0.type == "deb" }
        for name in (try? Files.list(lists)) ?? [] where name.contains("_Packages") {
            guard let bytes = try? Files.readAll("\(lists)/\(name)", limit: 256 << 20) else { continue }
            for pin in (try? debian?.pins(in: bytes, named: name)) ?? [] {
                if let url = pin.url { pins[LatePins.spelled(url)] = pin }
            }
        }
        aptPins = pins
        return pins
    }

    /// Host and decoded path: lists do not name the scheme, and clients spell `+` and `~` in two ways.
    private static func spelled(_ url: HTTPURL) -> String {
        url.origin.host + (PercentEncoding.decode(url.path) ?? url.path)
    }

    /// The same pin under the very URL that was asked.
    private static func asked(_ pin: Pin, _ url: HTTPURL) -> Pin {
        Pin(release: pin.release, file: pin.file, url: url, digests: pin.digests, published: pin.published)
    }
}
