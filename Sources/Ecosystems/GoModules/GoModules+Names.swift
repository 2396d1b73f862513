public import Core

extension GoModules {
    /// The go command asks for every parent of a path, so a path tells of the modules below it.
    public func names(in request: Request) -> [Purl] {
        guard case .index(.package(let package))? = try? intent(of: request) else { return [] }
        return [Purl(type: type, namespace: package.path, name: "-")]
    }
}
