internal import Core

extension Gateway {
    /// The ecosystem that reads this request, and its reading. The first codec with an intent wins.
    func route(_ request: ClientRequest) -> (any Ecosystem, Result<Intent?, Problem>) {
        let url = request.request.url
        let ecosystems = configuration.ecosystems
        if let type = tokens.challenger(at: url), let challenger = ecosystems.first(where: { $0.type == type }) {
            return (challenger, .success(.credential))
        }
        let fallback = ecosystems[ecosystems.count - 1]
        if request.ecosystemType == nil, memory.isNamed(url) {
            for ecosystem in ecosystems {
                if let intent = ecosystem.intent(ofNamed: request.request) { return (ecosystem, .success(intent)) }
            }
        }
        let named = request.ecosystemType.map { type in ecosystems.filter { $0.type == type } }
        let declared = declaration(for: url).map { declared in ecosystems.filter { $0.type == declared.ecosystem } }
        let hosted = ecosystems.filter { $0.isKnownOnAnyHost || $0.hosts.contains(url.origin.host) }
        let candidates = named ?? declared ?? hosted
        for ecosystem in candidates {
            do throws(Malformed) {
                guard let intent = try intent(of: request.request, ecosystem) else { continue }
                if hidesSlash(request.request, candidates, intent) { throw Gateway.hiddenSlash }
                return (ecosystem, .success(intent))
            } catch {
                return (ecosystem, .failure(malformed(error, url)))
            }
        }
        if named != nil, let first = candidates.first { return (first, .success(nil)) }
        do throws(Malformed) {
            if hidesSlash(request.request, candidates, nil) { throw Gateway.hiddenSlash }
            return (fallback, .success(try fallback.intent(of: request.request)))
        } catch {
            return (fallback, .failure(malformed(error, url)))
        }
    }

    private static var hiddenSlash: Malformed { Malformed("a percent code hides a slash") }

    /// True for a path that is read as something else of a release once its hidden slashes are slashes: servers decode
    /// them, however often, and would answer with what no rule was asked about.
    private func hidesSlash(_ request: Request, _ candidates: [any Ecosystem], _ intent: Intent?) -> Bool {
        guard request.url.path.utf8.contains(UInt8(ascii: "%")) else { return false }
        var path = request.url.path
        for _ in 0..<3 { path = path.replacing("%25", with: "%") }
        let plain = path.replacing("%2f", with: "/").replacing("%2F", with: "/")
        let target = request.url.query.map { "\(plain)?\($0)" } ?? plain
        guard plain != path, let url = try? HTTPURL(origin: request.url.origin, target: target) else { return false }
        let bare = Request(method: request.method, url: url, accept: request.accept, userAgent: request.userAgent)
        let open = candidates.lazy.compactMap { try? self.intent(of: bare, $0) }.first
        switch open {
        case .index, .artifact, .sidecar: return open != intent
        default: return false
        }
    }

    /// What a request is about. The folder that a declared registry lies in is no part of it for a codec that reads a path
    /// from its root.
    func intent(of request: Request, _ ecosystem: any Ecosystem) throws(Malformed) -> Intent? {
        guard ecosystem.readsFromRoot, let declared = declaration(for: request.url)?.prefix, declared.path != "/" else {
            return try ecosystem.intent(of: request)
        }
        let folder = declared.path.hasSuffix("/") ? declared.path.utf8.count - 1 : declared.path.utf8.count
        let rest = String(decoding: request.url.target.utf8.dropFirst(folder), as: UTF8.self)
        let bare = Request(
            method: request.method,
            url: try HTTPURL(origin: request.url.origin, target: rest.hasPrefix("/") ? rest : "/\(rest)"),
            accept: request.accept,
            userAgent: request.userAgent,
            body: request.body
        )
        return try ecosystem.intent(of: bare)
    }

    /// What the user said about the place of this URL; the longest prefix wins.
    func declaration(for url: HTTPURL) -> DeclaredOrigin? {
        configuration.declared.filter { url.isUnder($0.prefix) }
            .max { $0.prefix.path.utf8.count < $1.prefix.path.utf8.count }
    }
}
