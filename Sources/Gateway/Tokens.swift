internal import Core
internal import Storage
internal import Synchronization
internal import Upstream

/// Tokens that servers handed out in this session, with the credentials they were got with, and the servers themselves.
final class Tokens: Sendable {
    private struct State {
        /// Digest of an `Authorization` line → label of the credentials it stands for; nil inside for none.
        var labels: [String: String?] = [:]
        /// Addresses to which a challenge sent its client, without their queries, and the ecosystem that was challenged.
        var servers: [HTTPURL: String] = [:]
    }

    private let state = Mutex(State())
    private static let limit = 4_096

    /// A token stands for what its holder showed to get it: nothing, for those that anybody is given.
    func learn(_ token: String, gotWith credential: String?) {
        state.withLock { state in
            guard state.labels.count < Tokens.limit else { return }
            state.labels[Tokens.key("Bearer \(token)")] = .some(credential)
        }
    }

    /// The label of a line, where it holds a token of this session.
    func label(of authorization: String) -> String?? {
        state.withLock { state in
            state.labels.isEmpty ? nil : state.labels[Tokens.key(authorization)]
        }
    }

    /// Takes down the server that `WWW-Authenticate: Bearer realm="URL"` names.
    func learn(challenge: String, to type: String) {
        guard challenge.lowercased().hasPrefix("bearer "), let start = challenge.firstRange(of: "realm=\"") else {
            return
        }
        let text = challenge[start.upperBound...].prefix { $0 != "\"" }
        guard let url = try? HTTPURL(String(text)) else { return }
        state.withLock { state in
            guard state.servers.count < Tokens.limit else { return }
            state.servers[url.withoutFragment.with(query: nil)] = type
        }
    }

    func challenger(at url: HTTPURL) -> String? {
        state.withLock { $0.servers.isEmpty ? nil : $0.servers[url.withoutFragment.with(query: nil)] }
    }

    private static func key(_ line: String) -> String { Digest.sha256(of: Array(line.utf8)).hex }
}

/// Token exchanges, and what credentials a request came with.
extension Gateway {
    private static var tokenAnswerLimit: Int { 1 << 20 }

    func exchange(_ client: ClientRequest, _ ecosystem: any Ecosystem) -> Exchange {
        Exchange(client: client.plain, ecosystem: ecosystem, credential: credential(client.headers))
    }

    func credential(_ headers: [HeaderField]) -> String? {
        guard headers.contains(where: \.isCredential) else { return nil }
        var lines: [String] = []
        for name in HeaderField.credentialFields {
            for value in headers.values(name) {
                // A token that was got for nothing is no credential; another stands for what it was got with.
                switch name == "Authorization" ? tokens.label(of: value) : nil {
                case .some(.none): continue
                case .some(.some(let label)): lines.append("token: \(label)")
                case .none: lines.append("\(name): \(value)")
                }
            }
        }
        return lines.isEmpty ? nil : Digest.sha256(of: Array(lines.joined(separator: "\n").utf8)).hex
    }

    /// Token exchanges and logins go to their origin; nothing of them is kept but that they were.
    func answerCredential(_ exchange: Exchange) async throws(Problem) -> Reply {
        if let reply = ignorable(exchange) { return reply }
        try await recorder.record(.credentialExchange(host: exchange.request.url.origin.host))
        let forwarded = try await forward(exchange, purpose: .passThrough)
        let issued = issuedTokens(forwarded, exchange)
        let isByChallenge = tokens.challenger(at: exchange.request.url) != nil
        // A registry may name any address as its token server; what comes from there must be a token and nothing else.
        if isByChallenge, forwarded.response.status < 300, issued.isEmpty {
            throw Problem(
                .upstreamRefused,
                subject: exchange.request.url.redacted,
                summary: "was named as a token server, but its answer holds no token",
                remedy: "Check the registry whose challenge named it.",
                reason: "token"
            )
        }
        // What a POST got its token with stands in its body, which is not looked at.
        if exchange.request.method == "GET" {
            for token in issued { tokens.learn(token, gotWith: exchange.credential) }
        }
        return forwarded.reply
    }

    private func issuedTokens(_ forwarded: Forwarded, _ exchange: Exchange) -> [String] {
        guard forwarded.response.status == 200, forwarded.body.count <= Gateway.tokenAnswerLimit else { return [] }
        return exchange.ecosystem.tokens(in: Document(forwarded.body))
    }

    /// Remembers where an origin sends its clients for tokens.
    func noteChallenge(_ headers: [HeaderField], _ exchange: Exchange) {
        for challenge in headers.values("WWW-Authenticate") {
            tokens.learn(challenge: challenge, to: exchange.ecosystem.type)
        }
    }
}
