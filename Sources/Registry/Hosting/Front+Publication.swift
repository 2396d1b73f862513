internal import Core
internal import Gateway
internal import Storage
internal import Upstream

/// Takes files from the ecosystems' own upload tools (twine, uv publish).
extension Front {
    func publishFile(_ match: RouteMatch, _ call: Call, _ caller: Caller) async throws(Declined) -> Reply {
        let repository = try await repository(match["repository"], .publish, caller)
        guard let ecosystem = configuration.ecosystem(match["type"]) as? any HostableEcosystem else {
            throw .notFound(call.url.path)
        }
        guard repository.channels.contains(match["channel"]) else { throw .notFound(call.url.path) }
        guard repository.channels.first == match["channel"] else {
            throw Front.notTheFirst(match["channel"], repository)
        }
        let received = try await receiveForm(call)
        let publication = try Front.publication(received.form, ecosystem)
        let staging = received.staging
        let outside = publication.release.purl
        var listing = Listing(attributes: publication.artifact.attributes)
        if let (inside, found) = try inspected(received.form.file, at: staging.inspectionPath, in: ecosystem) {
            guard inside.package == outside.package, Front.isSame(inside.version, outside.version, ecosystem) else {
                throw Front.disguised(received.form.file, outside: outside, inside: inside)
            }
            listing.attributes.merge(found.attributes) { _, inside in inside }
            listing.sidecar = found.sidecar
        }
        let place = (repository: repository.name, name: match["channel"])
        return try await host((publication, listing), staging, in: place, caller)
    }

    private func receiveForm(_ call: Call) async throws(Declined) -> (form: PublicationForm, staging: Staging) {
        let limits = configuration.limits
        if let length = call.inflow.length, length > limits.file + (8 << 20) {
            throw .tooLarge("the file", limit: limits.file)
        }
        var receiver = try FormReceiver(
            contentType: call.headers.first("Content-Type"),
            store: blobs,
            fileLimit: limits.file
        )
        while let bytes = try await call.inflow.next() {
            metrics.count(received: bytes.count)
            try receiver.feed(bytes)
        }
        return try receiver.finished()
    }

    private static func publication(
        _ form: PublicationForm,
        _ ecosystem: any HostableEcosystem
    ) throws(Declined) -> Publication {
        do { return try ecosystem.readPublication(form) } catch {
            throw Declined(
                Problem(
                    .usageInvalid,
                    subject: form.file,
                    summary: error.what,
                    remedy: "Mend the package's metadata, build again and upload again; nothing was kept."
                )
            )
        }
    }

    static func isSame(_ a: String?, _ b: String?, _ ecosystem: any Ecosystem) -> Bool {
        guard let a, let b else { return a == b }
        return a == b || ecosystem.compare(a, b) == 0
    }

    private func host(
        _ upload: (publication: Publication, listing: Listing),
        _ staging: Staging,
        in channel: (repository: String, name: String),
        _ caller: Caller
    ) async throws(Declined) -> Reply {
        let purl = upload.publication.release.purl
        let artifact = upload.publication.artifact
        guard let version = purl.version, let digest = staging.digests.first else {
            throw .malformed(artifact.file, "names no version")
        }
        do {
            let release = (purl.type, purl.path, version)
            let file = try hostedFile(release, artifact.file, (digest, staging.size), upload.listing)
            _ = try staging.commit()
            let now = configuration.now()
            let addition = try await records.add(file, to: channel, by: caller.actor, at: now)
            if addition.isRefusal { throw Front.refusal(of: artifact.file, addition) }
            return Reply(status: 200, headers: [HeaderField("Purser-Status", "\(addition)")])
        } catch { throw declined(error) }
    }

    private static func notTheFirst(_ channel: String, _ repository: Repository) -> Declined {
        Declined(
            Problem(
                .authForbidden,
                subject: channel,
                summary: "takes no uploads; files enter at \(repository.channels.first ?? "no channel")",
                remedy: "Upload there, and promote the build."
            )
        )
    }
}
