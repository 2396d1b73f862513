internal import Core
internal import Gateway
internal import Policy
internal import Storage
internal import Upstream

/// Answers package managers: what a channel shows, and behind it, where the repository allows, the public index.
extension Front {
    func readIndex(_ match: RouteMatch, _ call: Call, _ caller: Caller) async throws(Declined) -> Reply {
        let place = try await place(match, call, caller)
        let request = try Front.request(for: call, place.ecosystem)
        let intent: Intent?
        do { intent = try place.ecosystem.intent(of: request) } catch {
            throw .malformed(request.url.path, error.what)
        }
        guard let ecosystem = place.ecosystem as? any HostableEcosystem else {
            return try await pullThrough(request, place)
        }
        switch intent {
        case .index(.package(let package)) where isForUs(request, ecosystem):
            if let reply = try await hostedIndex(of: package, request, place, ecosystem) { return reply }
            return try await pullThrough(request, place)
        case .passThrough:
            if let page = try await catalogue(request, place, ecosystem) { return Front.reply(page) }
            return try await pullThrough(request, place)
        case .artifact(let name):
            return try await pullThrough(request, place, unlessHosted: name.release)
        case .sidecar(let release, _):
            return try await pullThrough(request, place, unlessHosted: release)
        default: return try await pullThrough(request, place)
        }
    }

    /// A file that the channel shows, by digest and name, or what is served beside it: then the digest is the file's.
    func readFile(_ match: RouteMatch, _ call: Call, _ caller: Caller) async throws(Declined) -> Reply {
        let place = try await place(match, call, caller)
        let (name, type) = (match["file"], place.ecosystem.type)
        var digest: Digest?
        do {
            if let file = try await records.file(named: name, type: type, in: place.channel) {
                digest = file.digest.hex == match["hex"] ? file.digest : nil
                try refuse(file, place.ecosystem)
            } else if let file = try await records.file(withSidecar: name, type: type, in: place.channel) {
                digest = file.digest.hex == match["hex"] ? file.sidecar?.digest : nil
                try refuse(file, place.ecosystem)
            }
        } catch { throw declined(error) }
        guard let digest else { throw .notFound(name) }
        let blob = try await storedBlob(digest)
        let headers = [
            HeaderField("Content-Type", "application/octet-stream"), HeaderField("X-Content-Type-Options", "nosniff"),
            HeaderField("Content-Disposition", "attachment"),
            HeaderField("Cache-Control", "private, max-age=31536000, immutable"),
        ]
        return Reply.blob(blob, isHead: call.isHead, asked: call.headers, headers: headers)
    }

    /// What was found out since the build was promoted counts at every download.
    private func refuse(_ file: HostedFile, _ ecosystem: any Ecosystem) throws(Declined) {
        let verdict = rules.verdict(on: file, of: ecosystem, at: configuration.now())
        if verdict.isDenied { throw Declined(verdict.problem(subject: "\(file.release)")) }
    }

    /// Where a package manager looks.
    struct Place {
        let repository: Repository
        let channel: (repository: String, name: String)
        let ecosystem: any Ecosystem

        /// The path before the ecosystem's own.
        var base: String { "/\(channel.repository)/\(channel.name)" }
    }

    private func place(_ match: RouteMatch, _ call: Call, _ caller: Caller) async throws(Declined) -> Place {
        let repository = try await repository(match["repository"], .read, caller)
        guard repository.channels.contains(match["channel"]),
            let ecosystem = configuration.ecosystem(match["type"])
        else { throw .notFound(call.url.path) }
        return Place(
            repository: repository,
            channel: (repository.name, match["channel"]),
            ecosystem: ecosystem
        )
    }

    /// The request as the ecosystem's own registry would have got it. `/-/SCHEME/AUTHORITY/PATH` leads elsewhere.
    private static func request(for call: Call, _ ecosystem: any Ecosystem) throws(Declined) -> Request {
        // The first three segments are ours, and none of them holds an encoded slash.
        let parts = call.url.path.split(separator: "/", maxSplits: 4, omittingEmptySubsequences: false)
        let path = "/" + (parts.count == 5 ? String(parts[4]) : "")
        let query = call.url.query.map { "?" + $0 } ?? ""
        do {
            let url: HTTPURL
            if path.hasPrefix("/-/") {
                let parts = path.dropFirst(3).split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
                guard parts.count == 2 else { throw Malformed("the address leads nowhere") }
                url = try HTTPURL("\(parts[0])://\(parts[1])\(query)")
                guard ecosystem.hosts.contains(url.origin.host), url.origin.port == url.origin.scheme.defaultPort else {
                    throw Malformed("the address leads to a host that is not of \(ecosystem.type)")
                }
            } else if let origin = ecosystem.defaultOrigin {
                url = try HTTPURL(origin: origin, target: path + query)
            } else {
                throw Malformed("\(ecosystem.type) has no registry of its own")
            }
            return Request(
                method: call.method,
                url: url,
                accept: call.headers.joined("Accept") ?? "",
                userAgent: call.headers.first("User-Agent") ?? ""
            )
        } catch {
            throw .malformed(path, (error as? Malformed)?.what ?? "\(error)")
        }
    }

