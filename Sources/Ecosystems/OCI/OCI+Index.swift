public import Core
internal import JSONText

extension OCI {
    /// The configuration of an image says for which machine it is and when it was built.
    public func companions(of index: Document, for request: Request, scope: IndexScope) -> [CompanionRequest] {
        guard let path = try? OCIPath(request.url), case .manifest = path.part,
            let root = try? OCI.root(of: index), let config = root["config"],
            let type = config["mediaType"]?.string, OCI.imageConfigurations.contains(type),
            let digest = config["digest"]?.string.flatMap({ try? OCIPath.digest($0) }),
            let url = OCI.blob(digest, of: path, at: request.url)
        else { return [] }
        return [CompanionRequest(url: url)]
    }

    public func readIndex(_ index: Document, companions: [Document], for request: Request, scope: IndexScope)
        throws(Malformed) -> PackageIndex
    {
        guard let path = try OCIPath(request.url) else { throw Malformed("the address is no document of a registry") }
        let root = try OCI.root(of: index)
        switch path.part {
        case .manifest(let reference):
            let release = try OCI.release(index, companions, path, reference, at: request.url.withoutFragment)
            return PackageIndex(scope: scope, releases: [release])
        case .tags:
            let package = OCI.package(path.repository, at: request.url.origin)
            let tags = try OCI.tags(of: root).map { $0.1 }
            return PackageIndex(scope: scope, releases: tags.map { OCI.release(tagged: $0, of: package) })
        case .referrers:
            guard root["manifests"]?.kind == .array else { throw Malformed("the list of referrers has no manifests") }
            return PackageIndex(scope: scope, releases: [])
        case .blob, .upload: throw Malformed("a blob is no index")
        }
    }

    /// Clients check the digest of a manifest, so it stays as it is; of a list of tags, those refused are left out.
    public func writeIndex(_ index: Document, for request: Request, scope: IndexScope, view: IndexView)
        throws(Malformed) -> Document
    {
        guard let path = try OCIPath(request.url) else { throw Malformed("the address is no document of a registry") }
        guard case .tags = path.part else { return index }
        let package = OCI.package(path.repository, at: request.url.origin)
        let document: JSONDocument
        do { document = try JSONDocument(index.bytes) } catch { throw Malformed(error.message, offset: error.offset) }
        var edit = JSONEdit(document)
        for (node, tag) in try OCI.tags(of: document.root) {
            if !view.keeps(OCI.release(tagged: tag, of: package), Artifact(file: "")) { edit.remove(node) }
        }
        guard !edit.isEmpty else { return index }
        return Document(edit.bytes(), contentType: index.contentType, url: index.url)
    }
}

extension OCI {
    static let imageConfigurations: Set<String> = [
        "application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json",
    ]

    static func root(of document: Document) throws(Malformed) -> JSONNode {
        let root: JSONNode
        do { root = try JSONDocument(document.bytes).root } catch {
            throw Malformed(error.message, offset: error.offset)
        }
        guard root.kind == .object else { throw Malformed("the document is no JSON object") }
        return root
    }

    /// A tag beside the place where it stands. `tags` may be null for an empty repository.
    private static func tags(of root: JSONNode) throws(Malformed) -> [(JSONNode, String)] {
        guard let list = root["tags"] else { throw Malformed("the list of tags has no tags") }
        guard list.kind == .array else { return [] }
        return list.elements.compactMap { node in
            node.string.flatMap { OCIPath.isTag($0) ? (node, $0) : nil }
        }
    }

    private static func release(tagged tag: String, of package: Purl) -> Release {
        Release(purl: package.with(["tag": tag]))
    }

    static func blob(_ digest: Digest, of path: OCIPath, at url: HTTPURL) -> HTTPURL? {
        try? HTTPURL(origin: url.origin, target: "/v2/\(path.repository)/blobs/\(digest)")
    }
}
