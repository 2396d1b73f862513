internal import Core
internal import Ecosystems
internal import JSONText

/// Drives one codec the way the gateway does, and says what did not hold.
struct CodecExercise {
    let ecosystem: any Ecosystem

    func run(_ scene: Scene, _ findings: inout Findings) {
        ask(scene, &findings)
        readLockfile(scene, &findings)
        readArchive(scene, &findings)
        compareVersions(scene, &findings)
        showProblem(scene, &findings)
        setClients(scene, &findings)
        readPublication(scene, &findings)
    }

    /// The request itself, and what is read because of it.
    private func ask(_ scene: Scene, _ findings: inout Findings) {
        let request = scene.request
        let intent = try? ecosystem.intent(of: request)
        findings.expect((try? ecosystem.intent(of: request)) == intent, "the same request has two intents")
        _ = ecosystem.promises(of: request)
        _ = ecosystem.ignorableAnswer(to: request)
        _ = ecosystem.isFinal(request)
        _ = ecosystem.admitsEmptyIndex(for: request)
        _ = ecosystem.tokens(in: scene.document(scene.body))
        checkChecksum(about: request, &findings)
        if case .sidecar(_, let file)? = ecosystem.intent(ofNamed: request) { checkFile(file, &findings) }
        for purl in ecosystem.candidates(forFile: request.url.file, at: request.url) {
            findings.expectReadable(purl, "a candidate for '\(request.url.file)'")
        }
        switch intent {
        case .index(let scope)?: IndexExercise(ecosystem: ecosystem, scene: scene, scope: scope).run(&findings)
        case .artifact(let name)?: checkArtifact(name, at: request.url, &findings)
        case .sidecar(let release, let file)?:
            if let release { findings.expectReadable(release, "the release of a sidecar") }
            checkFile(file, &findings)
            checkFollower(of: request, &findings)
        case .publish(let purl?)?, .tag(let purl?)?, .yank(let purl?)?:
            findings.expectReadable(purl, "what is published")
        case .conversation?: converse(request, &findings)
        default: break
        }
    }

    private func checkChecksum(about request: Request, _ findings: inout Findings) {
        guard let checksum = ecosystem.checksum(about: request) else { return }
        let scopes = [checksum.index, checksum.checksum].map { url -> IndexScope? in
            guard case .index(let scope)? = try? ecosystem.intent(of: Request(url: url)) else { return nil }
            return scope
        }
        findings.expect(scopes[0] != nil && scopes[0] == scopes[1], "a checksum and its index are of two scopes")
    }

    private func checkFollower(of companion: Request, _ findings: inout Findings) {
        guard let file = ecosystem.file(after: companion) else { return }
        guard case .artifact? = try? ecosystem.intent(of: file) else {
            findings.expect(false, "what follows a companion is no artifact")
            return
        }
        findings.expect(file.url.origin == companion.url.origin, "what follows a companion is at another origin")
    }

    private func checkArtifact(_ name: ArtifactName, at url: HTTPURL, _ findings: inout Findings) {
        checkFile(name.file, &findings)
        if let release = name.release { findings.expectReadable(release, "the release of an artifact") }
        // A HEAD is of the file itself: it tells when that was modified.
        for statement in ecosystem.statements(about: name, at: url) where statement.method != "HEAD" {
            guard case .index? = try? ecosystem.intent(of: statement) else {
                findings.expect(false, "the statement \(statement.url) about \(url) is no index")
                continue
            }
        }
        guard let package = name.release?.package, let asked = ecosystem.indexRequest(for: package, at: url.origin)
        else { return }
        var isIndex = false
        if case .index? = try? ecosystem.intent(of: asked) { isIndex = true }
        findings.expect(isIndex, "the index \(asked.url) of \(package) is no index")
    }

    /// A file name goes into records, reason phrases and reports.
    private func checkFile(_ file: String, _ findings: inout Findings) {
        let isClean = file.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F && $0 != 0x5C }
        findings.expect(isClean && file != ".." && file != ".", "the file name '\(file)' is unsafe")
    }

    private func converse(_ request: Request, _ findings: inout Findings) {
        guard let conversing = ecosystem as? any ConversingEcosystem else {
            findings.expect(false, "a conversation without a codec that converses")
            return
        }
        let problem = Problem(.policyDenied, subject: "pkg:x/y@1", summary: "is young", remedy: "wait")
        _ = conversing.refusal(of: request, for: problem)
        guard let topic = try? conversing.topic(of: request) else { return }
        guard case .objects(let purls, let body, _) = topic else { return }
        for purl in purls { findings.expectReadable(purl, "an object") }
        let again = Request(method: request.method, url: request.url, accept: request.accept, body: body)
        guard case .objects(let same, _, _)? = try? conversing.topic(of: again) else {
            findings.expect(false, "what is asked in the client's stead cannot be read")
            return
        }
        findings.expect(same == purls, "what is asked in the client's stead wants other objects")
    }
}
