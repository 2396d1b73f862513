public import Core

extension Maven {
    /// Folders, the metadata of groups and of snapshots: every split of the path into group and artifact.
    public func names(in request: Request) -> [Purl] {
        let segments = request.url.segments.suffix(16).filter { !$0.isEmpty }
        let isFile = !request.url.path.hasSuffix("/")
        return segments.indices.flatMap { start in
            segments.indices.dropFirst(start + 1).map { end in
                let group = segments[start..<end].joined(separator: ".")
                return Purl(type: type, namespace: group, name: segments[end])
            } + (isFile ? [] : [Purl(type: type, namespace: segments[start...].joined(separator: "."), name: "-")])
        }
    }
}
