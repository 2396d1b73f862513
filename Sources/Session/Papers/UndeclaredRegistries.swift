internal import Core
internal import Manifest

/// Places that a package manager asked and that nobody declared: what is there was judged as plain files, which no rule about
/// packages speaks of.
enum UndeclaredRegistries {
    /// The ecosystem of a client, by the first word of its `User-Agent`.
    private static let types: [String: String] = [
        "npm": "npm", "yarn": "npm", "pnpm": "npm", "bun": "npm", "pip": "pypi", "uv": "pypi", "poetry": "pypi",
        "pdm": "pypi", "unearth": "pypi", "cargo": "cargo", "apache-maven": "maven", "gradle": "maven",
        "composer": "composer",
        "bundler": "gem", "rubygems,": "gem", "rubygems": "gem", "ruby,": "gem",
    ]
    /// Files that are fetched by address from anywhere, registry or not. Of Maven everything is a file of a repository.
    private static let archives = [".tgz", ".gz", ".whl", ".zip", ".xz", ".bz2", ".gem", ".crate", ".metadata"]

    static func notices(_ book: RecordBook) -> [String] { notices(book.fetches, book.blocked) }

    static func notices(_ fetches: [RunReport.Fetch], _ denials: [RunReport.Denial]) -> [String] {
        let fetched = fetches.map { ($0.purl, $0.asked.client) }
        let refused = denials.compactMap { denial in
            (try? Purl(parsing: denial.subject)).map { ($0, denial.asked?.client) }
        }
        var places: [String: [[String]]] = [:]
        for (purl, client) in fetched + refused where purl.type == "generic" {
            guard let type = client.flatMap(type), let text = purl.qualifiers["download_url"],
                let url = try? HTTPURL(text), isRegistry(url, type)
            else { continue }
            places["\(type)=\(url.origin)", default: []].append(url.path.split(separator: "/").map(String.init))
        }
        return places.keys.sorted().map { place in
            let folder = shared(places[place] ?? []).map { "\($0)/" }.joined()
            let words = place.split(separator: "=", maxSplits: 1).map(String.init)
            return
                "\(words[1]) was asked as a registry of \(words[0]) and is none that is declared: what is there was judged as "
                + "plain files. Name it: --origin \(place)/\(folder)"
        }
    }

    private static func isRegistry(_ url: HTTPURL, _ type: String) -> Bool {
        guard type != "maven" else { return true }
        return !archives.contains(where: url.path.hasSuffix) && !url.origin.host.hasSuffix("github.com")
    }

    private static func type(_ client: String) -> String? {
        let word = client.prefix { $0 != "/" && $0 != " " && $0 != "{" }.lowercased()
        return types[word]
    }

    /// The folders that all paths begin with.
    private static func shared(_ paths: [[String]]) -> [String] {
        guard let first = paths.first else { return [] }
        let folders = paths.map { $0.dropLast() }
        return first.indices.prefix { at in folders.allSatisfy { at < $0.count && $0[at] == first[at] } }
            .map { first[$0] }
    }
}
