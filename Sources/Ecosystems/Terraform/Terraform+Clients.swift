public import Core
internal import JSONText

extension Terraform {
    /// The same in both modes: a mirror must be https to Terraform, which a loopback address is not, so Terraform always
    /// comes by the proxy, with the certificates of `SSL_CERT_FILE`.
    public func clientSettings(for endpoint: Endpoint) -> ClientSettings {
        guard endpoint.environment["CHECKPOINT_DISABLE"] == nil else { return ClientSettings() }
        // It asks whether it is up to date, which would be a file from nowhere in every record.
        return ClientSettings(environment: ["CHECKPOINT_DISABLE": "1"])
    }

    /// The form of the registry's own errors. Terraform shows the status alone, other clients this.
    public func document(for problem: Problem) -> Document {
        let rule = problem.rule.map { " (rule \($0))" } ?? ""
        let text = "\(problem.code.rawValue)\(rule): \(problem.subject) \(problem.summary). \(problem.remedy)"
        let json: JSON = ["errors": [.string(text)]]
        return Document(json.canonicalBytes(), contentType: "application/json")
    }
}
