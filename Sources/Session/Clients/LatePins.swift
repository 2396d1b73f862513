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
        let scanned = await ProjectLockfiles.scan(folder: folder, environment: environment)
        return scanned.found.filter { known.insert($0.digest).inserted }.map { ($0.path, $0.pins) }
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
