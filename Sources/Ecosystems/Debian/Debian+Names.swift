public import Core

extension Debian {
    /// Source archives are in a folder of the source's name: `pool/main/a/acme-tool/acme-tool_1.0.orig.tar.xz`.
    public func names(in request: Request) -> [Purl] {
        let vendor = DebianPath(request.url).vendor
        return request.url.segments.flatMap { segment in
            Set([segment, String(segment.prefix { $0 != "_" })]).map { name in
                Purl(type: type, namespace: vendor, name: name.lowercased())
            }
        }
    }
}
