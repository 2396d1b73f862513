public import Core
internal import JSONText

/// What is known of packages beside their index: how often they are fetched, and where their sources are.
///
/// JSON, one object for each package: `{"purl": "pkg:npm/left-pad", "downloads": 1200000, "repository": "https://…"}`; or the
/// list of PyPI's most fetched projects, as it is published.
public struct PackageFigures: Sendable {
    /// Of one package.
    public struct Figures: Hashable, Sendable {
        public var downloads: Int?
        public var repository: String?
    }

    private let figures: [String: Figures]
    /// The packages of each repository, and under them their namespaces.
    private let owners: [String: [Purl]]
    /// Of the youngest entry.
    public let date: Timestamp?

    public var count: Int { figures.count }

    public init(parsing bytes: [UInt8]) throws(Malformed) {
        var figures: [String: Figures] = [:]
        var owners: [String: [Purl]] = [:]
        var date: Timestamp?
        for json in try JSON.documents(bytes) {
            if let rows = json["rows"]?.array {
                date = [date, PackageFigures.day(json["last_update"])].compactMap(\.self).max()
                for row in rows { try PackageFigures.take(row, into: &figures) }
                continue
            }
            guard let text = json["purl"]?.string, let purl = try? Purl(parsing: text), purl.version == nil else {
                throw Malformed("holds an entry without the purl of a package")
            }
            var entry = Figures()
            if let downloads = json["downloads"] {
                guard let number = downloads.integer, number >= 0 else {
                    throw Malformed("holds downloads of \(text) that are no number")
                }
                entry.downloads = Int(number)
            }
            entry.repository = json["repository"]?.string
            figures[purl.registryKey] = entry
            if let name = entry.repository.flatMap(RepositoryName.of) { owners[name, default: []].append(purl) }
            date = [date, PackageFigures.day(json["date"])].compactMap(\.self).max()
        }
        guard !figures.isEmpty else { throw Malformed("names no package") }
        self.figures = figures
        self.owners = owners
        self.date = date
    }

    private static func take(_ row: JSON, into figures: inout [String: Figures]) throws(Malformed) {
        guard let name = row["project"]?.string, !name.isEmpty, let count = row["download_count"]?.integer, count >= 0
        else { throw Malformed("holds a row without project and download_count") }
        figures[Purl(type: "pypi", name: name).registryKey] = Figures(downloads: Int(count), repository: nil)
    }

    /// A time, or no more of it than its day.
    private static func day(_ json: JSON?) -> Timestamp? {
        json?.string.flatMap { Timestamp(rfc3339: $0) ?? Timestamp(rfc3339: String($0.prefix(10))) }
    }

    public func figures(of package: Purl) -> Figures? { figures[package.registryKey] }

    /// The packages that are known to be made from a repository.
    public func packages(from repository: String) -> [Purl] {
        RepositoryName.of(repository).flatMap { owners[$0] } ?? []
    }
}
