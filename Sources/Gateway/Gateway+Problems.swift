internal import Core
internal import Upstream

/// Problems as clients get to see them.
extension Gateway {
    /// A problem as the ecosystem's clients show it.
    func reply(for problem: Problem, in ecosystem: any Ecosystem, isHead: Bool = false) -> Reply {
        let document = ecosystem.document(for: problem)
        var headers = [
            HeaderField("Content-Type", document.contentType),
            HeaderField("Cache-Control", "no-store"),
            HeaderField("Purser-Problem", problem.code.rawValue),
        ]
        if problem.code == .authMissing { headers.append(HeaderField("WWW-Authenticate", "Basic realm=\"purser\"")) }
        return Reply(
            status: problem.code.httpStatus,
            reason: problem.reasonPhrase,
            headers: headers,
            body: isHead ? .head(length: Int64(document.bytes.count)) : .bytes(document.bytes)
        )
    }

    /// The parameter in which an address tells why it is refused.
    private static let mark = "purser-refused="

    /// What a client that has no second place to ask may be told in an address of no scheme.
    private static let damage: Set<Problem.Code> = [.integrityMismatch, .identityMismatch, .archiveMalformed]

    /// Leads clients that show an address and nothing else to one that says why.
    func leadToRefusal(_ problem: Problem, _ request: Request, _ ecosystem: any Ecosystem) -> Reply? {
        guard let address = ecosystem.refusalAddress(for: request),
            [.policyDenied, .policyUndecidable].contains(problem.code)
                || (address == .unspoken && Gateway.damage.contains(problem.code)),
            request.method == "GET" || request.method == "HEAD"
        else { return nil }
        let start = address == .followed ? "?\(Gateway.mark)" : "purser-refused:/"
        let words = problem.reasonPhrase.split(separator: " ").map {
            PercentEncoding.encode(String($0), keeping: ":;@/")
        }
        return Reply(
            status: 302,
            reason: problem.reasonPhrase,
            headers: [
                HeaderField("Location", "\(start)\(words.joined(separator: "+"))"),
                HeaderField("Cache-Control", "no-store"),
                HeaderField("Purser-Problem", problem.code.rawValue),
            ],
            body: .none
        )
    }

    /// The answer at such an address. Whoever makes one up refuses himself.
    func refusalInAddress(_ request: Request) -> Reply? {
        guard let query = request.url.query, query.hasPrefix(Gateway.mark),
            let text = PercentEncoding.decode(query.dropFirst(Gateway.mark.count).replacing("+", with: " "))
        else { return nil }
        let words = text.unicodeScalars.map { (0x20...0x7E).contains($0.value) ? Character($0) : "?" }
        let phrase = String(words.prefix(200))
        let body = Array("\(phrase)\n".utf8)
        return Reply(
            status: 403,
            reason: phrase,
            headers: [
                HeaderField("Content-Type", "text/plain"), HeaderField("Cache-Control", "no-store"),
                HeaderField("Purser-Problem", Problem.Code.policyDenied.rawValue),
            ],
            body: request.method == "HEAD" ? .head(length: Int64(body.count)) : .bytes(body)
        )
    }
}
