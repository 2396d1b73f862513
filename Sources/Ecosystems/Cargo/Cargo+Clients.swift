public import Core
internal import JSONText

extension Cargo {
    /// The same in both modes. A replacement of crates.io can be said in configuration files only, which are the user's; and
    /// these variables lead and convince cargo alone, so that nothing else of a job in registry mode trusts the session.
    public func clientSettings(for endpoint: Endpoint) -> ClientSettings {
        var settings = [
            "CARGO_HTTP_CAINFO": endpoint.trustBundle,
            // Also for git dependencies, and stronger than a proxy in any configuration file.
            "CARGO_HTTP_PROXY": endpoint.proxy,
        ]
        // An index that is a git repository can be neither judged nor filtered (cargo 1.68 and 1.69 still clone it).
        if endpoint.environment["CARGO_REGISTRIES_CRATES_IO_PROTOCOL"] == nil {
            settings["CARGO_REGISTRIES_CRATES_IO_PROTOCOL"] = "sparse"
        }
        return ClientSettings(environment: settings)
    }

    /// cargo shows the body of a refusal as it came, for index, file and publication alike.
    public func document(for problem: Problem) -> Document {
        let rule = problem.rule.map { " (rule \($0))" } ?? ""
        let text = "\(problem.code.rawValue)\(rule): \(problem.subject) \(problem.summary). \(problem.remedy)\n"
        return Document(Array(text.utf8), contentType: "text/plain; charset=utf-8")
    }

    public func ignorableAnswer(to request: Request) -> Document? {
        guard request.method == "GET", Cargo.apiPath(request.url.segments) == [] else { return nil }
        let none: JSON = ["crates": [], "meta": ["total": 0]]
        return Document(none.canonicalBytes(), contentType: "application/json")
    }
}
