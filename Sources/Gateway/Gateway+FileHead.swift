internal import Core
internal import JSONText
internal import Storage
internal import Upstream

/// The head of a file, where a format keeps no better word of when it was published.
extension Gateway {
    /// Reads a statement that is a HEAD of the file itself. One that cannot be had leaves the time unknown.
    func readHead(_ request: Request, of release: Purl, _ exchange: Exchange) async {
        guard let modified = await modified(request, exchange) else { return }
        let document = Document([], url: request.url, modified: modified)
        let scope = IndexScope.package(release)
        if let index = try? exchange.ecosystem.readIndex(document, companions: [], for: request, scope: scope) {
            memory.learn(index)
        }
    }

    private func modified(_ request: Request, _ exchange: Exchange) async -> Timestamp? {
        let own = ["head", "\(request.url)", exchange.credential ?? "", configuration.answerScope]
        let key = own.joined(separator: "\n")
        let old = stores.answers?.note(key)?.string.flatMap { Timestamp(httpDate: $0) }
        if let old, configuration.isOffline || exchange.ecosystem.isFinal(request) { return old }
        guard !configuration.isOffline else { return nil }
        let question = UpstreamRequest(
            Request(method: "HEAD", url: request.url, userAgent: exchange.request.userAgent),
            ecosystem: exchange.ecosystem.type,
            purpose: .index,
            headers: forwardable(exchange.client.headers)
        )
        guard let response = try? await upstream.fetch(question) else { return old }
        response.body.cancel()
        guard response.status == 200, let text = response.headers.first("Last-Modified"),
            let modified = Timestamp(httpDate: text)
        else { return nil }
        if response.credential == nil { try? stores.answers?.keep(.string(text), for: key) }
        return modified
    }
}
