/// Which proxy, if any, a request goes through.
public enum ProxySettings: Hashable, Sendable {
    case none
    /// This proxy for every host but the exceptions (written as in `no_proxy`).
    case fixed(url: String, exceptions: [String])
    /// As curl reads these variables: lower case first; `http_proxy` in lower case only, because a CGI program's
    /// `HTTP_PROXY` is a request header.
    case environment([String: String])

    /// The proxy for a request to `host`, or `nil` for a direct connection.
    public func proxy(scheme: String, host: String, port: Int) -> String? {
        switch self {
        case .none:
            return nil
        case .fixed(let url, let exceptions):
            return ProxyExceptions(exceptions).contain(host: host, port: port) ? nil : url
        case .environment(let variables):
            func value(_ names: String...) -> String? {
                names.lazy.compactMap { variables[$0] }.first { !$0.isEmpty }
            }
            let own = scheme == "https" ? value("https_proxy", "HTTPS_PROXY") : value("http_proxy")
            guard let url = own ?? value("all_proxy", "ALL_PROXY") else { return nil }
            let exceptions = (value("no_proxy", "NO_PROXY") ?? "").split { $0 == "," || $0 == " " }.map(String.init)
            return ProxyExceptions(exceptions).contain(host: host, port: port) ? nil : url
        }
    }
}
