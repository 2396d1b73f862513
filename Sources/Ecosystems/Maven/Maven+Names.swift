public import Core

extension Maven {
    /// Folders, the metadata of groups and of snapshots: every split of the path into group and artifact.
    public func names(in request: Request) -> [Purl] {
        let segments = Array(request.url.segments.suffix(16))
        let isFolder = request.url.path.hasSuffix("/")
        var names: [Purl] = []
        for start in segments.indices {
            for end in segments.indices.dropFirst(start + 1) {
                let group = segments[start..<end].joined(separator: ".")
                names.append(Purl(type: type, namespace: group, name: segments[end]))
            }
            if isFolder {
                names.append(Purl(type: type, namespace: segments[start...].joined(separator: "."), name: "-"))
            }
        }
        return names
    }
}
