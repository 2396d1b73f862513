public import Core

extension Git {
    /// Intercepting needs nothing but the proxy and the CA, which every client of the environment is given. In registry
    /// mode the addresses of the default host are rewritten; what the user's own environment sets stays in front.
    public func clientSettings(for endpoint: Endpoint) -> ClientSettings {
        guard case .registry = endpoint.mode else { return ClientSettings() }
        let count = endpoint.environment["GIT_CONFIG_COUNT"].flatMap { Int($0) } ?? 0
        guard (0..<10_000).contains(count) else { return ClientSettings() }
        return ClientSettings(environment: [
            "GIT_CONFIG_COUNT": "\(count + 1)",
            "GIT_CONFIG_KEY_\(count)": "url.\(endpoint.registryBase)/git/.insteadOf",
            "GIT_CONFIG_VALUE_\(count)": "https://github.com/",
        ])
    }

    /// git prints the lines of a plain-text error as `remote: …`.
    public func document(for problem: Problem) -> Document {
        Document(Array((Git.sentence(problem) + "\n").utf8), contentType: "text/plain; charset=utf-8")
    }

    /// `fatal: remote error: …`, in the framing that the client waits for.
    public func refusal(of request: Request, for problem: Problem) -> Document {
        let line = Packet.line(Array(("ERR " + Git.sentence(problem) + "\n").utf8))
        guard request.method != "POST" else {
            return Document(line.bytes, contentType: "application/x-git-upload-pack-result")
        }
        return Document(line.bytes, contentType: "application/x-git-upload-pack-advertisement")
    }

    private static func sentence(_ problem: Problem) -> String {
        let rule = problem.rule.map { " (rule \($0))" } ?? ""
        let text = "\(problem.code.rawValue)\(rule): \(problem.subject) \(problem.summary). \(problem.remedy)"
        return String(text.prefix(900))
    }
}
