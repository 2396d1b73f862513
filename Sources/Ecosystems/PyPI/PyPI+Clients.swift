public import Core

extension PyPI {
    public func clientSettings(for endpoint: Endpoint) -> ClientSettings {
        switch endpoint.mode {
        case .intercept: ClientSettings(environment: PyPI.intercepted(endpoint))
        case .registry: ClientSettings(environment: PyPI.redirected(endpoint))
        }
    }

    /// The clients keep their indexes; they only have to trust the session's CA and not to go around the proxy.
    private static func intercepted(_ endpoint: Endpoint) -> [String: String] {
        var settings = [
            "PIP_CERT": endpoint.trustBundle,
            "REQUESTS_CA_BUNDLE": endpoint.trustBundle,
            "TWINE_CERT": endpoint.trustBundle,
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        ]
        // pip prefers its own setting over HTTPS_PROXY, and with it no longer heeds NO_PROXY: only where it is set.
        if endpoint.environment["PIP_PROXY"] != nil { settings["PIP_PROXY"] = endpoint.proxy }
        return settings
    }

    /// The user's own indexes are asked through us too, so that a private one stays first.
    private static func redirected(_ endpoint: Endpoint) -> [String: String] {
        let own = endpoint.environment
        let home = "\(base(endpoint))/pypi/simple/"
        var settings = [
            "PIP_INDEX_URL": own["PIP_INDEX_URL"].map { through(endpoint, $0) } ?? home,
            "UV_DEFAULT_INDEX": (own["UV_DEFAULT_INDEX"] ?? own["UV_INDEX_URL"]).map { through(endpoint, $0) } ?? home,
            // It is not known to hide the password of an address that it prints.
            "PDM_PYPI_URL": own["PDM_PYPI_URL"].map { through(endpoint, $0) }
                ?? "\(endpoint.registryBase)/pypi/simple/",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        ]
        for name in extraIndexes {
            guard let value = own[name] else { continue }
            settings[name] = value.split { $0 == " " || $0 == "\n" || $0 == "\t" }
                .map { through(endpoint, String($0)) }.joined(separator: " ")
        }
        return settings
    }

    private static let indexes = ["PIP_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL"]
    private static let extraIndexes = ["PIP_EXTRA_INDEX_URL", "UV_INDEX", "UV_EXTRA_INDEX_URL"]

    /// pip and uv print the address of an index without its password, so the secret is one. Where the user's own index
    /// has a password it stands in the path instead: a client sends one password to all addresses of one host.
    private static func base(_ endpoint: Endpoint) -> String {
        let own = (indexes + extraIndexes).compactMap { endpoint.environment[$0] }
        return own.contains { $0.contains("@") }
            ? endpoint.registryBase : "http://purser:\(endpoint.secret)@\(endpoint.host):\(endpoint.port)"
    }

    /// `[name=]http[s]://[user@]host/path` as a path of ours. Text that is no such URL stays as it is.
    private static func through(_ endpoint: Endpoint, _ text: String) -> String {
        let base = base(endpoint)
        guard let mark = text.firstRange(of: "://"), let start = base.firstRange(of: "://") else { return text }
        let head = text[..<mark.lowerBound]
        let name = head.lastIndex(of: "=").map { head[...$0] } ?? ""
        let scheme = head.dropFirst(name.count)
        guard scheme == "http" || scheme == "https" else { return text }
        let rest = text[mark.upperBound...]
        let end = rest.firstIndex(of: "/") ?? rest.endIndex
        let at = rest[..<end].lastIndex(of: "@")
        // Credentials go on standing before the host, which is ours now; we send them on to theirs.
        let user = at.map { rest[...$0] } ?? ""
        let host = rest[(at.map { rest.index(after: $0) } ?? rest.startIndex)..<end]
        // Loopback is not a registry of the world: the proxy would refuse to dial it.
        if host.hasPrefix("127.0.0.1") || host.hasPrefix("localhost") || host.hasPrefix("[::1]") { return text }
        return "\(name)http://\(user)\(base[start.upperBound...])/pypi/-/\(scheme)/\(host)\(rest[end...])"
    }
}
