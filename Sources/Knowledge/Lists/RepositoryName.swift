/// Addresses of source repositories in one spelling, so that two texts can be compared: `github.com/acme/thing`.
enum RepositoryName {
    private static let hosts: [String: String] = [
        "github": "github.com", "gitlab": "gitlab.com", "bitbucket": "bitbucket.org",
    ]

    /// Nil for what names no repository.
    static func of(_ text: String) -> String? {
        guard text.utf8.count <= 2_048 else { return nil }
        var rest = text[...]
        if let mark = rest.firstRange(of: "://") {
            rest = rest[mark.upperBound...]
        } else if let colon = rest.firstIndex(of: ":") {
            // `git@github.com:acme/thing` and npm's `github:acme/thing`.
            let host = String(rest[..<colon])
            rest = "\(hosts[host] ?? host)/\(rest[rest.index(after: colon)...])"[...]
        } else if !rest.prefix(while: { $0 != "/" }).contains(".") {
            // npm takes `acme/thing` for one of GitHub.
            rest = "github.com/\(rest)"[...]
        }
        rest = rest.prefix { $0 != "#" && $0 != "?" }
        if let at = rest.firstIndex(of: "@"), !rest[..<at].contains("/") { rest = rest[rest.index(after: at)...] }
        var parts = rest.lowercased().split(separator: "/").map(String.init)
        guard var host = parts.first, parts.count >= 3, host.contains(".") else { return nil }
        if let port = host.firstIndex(of: ":") { host = String(host[..<port]) }
        if host.hasPrefix("www.") { host = String(host.dropFirst(4)) }
        // Folders of a repository are of the repository.
        if hosts.values.contains(host) { parts = Array(parts.prefix(3)) }
        if let last = parts.last, last.hasSuffix(".git") { parts[parts.count - 1] = String(last.dropLast(4)) }
        return ([host] + parts.dropFirst()).joined(separator: "/")
    }
}
