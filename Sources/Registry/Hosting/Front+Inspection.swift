internal import Archive
internal import Core
internal import Storage

/// Looks into files before they are hosted: a sound archive, and the name inside is the name outside.
extension Front {
    /// Who a file says it is inside, and what an index repeats of it; nil where its ecosystem does not look into files
    /// of that name, and for one that is not `claimed` to be a package and says nothing of the kind: many an archive is
    /// called `.tar.gz` that no package manager is meant to install.
    func inspected(
        _ file: String,
        at path: String,
        in ecosystem: any Ecosystem,
        isClaimed: Bool = true
    ) throws(Declined) -> (purl: Purl, listing: Listing)? {
        guard let ecosystem = ecosystem as? any InspectableEcosystem,
            let inspection = ecosystem.inspection(ofFile: file)
        else { return nil }
        do {
            let contents = try ArchiveScan.inspect(
                path: path,
                kind: Front.kind(inspection.format),
                allowsDataDescriptors: inspection.allowsDataDescriptors,
                wants: inspection.wants
            )
            if !isClaimed, contents.kept.isEmpty { return nil }
            let purl = try ecosystem.identity(ofFile: file, entries: contents.kept)
            return (purl, ecosystem.listing(ofFile: file, entries: contents.kept))
        } catch let error as ArchiveError {
            throw Front.unsound(file, error.message)
        } catch let error as Malformed {
            throw Front.unsound(file, error.what)
        } catch {
            throw declined(error)
        }
    }

    /// How an artifact of a build is hosted; nil for one whose ecosystem is not hosted here.
    func hostedFile(
        _ file: String,
        blob: (path: String, digest: Digest, size: Int64),
        purl: Purl?
    ) throws(Declined) -> HostedFile? {
        for ecosystem in configuration.ecosystems where ecosystem is any HostableEcosystem {
            guard purl.map({ $0.type == ecosystem.type }) ?? true else { continue }
            guard let found = try inspected(file, at: blob.path, in: ecosystem, isClaimed: purl != nil),
                let version = found.purl.version
            else { continue }
            let inside = found.purl
            if let purl, purl.package != inside.package || purl.version != inside.version {
                throw Front.disguised(file, outside: purl, inside: inside)
            }
            // An index lists a file by its name, and a resolver believes it.
            guard try Front.isCalled(inside, file, ecosystem) else {
                // Many an archive holds a package that it is not.
                if purl == nil, !file.hasSuffix(".whl") { continue }
                throw Front.unsound(file, "inside it is \(inside), which its name does not say")
            }
            return try hostedFile((inside.type, inside.path, version), file, (blob.digest, blob.size), found.listing)
        }
        return nil
    }

    /// Whether the name of the file says what it is inside.
    private static func isCalled(_ inside: Purl, _ file: String, _ ecosystem: any Ecosystem) throws(Declined) -> Bool {
        guard
            let url = try? HTTPURL(origin: Origin(.https, "hosted.invalid"), target: "/\(PercentEncoding.encode(file))")
        else { return false }
        return ecosystem.candidates(forFile: file, at: url).contains { outside in
            outside.package == inside.package && isSame(outside.version, inside.version, ecosystem)
        }
    }

    /// The row of a file; what is served beside it is kept now, so that the row never needs what is not there.
    func hostedFile(
        _ release: (type: String, package: String, version: String),
        _ file: String,
        _ content: (digest: Digest, size: Int64),
        _ listing: Listing
    ) throws(Declined) -> HostedFile {
        var attributes = listing.attributes
        var sidecar: HostedSidecar?
        if let part = listing.sidecar {
            do {
                let digest = try blobs.store(part.bytes).digest
                sidecar = HostedSidecar(suffix: part.suffix, digest: digest)
                attributes[part.attribute] = "sha256=\(digest.hex)"
            } catch { throw Declined(error) }
        }
        var hosted = HostedFile(
            release: release,
            file: file,
            content: content,
            published: configuration.now(),
            attributes: attributes
        )
        hosted.sidecar = sidecar
        return hosted
    }

    private static func kind(_ format: Inspection.Format) -> ArchiveKind {
        switch format {
        case .zip: .zip
        case .tar: .tar
        case .gem: .gem
        case .deb: .deb
        }
    }

    private static func unsound(_ file: String, _ what: String) -> Declined {
        Declined(
            Problem(
                .archiveMalformed,
                subject: file,
                summary: "Invalid distribution file: \(what)",
                remedy: "Build the file again; nothing of it was kept."
            ),
            status: 400
        )
    }

    static func disguised(_ file: String, outside: Purl, inside: Purl) -> Declined {
        Declined(
            Problem(
                .identityMismatch,
                subject: file,
                summary: "is called \(outside) but says inside that it is \(inside)",
                remedy: "Build the file again under its own name; nothing of it was kept."
            ),
            status: 400
        )
    }

    /// Why a file is not hosted, in the words that PyPI's clients look for.
    static func refusal(of file: String, _ addition: Addition) -> Declined {
        let (code, summary, remedy): (Problem.Code, String, String) =
            switch addition {
            case .differs(let digest):
                (
                    .versionExists, "File already exists, with \(digest)",
                    "Publish a new version; a released file never changes."
                )
            case .burned:
                (
                    .versionExists, "This filename has already been used, use a different version.",
                    "Publish a new version; the name of a deleted file is never used again."
                )
            case .tooClose(let name):
                (
                    .versionExists, "The name is too similar to an existing project: \(name)",
                    "Choose a name that people do not take for the other one."
                )
            case .added, .identical: (.bug, "was refused for no reason", "Report this.")
            }
        return Declined(Problem(code, subject: file, summary: summary, remedy: remedy))
    }
}