    private func isForUs(_ request: Request, _ ecosystem: any Ecosystem) -> Bool {
        request.url.origin == ecosystem.defaultOrigin
    }

    /// The page of a package that the repository hosts in any channel; nil for one it does not host. A hosted name is
    /// never asked of anybody else, also in a channel that shows nothing of it.
    private func hostedIndex(
        of package: Purl,
        _ request: Request,
        _ place: Place,
        _ ecosystem: any HostableEcosystem
    ) async throws(Declined) -> Reply? {
        guard try await isInternal(package, place) else { return nil }
        do {
            let files = try await records.files(ofPackage: package.path, type: package.type, in: place.channel)
            guard !files.isEmpty else { throw Declined.notFound("\(package)") }
            let index = try Front.index(of: package, files, ecosystem)
            let base = place.base
            let shown = shown(files, ecosystem)
            let view = IndexView(keeps: { _, artifact in shown.contains(artifact.file) }) { url in
                "\(base)/\(ecosystem.type)\(url.path)"
            }
            return Front.reply(ecosystem.printIndex(index, for: request, view: view))
        } catch { throw declined(error) }
    }

    /// The names of the files that policy does not refuse by now.
    private func shown(_ files: [HostedFile], _ ecosystem: any Ecosystem) -> Set<String> {
        let now = configuration.now()
        return Set(files.filter { !rules.verdict(on: $0, of: ecosystem, at: now).isDenied }.map(\.file))
    }

    private static func index(
        of package: Purl,
        _ files: [HostedFile],
        _ ecosystem: any HostableEcosystem
    ) throws -> PackageIndex {
        var releases: [String: Release] = [:]
        for file in files {
            var release = releases[file.version] ?? Release(purl: package.at(file.version))
            let target = "/files/\(file.digest.hex)/\(PercentEncoding.encode(file.file))"
            let artifact = Artifact(
                file: file.file,
                url: try HTTPURL(origin: ecosystem.defaultOrigin ?? Origin(.https, "invalid"), target: target),
                digests: [file.digest],
                size: file.size,
                published: PublishTime(file.published, basis: .uploadTime),
                attributes: file.attributes
            )
            release.artifacts.append(artifact)
            releases[file.version] = release
        }
        let ordered = releases.values.sorted { a, b in
            let (left, right) = (a.purl.version ?? "", b.purl.version ?? "")
            return (ecosystem.compare(left, right) ?? 0, left) < (0, right)
        }
        return PackageIndex(scope: .package(package), releases: ordered)
    }

    /// The list of hosted packages. Other pages that pass through unread are nil.
    private func catalogue(
        _ request: Request,
        _ place: Place,
        _ ecosystem: any HostableEcosystem
    ) async throws(Declined) -> Document? {
        guard isForUs(request, ecosystem), request.url.segments.count == 1 else { return nil }
        do {
            let names = try await records.packages(type: ecosystem.type, in: place.channel)
            return ecosystem.printCatalogue(names.map { Purl(type: ecosystem.type, path: $0) }, for: request)
        } catch { throw Declined(error) }
    }

    private func isInternal(_ purl: Purl, _ place: Place) async throws(Declined) -> Bool {
        do {
            return try await records.isHosted(package: purl.path, type: purl.type, in: place.repository.name)
        } catch { throw Declined(error) }
    }

    private func pullThrough(
        _ request: Request,
        _ place: Place,
        unlessHosted release: Purl? = nil
    ) async throws(Declined) -> Reply {
        if let release, try await isInternal(release, place) { throw .notFound(request.url.path) }
        guard place.repository.pullsThrough, let gateway else { throw .notFound(request.url.path) }
        let question = ClientRequest(request: request, linkBase: place.base, ecosystemType: place.ecosystem.type)
        return await gateway.respond(to: question)
    }

    private static func reply(_ document: Document) -> Reply {
        let headers = [
            HeaderField("Content-Type", document.contentType), HeaderField("Cache-Control", "no-cache"),
            HeaderField("Vary", "Accept"), HeaderField("X-Content-Type-Options", "nosniff"),
        ]
        return Reply(status: 200, headers: headers, body: .bytes(document.bytes))
    }
}
