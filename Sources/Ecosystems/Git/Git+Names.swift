public import Core

extension Git {
    /// Pages, archives and large files of a host tell of a repository as well as git's own requests do.
    public func names(in request: Request) -> [Purl] {
        let host = request.url.origin.host
        guard hosts.contains(host) else { return [] }
        let parts = request.url.path.split(separator: "/")
        guard parts.count > 1 else { return [] }
        // Groups of GitLab nest, so any of these may be the repository.
        let depths = host == "github.com" || host == "bitbucket.org" ? 2...2 : 2...min(parts.count, 8)
        return depths.compactMap { depth in
            try? Git.repository(request.url, path: parts.prefix(depth).joined(separator: "/"))
        }
    }
}
