public import Core
internal import JSONText

extension NuGet {
    /// packages.lock.json. Its `contentHash` is no digest of the file: signed packages, which all of nuget.org's are, are
    /// hashed without their signature. So it pins releases, and dotnet itself checks the hash.
    public func pins(in document: [UInt8], named name: String) throws(Malformed) -> [Pin] {
        let root = try NuGet.root(of: Document(document))
        guard let frameworks = root["dependencies"], frameworks.kind == .object else {
            throw Malformed("the lockfile has no dependencies")
        }
        var pins: [Pin] = []
        var seen: Set<Purl> = []
        for framework in frameworks.members {
            for dependency in framework.node.members {
                // Projects of the same solution are no packages.
                guard dependency.node["type"]?.string != "Project",
                    let version = dependency.node["resolved"]?.string,
                    let release = try? NuGet.release(dependency.key, version), seen.insert(release).inserted
                else { continue }
                pins.append(Pin(release: release, file: NuGet.file(of: release)))
            }
        }
        return pins
    }

    public func ignorableAnswer(to request: Request) -> Document? {
        let segments = request.url.segments
        let text: String? =
            if segments.contains("vulnerabilities"), request.url.file == "index.json" {
                "[]"
            } else if case .search? = try? intent(of: request) {
                #"{"data":[],"totalHits":0}"#
            } else {
                nil
            }
        return text.map { Document(Array($0.utf8), contentType: "application/json") }
    }
}
