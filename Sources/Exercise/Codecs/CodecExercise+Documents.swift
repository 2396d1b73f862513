internal import Core
internal import JSONText

/// What a codec reads and prints beside indexes.
extension CodecExercise {
    func readLockfile(_ scene: Scene, _ findings: inout Findings) {
        guard let name = scene["lock"], let pins = try? ecosystem.pins(in: scene.body, named: name) else { return }
        findings.expect((try? ecosystem.pins(in: scene.body, named: name)) == pins, "a lockfile reads in two ways")
        for pin in pins {
            findings.expectReadable(pin.release, "a pin of \(name)")
            guard let asked = ecosystem.indexRequest(forPinned: pin.release) else { continue }
            var isIndex = false
            if case .index? = try? ecosystem.intent(of: asked) { isIndex = true }
            findings.expect(isIndex, "the index \(asked.url) of the pin \(pin.release) is no index")
        }
    }

    func readArchive(_ scene: Scene, _ findings: inout Findings) {
        guard let file = scene["file"] else { return }
        for purl in ecosystem.candidates(forFile: file, at: scene.url) {
            findings.expectReadable(purl, "a candidate for '\(file)'")
        }
        _ = ecosystem.nameInHash(ofFile: file)
        guard let inspectable = ecosystem as? any InspectableEcosystem else { return }
        var entries: [String: [UInt8]] = [:]
        for (name, bytes) in zip(scene.all("entry"), scene.documents) { entries[name] = bytes }
        if let inspection = inspectable.inspection(ofFile: file) {
            for name in entries.keys { _ = inspection.wants(name) }
        }
        _ = inspectable.listing(ofFile: file, entries: entries)
        guard let inside = try? inspectable.identity(ofFile: file, entries: entries) else { return }
        findings.expectReadable(inside, "who '\(file)' says it is")
        findings.expect(inspectable.agrees(inside, with: inside), "\(inside) is not \(inside)")
    }

    /// Ecosystems whose own rule is no order: for Maven itself, `11.b11 < 11 < 11.mons-lan1 < 11.b11`.
    private static let unordered: Set<String> = ["maven"]

    /// Any two versions have one order, and any three fit together.
    func compareVersions(_ scene: Scene, _ findings: inout Findings) {
        let versions = (scene["versions"] ?? "").split(separator: " ").prefix(4).map(String.init)
        for a in versions {
            _ = ecosystem.isPrerelease(a)
            for b in versions {
                let order = ecosystem.compare(a, b)?.signum()
                let reverse = ecosystem.compare(b, a)?.signum()
                findings.expect(order.map { -$0 } == reverse, "'\(a)' and '\(b)' are ordered one way and not the other")
                if a == b, let order { findings.expect(order == 0, "'\(a)' is not itself") }
                for c in versions where !CodecExercise.unordered.contains(ecosystem.type) {
                    guard let order, let next = ecosystem.compare(b, c)?.signum(), order <= 0, next <= 0 else {
                        continue
                    }
                    let sum = ecosystem.compare(a, c)?.signum()
                    findings.expect(sum == min(order, next), "'\(a)', '\(b)', '\(c)' are ordered \(order), \(next)")
                }
            }
        }
    }

    /// What a peer wrote may come back in a refusal.
    func showProblem(_ scene: Scene, _ findings: inout Findings) {
        let text = String(decoding: scene.body.prefix(200), as: UTF8.self)
        let problem = Problem(
            .policyDenied,
            subject: "pkg:\(ecosystem.type)/\(text)",
            summary: "is '\(text)'",
            remedy: "wait \(text)",
            rule: "min_age"
        )
        let document = ecosystem.document(for: problem)
        guard document.contentType.contains("json") else { return }
        findings.expect((try? JSON(parsing: document.bytes)) != nil, "a refusal is no JSON")
    }

    /// The environment is the user's.
    func setClients(_ scene: Scene, _ findings: inout Findings) {
        var environment: [String: String] = [:]
        for line in scene.all("env") {
            let pair = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair.count == 2, !pair[0].isEmpty, !line.utf8.contains(0) {
                environment[String(pair[0])] = String(pair[1])
            }
        }
        guard !environment.isEmpty else { return }
        for mode in [Endpoint.Mode.intercept, .registry] {
            let endpoint = Endpoint(
                mode: mode,
                host: "127.0.0.1",
                port: 4711,
                secret: "s3cr3t",
                folder: "/session",
                environment: environment,
                clients: ["pip", "uv", "npm", "cargo", "go", "git", "gem", "bundle", "mvn", "apt-get", "terraform"]
            )
            let settings = ecosystem.clientSettings(for: endpoint)
            for file in settings.files {
                findings.expect(!file.name.contains("/"), "the file '\(file.name)' leaves the session's folder")
                _ = file.contents(after: String(decoding: scene.body, as: UTF8.self))
            }
            for (name, value) in settings.environment {
                let isClean = !name.isEmpty && !name.contains("=") && !value.utf8.contains(0)
                findings.expect(isClean || environment[name] == value, "the variable '\(name)' cannot be set")
            }
        }
    }

    func readPublication(_ scene: Scene, _ findings: inout Findings) {
        guard let hostable = ecosystem as? any HostableEcosystem, let file = scene["file"] else { return }
        let fields = scene.all("field").map { line in
            let pair = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (name: String(pair.first ?? ""), value: pair.count == 2 ? String(pair[1]) : "")
        }
        let form = PublicationForm(fields: fields, file: file, size: 1, digests: [])
        guard let publication = try? hostable.readPublication(form) else { return }
        findings.expectReadable(publication.release.purl, "what is published")
        let scope = IndexScope.package(publication.release.purl.package)
        var release = publication.release
        release.artifacts = [publication.artifact]
        let view = IndexView(keeps: { _, _ in true }, link: { "https://hosted.example\($0.path)" })
        _ = hostable.printIndex(PackageIndex(scope: scope, releases: [release]), for: scene.request, view: view)
        _ = hostable.printCatalogue([release.purl.package], for: scene.request)
    }
}
