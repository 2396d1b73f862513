internal import Core
internal import JSONText
internal import Storage
internal import Upstream

/// The head of a file, where a format keeps no better word of when it was published.
extension Gateway {
    /// Reads a statement that is a HEAD of the file itself. One that cannot be had leaves the time unknown. False where the
    /// registry says that there is no such file.
    func readHead(_ request: Request, of release: Purl, _ exchange: Exchange) async -> Bool {
        let (modified, isThere) = await modified(request, exchange)
        guard let modified else { return isThere }
        let document = Document([], url: request.url, modified: modified)
        let scope = IndexScope.package(release)
        if let index = try? exchange.ecosystem.readIndex(document, companions: [], for: request, scope: scope) {
            memory.learn(index)
        }
        return true
    }

    private func modified(_ request: Request, _ exchange: Exchange) async -> (time: Timestamp?, isThere: Bool) {
        let own = ["head", "\(request.url)", exchange.credential ?? "", configuration.answerScope]
        let key = own.joined(separator: "\n")
        let old = stores.answers?.note(key)?.string.flatMap { Timestamp(httpDate: $0) }
        if let old, configuration.isOffline || exchange.ecosystem.isFinal(request) { return (old, true) }
        guard !configuration.isOffline else { return (nil, true) }
        let question = UpstreamRequest(
            Request(method: "HEAD", url: request.url, userAgent: exchange.request.userAgent),
            ecosystem: exchange.ecosystem.type,
            purpose: .index,
            headers: forwardable(exchange.client.headers)
        )
        guard let response = try? await upstream.fetch(question) else { return (old, true) }
        response.body.cancel()
        guard response.status == 200, let text = response.headers.first("Last-Modified"),
            let modified = Timestamp(httpDate: text)
        else { return (nil, response.status != 404 && response.status != 410) }
        if response.credential == nil { try? stores.answers?.keep(.string(text), for: key) }
        return (modified, true)
    }
}
