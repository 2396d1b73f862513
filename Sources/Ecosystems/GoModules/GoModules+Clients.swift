public import Core

extension GoModules {
    /// Intercepted, the go command needs no setting of its own: it takes the proxy and the certificates from variables that
    /// every client gets, and what goes round the module proxy (`direct`, GOPRIVATE) is git's traffic.
    public func clientSettings(for endpoint: Endpoint) -> ClientSettings {
        guard endpoint.mode == .registry else { return ClientSettings() }
        let own = endpoint.environment
        // `off` is a promise of the job to fetch nothing.
        guard own["GOPROXY"] != "off" else { return ClientSettings() }
        // No `direct` behind it: nothing goes round us. The go command sends no password to plain http, so the secret is in
        // the path.
        var settings = ClientSettings(environment: ["GOPROXY": "\(endpoint.registryBase)/golang"])
        // Modules that the job calls private are no business of the public proxy: they keep going to their own origin.
        if (own["GOPRIVATE"] ?? "").isEmpty, (own["GONOPROXY"] ?? "").isEmpty {
            settings.environment["GONOPROXY"] = "none"
        }
        return settings
    }

    /// The go command shows eight lines of plain text, up to the first blank one.
    public func document(for problem: Problem) -> Document {
        let rule = problem.rule.map { " (rule \($0))" } ?? ""
        let lines = [
            "\(problem.code.rawValue)\(rule): \(problem.subject) \(problem.summary)", "help: \(problem.remedy)",
        ]
        let text = lines.map { line in
            line.unicodeScalars.map { $0 == "\n" ? " " : String($0) }.joined().prefix(300)
        }
        return Document(Array((text.joined(separator: "\n") + "\n").utf8), contentType: "text/plain; charset=utf-8")
    }
}
