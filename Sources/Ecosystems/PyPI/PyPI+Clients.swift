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

    /// The user's own indexes are asked through us too, so that a private one stays first. Poetry has no setting for an
    /// index, and uv writes the one it has into uv.lock and refuses a lock of another: both keep theirs and come by the proxy.
    private static func redirected(_ endpoint: Endpoint) -> [String: String] {
        let own = endpoint.environment
        let home = "\(base(endpoint))/pypi/simple/"
        var settings = intercepted(endpoint)
        settings["PIP_INDEX_URL"] = own["PIP_INDEX_URL"].map { through(endpoint, $0) } ?? home
        // PDM is not known to hide the password of an address that it prints.
        settings["PDM_PYPI_URL"] =
            own["PDM_PYPI_URL"].map { through(endpoint, $0) } ?? "\(endpoint.registryBase)/pypi/simple/"
        if let value = own["PIP_EXTRA_INDEX_URL"] {
            settings["PIP_EXTRA_INDEX_URL"] = value.split { $0 == " " || $0 == "\n" || $0 == "\t" }
                .map { through(endpoint, String($0)) }.joined(separator: " ")
        }
        return settings
    }

    /// pip prints the address of an index without its password, so the secret is one. Where the user's own index has a
    /// password it stands in the path instead: a client sends one password to all addresses of one host.
    private static func base(_ endpoint: Endpoint) -> String {
        let own = ["PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"].compactMap { endpoint.environment[$0] }
        return own.contains { $0.contains("@") }
            ? endpoint.registryBase : "http://purser:\(endpoint.secret)@\(endpoint.host):\(endpoint.port)"
    }

    /// `http[s]://[user@]host/path` as a path of ours. Text that is no such URL stays as it is.
    private static func through(_ endpoint: Endpoint, _ text: String) -> String {
        let base = base(endpoint)
        guard let mark = text.firstRange(of: "://"), let start = base.firstRange(of: "://") else { return text }
        let scheme = text[..<mark.lowerBound]
        guard scheme == "http" || scheme == "https" else { return text }
        let rest = text[mark.upperBound...]
        let end = rest.firstIndex(of: "/") ?? rest.endIndex
        let at = rest[..<end].lastIndex(of: "@")
        // Credentials go on standing before the host, which is ours now; we send them on to theirs.
        let user = at.map { rest[...$0] } ?? ""
        let host = rest[(at.map { rest.index(after: $0) } ?? rest.startIndex)..<end]
        // Loopback is not a registry of the world: the proxy would refuse to dial it.
        if host.hasPrefix("127.0.0.1") || host.hasPrefix("localhost") || host.hasPrefix("[::1]") { return text }
        return "http://\(user)\(base[start.upperBound...])/pypi/-/\(scheme)/\(host)\(rest[end...])"
    }
}
