internal import Core
internal import Policy
internal import Upstream

/// Names that must not leave: judged on every route before anybody is asked.
extension Gateway {
    func guardNames(in intent: Intent, _ exchange: Exchange) async throws(Problem) {
        for (name, verdict) in nameVerdicts(of: intent, exchange) where verdict.isDenied {
            let problem = verdict.problem(subject: name.description)
            try await recordRefusal(of: name, problem, verdict)
            throw problem
        }
    }

    /// The verdict of the rules that judge names, where they have anything to say.
    func nameVerdict(of intent: Intent, _ exchange: Exchange) -> Verdict? {
        nameVerdicts(of: intent, exchange).first?.verdict
    }

    /// False for a question of our own that would tell a public registry of a name that may not leave.
    func mayAsk(_ exchange: Exchange) -> Bool {
        guard configuration.policy.guardsNames else { return true }
        let intent = (try? intent(of: exchange.request, exchange.ecosystem)) ?? .passThrough
        return !nameVerdicts(of: intent, exchange).contains { $0.verdict.isDenied }
    }

    private func nameVerdicts(of intent: Intent, _ exchange: Exchange) -> [(name: Purl, verdict: Verdict)] {
        // What a conversation is about is judged by its topic, and refused in its own words.
        guard configuration.policy.guardsNames, intent != .conversation else { return [] }
        let names = publicOwners(of: exchange.request.url).reduce(into: Set<Purl>()) { names, owner in
            let isOwn = owner.type == exchange.ecosystem.type
            names.formUnion(isOwn ? self.names(in: intent, exchange) : told(by: exchange.request, owner))
            names.formUnion(owner.names(in: exchange.request))
        }
        return verdicts(of: names, exchange)
    }

    private func verdicts(of names: Set<Purl>, _ exchange: Exchange) -> [(name: Purl, verdict: Verdict)] {
        let found = names.compactMap { name -> (name: Purl, verdict: Verdict)? in
            for spelling in ToldNames.spellings(of: name) {
                var facts = facts(Release(purl: spelling), nil, exchange, claims: [], source: .directURL)
                facts.isPublicOrigin = true
                let verdict = configuration.policy.judgeName(facts)
                if !verdict.findings.isEmpty { return (name, verdict) }
            }
            return nil
        }
        // The longest tells most; the order must not depend on the run.
        return found.sorted {
            ($0.name.description.utf8.count, "\($0.name)") > ($1.name.description.utf8.count, "\($1.name)")
        }
    }

    /// The ecosystems of which one of the public hosts would be asked. Hosts serve more than their protocol, and what no
    /// codec reads tells of names all the same.
    private func publicOwners(of url: HTTPURL) -> [any Ecosystem] {
        guard declaration(for: url) == nil else { return [] }
        let host = url.origin.host
        return configuration.ecosystems.filter { ecosystem in
            let isMirrored = configuration.mirrored.contains(ecosystem.type) && ecosystem.mirroredHosts.contains(host)
            return !isMirrored && ecosystem.hosts.contains(host)
        }
    }

    /// True where one of the ecosystem's public hosts would be asked.
    func isPublic(_ exchange: Exchange) -> Bool {
        publicOwners(of: exchange.request.url).contains { $0.type == exchange.ecosystem.type }
    }

    /// Every package that the request tells the other side of.
    private func names(in intent: Intent, _ exchange: Exchange) -> Set<Purl> {
        let url = exchange.request.url
        let ecosystem = exchange.ecosystem
        switch intent {
        case .index(.package(let package)): return [package]
        case .index(.repository): return []
        case .artifact(let name):
            return named(name.release, name.file.isEmpty ? url.file : name.file, exchange)
        case .sidecar(let release, let file): return named(release, file, exchange)
        case .publish(let purl), .tag(let purl), .yank(let purl): return purl.map { [$0] } ?? []
        case .search, .passThrough, .credential: return told(by: exchange.request, ecosystem)
        case .conversation: return []
        }
    }

    /// The releases that a file may be of; where nothing tells, whatever its address may name.
    private func named(_ release: Purl?, _ file: String, _ exchange: Exchange) -> Set<Purl> {
        let url = exchange.request.url
        var names = Set(release.map { [$0] } ?? exchange.ecosystem.candidates(forFile: file, at: url))
        if names.isEmpty { names = told(by: exchange.request, exchange.ecosystem) }
        names.formUnion(memory.pins(at: url).map(\.pin.release))
        if let entry = memory.entry(at: url) { names.insert(entry.release.purl) }
        return names
    }

    private func told(by request: Request, _ ecosystem: any Ecosystem) -> Set<Purl> {
        ToldNames.names(in: request.url, type: ecosystem.type)
    }
}

/// Names in the bodies of questions (npm's audit, PyPI's old search, a token's scope).
extension Gateway {
    /// What became of a request with a body.
    enum GuardedBody {
        /// Nothing in it may not leave.
        case clear(Exchange)
        /// It would have told of such a name, and means nothing for the build.
        case answered(Reply)
    }

    /// Reads the body of a question to a public host. A publication's passes unread: its intent names its package.
    func guardBody(of intent: Intent, _ exchange: Exchange) async throws(Problem) -> GuardedBody {
        guard exchange.request.method == "POST", configuration.policy.guardsNames, Gateway.isQuestion(intent) else {
            return .clear(exchange)
        }
        let owners = publicOwners(of: exchange.request.url)
        guard !owners.isEmpty else { return .clear(exchange) }
        let talk = try await conversation(exchange)
        let names = owners.reduce(into: Set<Purl>()) { names, owner in
            names.formUnion(ToldNames.names(in: talk.request.body, type: owner.type))
            names.formUnion(owner.names(in: talk.request))
        }
        guard let (name, verdict) = verdicts(of: names, talk).first(where: { $0.verdict.isDenied }) else {
            return .clear(talk)
        }
        if let empty = exchange.ecosystem.ignorableAnswer(to: exchange.request) {
            let headers = [HeaderField("Content-Type", empty.contentType)]
            return .answered(Reply(status: 200, headers: headers, body: .bytes(empty.bytes)))
        }
        let problem = verdict.problem(subject: name.description)
        try await recordRefusal(of: name, problem, verdict)
        throw problem
    }

    private static func isQuestion(_ intent: Intent) -> Bool {
        switch intent {
        case .search, .passThrough, .credential: true
        case .index, .artifact, .sidecar, .publish, .tag, .yank, .conversation: false
        }
    }
}
