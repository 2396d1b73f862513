public import Core

extension OCI {
    /// Repositories stand in the scope of a token, in `from` of a mount and in the path of referrers too.
    public func names(in request: Request) -> [Purl] {
        let url = request.url
        let host = url.origin.host == "auth.docker.io" ? Origin(.https, "registry-1.docker.io") : url.origin
        var names = (try? OCIPath(url)).map { [$0.repository] } ?? []
        let form = String(decoding: request.body.prefix(1 << 16), as: UTF8.self)
        for pair in [url.query ?? "", form].joined(separator: "&").split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, let value = PercentEncoding.decode(parts[1].replacing("+", with: " ")) else {
                continue
            }
            if parts[0] == "from" { names.append(value) }
            guard parts[0] == "scope" else { continue }
            for scope in value.split(separator: " ") {
                // `repository:NAME:pull,push`; a name may hold a port.
                let words = scope.split(separator: ":")
                if words.count > 2 { names.append(words[1..<(words.count - 1)].joined(separator: ":")) }
            }
        }
        return names.map { OCI.package($0, at: host) }
    }
}
