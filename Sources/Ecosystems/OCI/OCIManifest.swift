internal import Core
internal import JSONText

extension OCI {
    /// The image that a manifest is, with the manifest itself, its configuration and its layers as files.
    static func release(
        _ index: Document,
        _ companions: [Document],
        _ path: OCIPath,
        _ reference: OCIPath.Reference,
        at url: HTTPURL
    ) throws(Malformed) -> Release {
        let root = try OCI.root(of: index)
        try checkKind(root, of: index)
        var purl = package(path.repository, at: url.origin)
        var own: [Digest] = index.digest.map { [$0] } ?? []
        switch reference {
        case .tag(let tag):
            guard let digest = own.first else { throw Malformed("the manifest's digest is not known") }
            purl = purl.at(digest.description).with(["tag": tag])
        case .digest(let digest):
            purl = purl.at(digest.description)
            if !own.contains(digest) { own.append(digest) }
        }
        let facts = OCIFacts(root, companions)
        if let machine = facts.machine { purl = purl.with(["arch": machine]) }
        var release = Release(purl: purl)
        release.published = facts.created.map { PublishTime($0, basis: .authorTime) }
        release.license = facts.license
        let manifest = Artifact(file: "manifest", url: url, digests: own, size: Int64(index.bytes.count))
        release.artifacts = [manifest] + blobs(of: root, path, at: url)
        return release
    }

    /// A document that one client takes for a list of images and another for an image (CVE-2021-41190) is neither.
    private static func checkKind(_ root: JSONNode, of index: Document) throws(Malformed) {
        let isList = root["manifests"] != nil
        let isImage =
            root["layers"] != nil || root["config"] != nil || root["fsLayers"] != nil
            || root["blobs"] != nil
        guard isList != isImage else { throw Malformed("the document is no manifest, or two kinds of one") }
        let said = index.contentType.prefix { $0 != ";" }.lowercased()
        guard let own = root["mediaType"]?.string?.lowercased(), said.contains("manifest") || said.contains("index")
        else { return }
        guard own == said else { throw Malformed("the manifest calls itself '\(own)', its registry '\(said)'") }
    }

    /// Configuration and layers, each once: images repeat the empty layer.
    private static func blobs(of root: JSONNode, _ path: OCIPath, at url: HTTPURL) -> [Artifact] {
        var parts = root["config"].map { [$0] } ?? []
        for name in ["layers", "blobs"] {
            if let list = root[name], list.kind == .array { parts += list.elements }
        }
        var found: [Artifact] = []
        var seen: Set<Digest> = []
        for part in parts {
            guard let digest = part["digest"]?.string.flatMap({ try? OCIPath.digest($0) }),
                seen.insert(digest).inserted
            else { continue }
            let size = part["size"]?.integer.flatMap { $0 >= 0 ? $0 : nil }
            let place = blob(digest, of: path, at: url)
            found.append(Artifact(file: digest.description, url: place, digests: [digest], size: size))
        }
        if let old = root["fsLayers"], old.kind == .array {
            for layer in old.elements {
                guard let digest = layer["blobSum"]?.string.flatMap({ try? OCIPath.digest($0) }),
                    seen.insert(digest).inserted
                else { continue }
                let place = blob(digest, of: path, at: url)
                found.append(Artifact(file: digest.description, url: place, digests: [digest]))
            }
        }
        return found
    }
}

/// What annotations and the configuration say of an image; all of it was written by whoever built it.
private struct OCIFacts {
    var created: Timestamp?
    var license: String?
    var machine: String?

    init(_ root: JSONNode, _ companions: [Document]) {
        let notes = root["annotations"]
        created = OCIFacts.time(notes?["org.opencontainers.image.created"])
        license = notes?["org.opencontainers.image.licenses"]?.string
        for companion in companions {
            guard let config = try? OCI.root(of: companion) else { continue }
            created = created ?? OCIFacts.time(config["created"])
            license = license ?? config["config"]?["Labels"]?["org.opencontainers.image.licenses"]?.string
            machine = machine ?? config["architecture"]?.string.flatMap(OCIFacts.word)
        }
    }

    /// Reproducible builds write 1970 or 1980: a time before there were images says nothing.
    private static func time(_ node: JSONNode?) -> Timestamp? {
        guard let time = node?.string.flatMap({ Timestamp(rfc3339: $0) }), time.seconds > 1_362_096_000 else {
            return nil
        }
        return time
    }

    private static func word(_ text: String) -> String? {
        let isWord = !text.isEmpty && text.utf8.count <= 32 && text.utf8.allSatisfy(PercentEncoding.isUnreserved)
        return isWord ? text : nil
    }
}
