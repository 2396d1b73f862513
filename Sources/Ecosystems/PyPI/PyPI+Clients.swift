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
        let home = "\(endpoint.registryBase)/pypi/simple/"
        let own = endpoint.environment
        var settings = [
            "PIP_INDEX_URL": own["PIP_INDEX_URL"].map { through(endpoint, $0) } ?? home,
            "UV_DEFAULT_INDEX": (own["UV_DEFAULT_INDEX"] ?? own["UV_INDEX_URL"]).map { through(endpoint, $0) } ?? home,
            "PDM_PYPI_URL": own["PDM_PYPI_URL"].map { through(endpoint, $0) } ?? home,
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        ]
        for name in ["PIP_EXTRA_INDEX_URL", "UV_INDEX", "UV_EXTRA_INDEX_URL"] {
            guard let value = own[name] else { continue }
            settings[name] = value.split { $0 == " " || $0 == "\n" || $0 == "\t" }
                .map { through(endpoint, String($0)) }.joined(separator: " ")
        }
        return settings
    }

    /// `[name=]http[s]://[user@]host/path` as a path of ours. Text that is no such URL stays as it is.
    private static func through(_ endpoint: Endpoint, _ text: String) -> String {
        guard let mark = text.firstRange(of: "://"), let start = endpoint.registryBase.firstRange(of: "://") else {
            return text
        }
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
        let base = endpoint.registryBase[start.upperBound...]
        return "\(name)http://\(user)\(base)/pypi/-/\(scheme)/\(host)\(rest[end...])"
    }
}
