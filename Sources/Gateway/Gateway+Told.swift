public import Core

/// What one gateway tells another of packages, so that all pins of a lockfile are one question to the central registry.
extension Gateway {
    /// What the public index of a package lists, whatever policy makes of it. Nil where it cannot be had, where there is no
    /// public one, and for names that may not leave.
    public func publicReleases(of package: Purl) async -> [Release]? {
        guard let exchange = publicExchange(package) else { return nil }
        do { try await readPinnedIndex(of: package, exchange) } catch { return nil }
        let releases = memory.releases(of: package.package)
        return releases.isEmpty ? nil : releases
    }

    /// Whether the public index would be asked about this pin, so that somebody may be asked who knows what it says.
    public func isPublic(_ pin: Pin) -> Bool {
        guard let exchange = publicExchange(pin.release),
            !pin.isOfRepository,
            pin.url.map({ exchange.ecosystem.hosts.contains($0.origin.host) && declaration(for: $0) == nil }) ?? true
        else { return false }
        return nameVerdict(of: .index(.package(pin.release.package)), exchange) == nil
    }

    /// Learns what another told of a package; its index is not asked any more.
    public func learn(_ releases: [Release], of package: Purl) {
        memory.learn(PackageIndex(scope: .package(package.package), releases: releases))
        memory.noteTold(package)
    }

    private func publicExchange(_ release: Purl) -> Exchange? {
        guard let ecosystem = configuration.ecosystems.first(where: { $0.type == release.type }),
            release.qualifiers["repository_url"] == nil, !configuration.mirrored.contains(ecosystem.type),
            let origin = ecosystem.defaultOrigin, ecosystem.hosts.contains(origin.host),
            let request = ecosystem.indexRequest(for: release.package, at: origin)
                ?? ecosystem.indexRequest(forPinned: release)
        else { return nil }
        return exchange(ClientRequest(request: request), ecosystem)
    }
}
