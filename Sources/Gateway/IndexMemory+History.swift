internal import Core
internal import Policy

/// What a release is compared with: the others of its package.
extension IndexMemory {
    /// Nil where no index of the package was read.
    func history(of package: Purl, isPrerelease: (String) -> Bool) -> ReleaseHistory? {
        let key = package.registryKey
        return withPackages { packages, releases in
            guard let known = packages[key] else { return nil }
            if let history = known.history { return history }
            let history = ReleaseHistory(known.positions.map { releases[Int($0)] }, isPrerelease: isPrerelease)
            packages[key] = (known.positions, history)
            return history
        }
    }

    /// The releases of a package that its own index listed.
    func releases(of package: Purl) -> [Release] {
        let key = package.registryKey
        return withPackages { packages, releases in (packages[key]?.positions ?? []).map { releases[Int($0)] } }
    }
}
