public import Core

extension Debian {
    /// apt has no registry to point elsewhere: in both modes we are its proxy, which for http takes no certificate.
    public func clientSettings(for endpoint: Endpoint) -> ClientSettings {
        guard !endpoint.clients.isDisjoint(with: ["apt", "apt-get", "aptitude"]) else { return ClientSettings() }
        let path = "\(endpoint.folder)/apt.conf"
        return ClientSettings(
            environment: ["APT_CONFIG": path],
            files: [ClientSettings.File(name: "apt.conf", contents: Debian.configuration(for: endpoint))]
        )
    }

    /// apt reads this file first and the system's afterwards, so that a proxy named there would win. Therefore the
    /// user's own file and the system's folder are read from here, then ours, and nothing after it.
    private static func configuration(for endpoint: Endpoint) -> String {
        var lines: [String] = []
        if let own = endpoint.environment["APT_CONFIG"], !own.isEmpty, isPlain(own) {
            lines.append("#include \"\(own)\";")
        }
        lines += [
            "#include \"/etc/apt/apt.conf.d/\";",
            "Dir::Etc::parts \"/dev/null\";",
            "Dir::Etc::main \"/dev/null\";",
            "Acquire::http::Proxy \"\(endpoint.proxy)\";",
            "Acquire::https::Proxy \"\(endpoint.proxy)\";",
            // A command that finds proxies would be believed before the lines above.
            "Acquire::http::Proxy-Auto-Detect \"\";",
            "Acquire::http::ProxyAutoDetect \"\";",
            "Acquire::https::CaInfo \"\(endpoint.trustBundle)\";",
            // Whole indexes only: a patched one would name files that no index we saw has listed.
            "Acquire::PDiffs \"false\";",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    /// A path with a quote or a line feed would end the statement it stands in.
    private static func isPlain(_ path: String) -> Bool {
        path.hasPrefix("/") && path.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F && $0 != 0x22 }
    }
}
