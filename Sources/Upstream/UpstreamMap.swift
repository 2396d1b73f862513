public import Core

/// Where requests really go: what clients ask of an ecosystem's public hosts may be fetched from a mirror.
public struct UpstreamMap: Sendable {
    /// The public hosts of a purl type, the index first.
    private let hosts: [String: [String]]
    /// By `TYPE` or `TYPE:files`.
    private let bases: [String: HTTPURL]

    public init(hosts: [String: [String]] = [:], bases: [String: HTTPURL] = [:]) {
        self.hosts = hosts
        self.bases = bases
    }

    /// The URL to fetch; the same where nothing is mapped.
    func target(of url: HTTPURL, ecosystem: String) throws(Malformed) -> HTTPURL {
        guard let known = hosts[ecosystem], let place = known.firstIndex(of: url.origin.host) else { return url }
        guard let base = place == 0 ? bases[ecosystem] : bases["\(ecosystem):files"] ?? bases[ecosystem] else {
            return url
        }
        let prefix = base.path.hasSuffix("/") ? String(base.path.dropLast()) : base.path
        return try url.moved(to: base.origin, path: prefix + url.path)
    }

    /// Places that were named by the user, so that they may lie inside.
    var origins: Set<Origin> { Set(bases.values.map(\.origin)) }
}
