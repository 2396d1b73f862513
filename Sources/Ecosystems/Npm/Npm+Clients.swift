public import Core
internal import JSONText

extension Npm {
    public func clientSettings(for endpoint: Endpoint) -> ClientSettings {
        switch endpoint.mode {
        case .intercept: interceptSettings(for: endpoint)
        case .registry: registrySettings(for: endpoint)
        }
    }

    private func interceptSettings(for endpoint: Endpoint) -> ClientSettings {
        var settings = ClientSettings(environment: [
            // Both are needed: a `cafile` in any npmrc makes npm forget the first.
            "NODE_EXTRA_CA_CERTS": Npm.extraAuthorities(endpoint),
            "npm_config_cafile": endpoint.trustBundle,
            "npm_config_update_notifier": "false",
        ])
        settings.environment.merge(Npm.waits) { own, _ in own }
        // yarn 2 and later read no proxy variable but their own; a YARN_ variable they do not know is fatal to them, so
        // none is set for certificates (`httpsCaFilePath` is new in 4, `caFilePath` gone in it).
        if Npm.hasYarn(endpoint) {
            settings.environment["YARN_HTTP_PROXY"] = endpoint.proxy
            settings.environment["YARN_HTTPS_PROXY"] = endpoint.proxy
        }
        return settings
    }

    private func registrySettings(for endpoint: Endpoint) -> ClientSettings {
        let base = "\(endpoint.registryBase)/npm/"
        var settings = ClientSettings(environment: [
            // npm and yarn 1, pnpm up to 10; deno reads the upper case only, pnpm from 11 on its own, bun its own.
            "npm_config_registry": base,
            "NPM_CONFIG_REGISTRY": base,
            "PNPM_CONFIG_REGISTRY": base,
            "pnpm_config_registry": base,
            "BUN_CONFIG_REGISTRY": base,
            "COREPACK_NPM_REGISTRY": "\(endpoint.registryBase)/npm",
            // Links in lockfiles lead to any host; npm swaps the host and keeps the file clean.
            "npm_config_replace_registry_host": "always",
            // yarn 1 follows the links of its lockfile to their own hosts, which lies by the proxy.
            "npm_config_cafile": endpoint.trustBundle,
            "npm_config_update_notifier": "false",
        ])
        settings.environment.merge(Npm.waits) { own, _ in own }
        if Npm.hasYarn(endpoint) {
            settings.environment["YARN_NPM_REGISTRY_SERVER"] = "\(endpoint.registryBase)/npm"
            settings.environment["YARN_UNSAFE_HTTP_WHITELIST"] = endpoint.host
        }
        return settings
    }

    /// Transient faults of the upstream are ours to wait for. npm's own waits (10 s, then 60 s) would only put off the news
    /// that a file is not what its index promised.
    private static let waits = [
        "npm_config_fetch_retry_mintimeout": "500", "npm_config_fetch_retry_maxtimeout": "2000",
    ]

    /// Node takes one file only: where the job names its own, the bundle is given, into which that one was merged.
    private static func extraAuthorities(_ endpoint: Endpoint) -> String {
        let own = endpoint.environment["NODE_EXTRA_CA_CERTS"] ?? ""
        return own.isEmpty ? endpoint.authority : endpoint.trustBundle
    }

    private static func hasYarn(_ endpoint: Endpoint) -> Bool {
        !endpoint.clients.isDisjoint(with: ["yarn", "yarnpkg", "corepack"])
    }

    /// npm shows the member `error` of any answer that is no success.
    public func document(for problem: Problem) -> Document {
        let rule = problem.rule.map { " (rule \($0))" } ?? ""
        let text = "\(problem.code.rawValue)\(rule): \(problem.subject) \(problem.summary). \(problem.remedy)"
        // npm reads the one, Yarn the other.
        let json: JSON = ["error": .string(text), "message": .string(text)]
        return Document(json.canonicalBytes(), contentType: "application/json")
    }

    public func ignorableAnswer(to request: Request) -> Document? {
        let path = Npm.segments(of: request.url)
        guard path.first == "-" else { return nil }
        let answer: JSON? =
            switch Array(path.dropFirst()) {
            case ["npm", "v1", "security", "advisories", "bulk"], ["ping"]: [:]
            case ["npm", "v1", "security", "audits"], ["npm", "v1", "security", "audits", "quick"]: Npm.cleanAudit
            case ["v1", "search"]: ["objects": [], "total": 0]
            default: nil
            }
        return answer.map { Document($0.canonicalBytes(), contentType: "application/json") }
    }

    /// The older audit answer is read without asking whether its members are there.
    private static let cleanAudit: JSON = [
        "actions": [], "advisories": [:], "muted": [],
        "metadata": [
            "vulnerabilities": ["info": 0, "low": 0, "moderate": 0, "high": 0, "critical": 0],
            "dependencies": 0, "devDependencies": 0, "optionalDependencies": 0, "totalDependencies": 0,
        ],
    ]
}
