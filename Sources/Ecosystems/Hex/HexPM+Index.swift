public import Core
internal import JSONText

extension HexPM {
    /// The signed index says nothing of publish times; the API of the public registry does.
    public func companions(of index: Document, for request: Request, scope: IndexScope) -> [CompanionRequest] {
        guard case .package(let package) = scope, package.namespace == nil, request.url.origin.host == HexPM.home,
            let url = try? HTTPURL(origin: Origin(.https, HexPM.apiHost), target: "/api/packages/\(package.name)")
        else { return [] }
        return [CompanionRequest(url: url, accept: "application/json")]
    }

    public func readIndex(_ index: Document, companions: [Document], for request: Request, scope: IndexScope)
        throws(Malformed) -> PackageIndex
    {
        guard case .package(let package) = scope else { return PackageIndex(scope: scope, releases: []) }
        guard let mark = request.url.path.ranges(of: "/packages/").last else {
            throw Malformed("the address is not that of a package's index")
        }
        let folder = String(request.url.path[..<mark.lowerBound]) + "/"
        let root = try HTTPURL(origin: request.url.origin, target: folder)
        var releases = try HexPackage(index.bytes, of: package, below: root).releases
        for companion in companions {
            // A companion that cannot be read adds nothing; what stays unknown is policy's to judge.
            guard let document = try? JSONDocument(companion.bytes), document.root["name"]?.string == package.name
            else {
                continue
            }
            HexPM.complete(&releases, from: document.root)
        }
        return PackageIndex(scope: scope, releases: releases)
    }

    private static func complete(_ releases: inout [Release], from root: JSONNode) {
        var times: [String: Timestamp] = [:]
        for entry in root["releases"].map({ Array($0.elements) }) ?? [] {
            guard let version = entry["version"]?.string, let text = entry["inserted_at"]?.string else { continue }
            times[version] = Timestamp(rfc3339: text)
        }
        let licenses = root["meta"]?["licenses"].map { $0.elements.compactMap(\.string) } ?? []
        for index in releases.indices {
            let time = times[releases[index].purl.version ?? ""].map { PublishTime($0, basis: .registryTime) }
            releases[index].published = time
            if !licenses.isEmpty { releases[index].license = licenses.joined(separator: " OR ") }
            for artifact in releases[index].artifacts.indices { releases[index].artifacts[artifact].published = time }
        }
    }

    public func pins(in document: [UInt8], named name: String) throws(Malformed) -> [Pin] {
        if name == "manifest.toml" { return try HexPM.gleamPins(document) }
        return try name == "rebar.lock" ? ErlangTerms.rebarPins(document) : ErlangTerms.mixPins(document)
    }

    /// Gleam's manifest.toml. Other tools have files of that name too, without `source = "hex"`.
    private static func gleamPins(_ document: [UInt8]) throws(Malformed) -> [Pin] {
        let root = try TOMLText.parse(document)
        return (root["packages"]?.list ?? []).compactMap { entry in
            guard entry["source"]?.string == "hex" else { return nil }
            return pin(entry["name"]?.string, entry["version"]?.string, outer: entry["outer_checksum"]?.string)
        }
    }

    static func pin(_ name: String?, _ version: String?, outer: String?, of repository: String? = nil) -> Pin? {
        guard let name, let version, HexPM.version(version) != nil else { return nil }
        // `hexpm:NAME` is how mix calls an organization's repository.
        let organization = repository.flatMap { text -> String? in
            let last = text.split(separator: ":").last.map(String.init)
            return text == "hexpm" ? nil : last
        }
        guard let package = try? HexPM.package(name, organization) else { return nil }
        let digest = outer.flatMap { Digest(.sha256, hex: $0) }
        return Pin(
            release: package.at(version),
            file: "\(name)-\(version).tar",
            digests: digest.map { [$0] } ?? []
        )
    }
}
