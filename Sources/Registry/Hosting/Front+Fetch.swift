internal import Core
internal import Gateway
internal import Upstream

/// Fetches for agents that start cold: the registry is their upstream, with a cache and verification of its own.
extension Front {
    /// Only what the catalog's public hosts serve; nothing is asked with anybody's credentials.
    func fetch(_ call: Call) async throws(Declined) -> Reply {
        guard let text = try call.query("url"), let type = try call.query("type") else {
            throw .malformed("url, type", "must both be in the query")
        }
        let url: HTTPURL
        do { url = try HTTPURL(text) } catch { throw .malformed("url", error.what) }
        guard let gateway, let ecosystem = configuration.ecosystem(type), ecosystem.hosts.contains(url.origin.host),
            url.origin.port == url.origin.scheme.defaultPort
        else {
            throw Declined(
                Problem(
                    .upstreamRefused,
                    subject: url.redacted,
                    summary: "is not on a public host of '\(type)' that this registry fetches from",
                    remedy: "Fetch it directly; the agent does so by itself."
                ),
                status: 403
            )
        }
        let request = Request(
            url: url.withoutFragment,
            accept: try call.query("accept") ?? "",
            userAgent: call.headers.first("User-Agent") ?? ""
        )
        var reply = await gateway.respond(to: ClientRequest(request: request, ecosystemType: type))
        reply.headers.append(HeaderField("Purser-Status", reply.status == 200 ? "fetched" : "passed"))
        let finalURL = (gateway as? PublicGateway)?.finalURL(of: request.url) ?? url.redacted
        reply.headers.append(HeaderField("Purser-Final-URL", finalURL))
        return reply
    }
}
