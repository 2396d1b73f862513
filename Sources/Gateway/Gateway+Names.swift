internal import Core
internal import Policy

/// Names that must not leave: judged on every route before anybody is asked.
extension Gateway {
    func guardNames(in intent: Intent, _ exchange: Exchange) async throws(Problem) {
        for (name, verdict) in nameVerdicts(of: intent, exchange) where verdict.isDenied {
            let subject = name.description
            let problem = verdict.problem(subject: subject)
            try await recorder.record(
                .refused(Refusal(subject: subject, purl: name, problem: problem, verdict: verdict, isHidden: false))
            )
            throw problem
        }
    }

    /// The verdict of the rules that judge names, where they have anything to say.
    func nameVerdict(of intent: Intent, _ exchange: Exchange) -> Verdict? {
        nameVerdicts(of: intent, exchange).first?.verdict
    }

    private func nameVerdicts(of intent: Intent, _ exchange: Exchange) -> [(name: Purl, verdict: Verdict)] {
        guard configuration.policy.guardsNames, isPublic(exchange) else { return [] }
        return names(in: intent, exchange).compactMap { name in
            let facts = facts(Release(purl: name), nil, exchange, claims: [], source: .directURL)
            let verdict = configuration.policy.judgeName(facts)
            return verdict.findings.isEmpty ? nil : (name, verdict)
        }
    }

    /// True where one of the ecosystem's public hosts would be asked.
    func isPublic(_ exchange: Exchange) -> Bool {
        let ecosystem = exchange.ecosystem
        let url = exchange.request.url
        guard !configuration.mirrored.contains(ecosystem.type) else { return false }
        return ecosystem.hosts.contains(url.origin.host) && declaration(for: url) == nil
    }

    /// Every package that the request tells the other side of.
    private func names(in intent: Intent, _ exchange: Exchange) -> [Purl] {
        let url = exchange.request.url
        switch intent {
        case .index(.package(let package)): return [package]
        case .index(.repository), .credential: return []
        case .artifact(let name):
            let file = name.file.isEmpty ? url.file : name.file
            return name.release.map { [$0] } ?? exchange.ecosystem.candidates(forFile: file, at: url)
        case .sidecar(let release, let file):
            return release.map { [$0] } ?? exchange.ecosystem.candidates(forFile: file, at: url)
        case .publish(let purl), .tag(let purl), .yank(let purl): return purl.map { [$0] } ?? []
        case .search, .passThrough, .conversation: return words(of: url, exchange.ecosystem.type)
        }
    }

    /// A search or a question of another kind names packages in its query or path; each word counts as a name.
    private func words(of url: HTTPURL, _ type: String) -> [Purl] {
        let values = (url.query ?? "").split(separator: "&").compactMap { pair in
            PercentEncoding.decode(pair.drop { $0 != "=" }.dropFirst().replacing("+", with: " "))
        }
        let texts = values.flatMap { $0.split(separator: " ").map(String.init) } + url.segments
        return texts.prefix(200).compactMap { text in
            guard text.utf8.count <= 512 else { return nil }
            guard let slash = text.lastIndex(of: "/"), slash != text.startIndex else {
                return Purl(type: type, name: text)
            }
            return Purl(type: type, namespace: String(text[..<slash]), name: String(text[text.index(after: slash)...]))
        }
    }
}
