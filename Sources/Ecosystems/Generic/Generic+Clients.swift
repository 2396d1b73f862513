public import Core

extension Generic {
    /// What every client that heeds the environment takes: the proxy, and the CA under each name that is in use.
    ///
    /// The same in both modes: a URL by itself knows no registry, so what no registry setting leads comes by the proxy.
    public func clientSettings(for endpoint: Endpoint) -> ClientSettings {
        var environment: [String: String] = [:]
        for name in ["http_proxy", "https_proxy", "all_proxy"] {
            // curl and apt read only the lower-case form of the first, others only the upper-case one.
            environment[name] = endpoint.proxy
            environment[name.uppercased()] = endpoint.proxy
        }
        let exceptions = Generic.exceptions(in: endpoint.environment)
        environment["no_proxy"] = exceptions
        environment["NO_PROXY"] = exceptions
        for name in Generic.trustVariables { environment[name] = endpoint.trustBundle }
        var settings = ClientSettings(environment: environment)
        if endpoint.clients.contains("wget") {
            // Debian's wget (GnuTLS) takes a CA from its settings file alone.
            // The user's own settings stay, but for those that win over the environment and lead elsewhere.
            let file = ClientSettings.File(
                name: "wgetrc",
                contents: "ca_certificate = \(endpoint.trustBundle)\n",
                extending: endpoint.environment["WGETRC"] ?? endpoint.environment["HOME"].map { "\($0)/.wgetrc" },
                replacing: [
                    "cacertificate", "useproxy", "httpproxy", "httpsproxy", "noproxy", "proxyuser", "proxypassword",
                ]
            )
            settings.files.append(file)
            settings.environment["WGETRC"] = "\(endpoint.folder)/\(file.name)"
        }
        return settings
    }

    private static let trustVariables = [
        "SSL_CERT_FILE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO", "CARGO_HTTP_CAINFO", "NODE_EXTRA_CA_CERTS",
        "AWS_CA_BUNDLE", "DENO_CERT",
    ]

    static let loopback = ["127.0.0.0/8", "127.0.0.1", "localhost", "::1"]

    /// Loopback, and of the user's own exceptions those that name neighbours of the job. Any other one would lead a client
    /// past us to a registry; the user's list still holds where we fetch.
    private static func exceptions(in environment: [String: String]) -> String {
        let own = (environment["no_proxy"] ?? environment["NO_PROXY"] ?? "")
            .split { $0 == "," || $0 == " " }.map(String.init)
        var kept = loopback
        for entry in own where isNeighbour(entry) && !kept.contains(entry) { kept.append(entry) }
        return kept.joined(separator: ",")
    }

    /// A literal private address or range, a name without dots (`docker`, `postgres`), or one that no public DNS knows.
    private static func isNeighbour(_ entry: String) -> Bool {
        let host = entry.lowercased()
        guard host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !host.contains("*") else { return false }
        let local = [".local", ".internal", ".localhost", ".svc", ".lan", ".home.arpa"]
        if local.contains(where: { host.hasSuffix($0) }) { return true }
        if isPrivateAddress(host) { return true }
        let label = host.prefix { $0 != ":" }
        guard !host.contains("."), !host.contains("/"), label.contains(where: \.isLetter) else { return false }
        // Clients take a label for a suffix: `org` would be half of the world's registries.
        return label.utf8.count > 2 && !topLevel.contains(String(label)) && host.count { $0 == ":" } <= 1
    }

    private static let topLevel: Set<String> = [
        "app", "arpa", "biz", "build", "cloud", "codes", "com", "dev", "edu", "gov", "info", "int", "mil", "net",
        "online",
        "org", "page", "run", "site", "software", "systems", "tech", "tools", "xyz",
    ]

    private static func isPrivateAddress(_ text: String) -> Bool {
        if text.contains(":"), text.allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "/" }) {
            return text.hasPrefix("fd") || text.hasPrefix("fe80:")
        }
        let parts = text.prefix { $0 != "/" && $0 != ":" }.split(separator: ".").map { UInt8($0) }
        guard parts.count == 4, let first = parts[0], let second = parts[1], parts.allSatisfy({ $0 != nil }) else {
            return false
        }
        // A range wider than the block it starts in would take in public addresses.
        let prefix = text.firstIndex(of: "/").map { Int(text[text.index(after: $0)...]) ?? 0 } ?? 32
        switch (first, second) {
        case (10, _), (127, _): return prefix >= 8
        case (172, 16...31): return prefix >= 12
        case (192, 168), (169, 254): return prefix >= 16
        default: return false
        }
    }
}
