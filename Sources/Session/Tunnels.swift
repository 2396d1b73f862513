internal import Core
internal import Proxy
internal import Transfer
internal import Upstream

/// The hosts that the job's owner wants passed on unread (pinned TLS, protocols that are not HTTP), and the way to them.
struct Tunnels: Sendable {
    /// One value of `--tunnel`.
    private struct Pattern {
        let host: String
        let port: Int
        /// True for `*.HOST`, which does not mean HOST itself.
        let isBelow: Bool
    }

    private let patterns: [Pattern]
    private let settings: ProxySettings

    /// Reads `--tunnel`, and the proxy of the network around us as every other transfer of the agent does.
    init(_ options: Options, environment: [String: String]) throws(Problem) {
        settings = .environment(environment)
        var patterns: [Pattern] = []
        for text in options.list("tunnel") {
            let isBelow = text.hasPrefix("*.")
            let name = isBelow ? String(text.dropFirst(2)) : text
            guard let url = try? HTTPURL("https://\(name)/"), url.target == "/", !name.contains("*") else {
                throw options.invalid("tunnel", "is neither HOST[:PORT] nor *.HOST[:PORT]", "Name hosts, not URLs.")
            }
            patterns.append(Pattern(host: url.origin.host, port: url.origin.port, isBelow: isBelow))
        }
        self.patterns = patterns
        // Better no session than one whose tunnels all fail.
        for pattern in patterns where route(pattern.host, pattern.port) != nil {
            guard outwardProxy(to: pattern.host, port: pattern.port) == nil else { continue }
            throw Problem(
                .usageInvalid,
                subject: "HTTPS_PROXY",
                summary: "is no http:// proxy, and a tunnel to \(pattern.host) can be led through no other",
                remedy: "Name an http:// proxy there, or list the host in NO_PROXY."
            )
        }
    }

    func covers(_ host: String, _ port: Int) -> Bool {
        patterns.contains { pattern in
            pattern.port == port && (pattern.isBelow ? host.hasSuffix("." + pattern.host) : host == pattern.host)
        }
    }

    /// The ports that a tunnel may lead to.
    var ports: Set<Int> { Set(patterns.map(\.port)).union([443]) }

    /// Hosts named one by one may lie inside the user's network.
    var namedHosts: Set<String> { Set(patterns.filter { !$0.isBelow }.map(\.host)) }

    /// The proxy through which a tunnel must be led; nil where it goes straight to its end.
    func outwardProxy(to host: String, port: Int) -> OutwardProxy? {
        guard var text = route(host, port)?[...] else { return nil }
        if let mark = text.firstRange(of: "://") {
            guard text[..<mark.lowerBound].lowercased() == "http" else { return nil }
            text = text[mark.upperBound...]
        }
        text = text.prefix { $0 != "/" }
        var authorization: Secret?
        if let at = text.lastIndex(of: "@") {
            let parts = text[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let words = parts.map { PercentEncoding.decode($0) ?? String($0) }
            authorization = Credentials.basic(user: words[0], password: words.count > 1 ? words[1] : "")
            text = text[text.index(after: at)...]
        }
        // As curl has it, by which everything else of ours is sent: a proxy without a port listens on 1080.
        let digits = text.reversed().prefix { $0.isNumber }.count
        let hasPort = digits > 0 && text.dropLast(digits).hasSuffix(":") && !text.hasSuffix("]")
        guard let url = try? HTTPURL("http://\(hasPort ? String(text) : "\(text):1080")/") else { return nil }
        return OutwardProxy(host: url.origin.host, port: url.origin.port, authorization: authorization)
    }

    private func route(_ host: String, _ port: Int) -> String? {
        settings.proxy(scheme: "https", host: host, port: port)
    }
}
