public import Core

/// Repositories of the Maven 2 layout, as Maven, Gradle, sbt and Ivy use them.
public struct Maven: Ecosystem {
    public init() {}

    public var type: String { "maven" }
    public var hosts: [String] { MavenRoot.hosts }
    public var defaultOrigin: Origin? { Origin(.https, "repo.maven.apache.org") }
    /// The format has no publish time; a server's `Last-Modified` stands in for it where there is one.
    public var registryAssignsTimes: Bool { false }
    public var lockfileNames: [String] { ["*.lockfile", "verification-metadata.xml"] }

    public func intent(of request: Request) throws(Malformed) -> Intent? {
        let place = try MavenPath(request.url)
        switch request.method {
        case "GET", "HEAD": return place.flatMap(Maven.readIntent)
        case "PUT": return .publish(place?.release)
        case "DELETE": return .yank(place?.release)
        // Staging servers and the publisher portal take bundles and orders so.
        case "POST": return Maven.isStaging(request.url) ? .publish(nil) : nil
        default: return nil
        }
    }

    private static func readIntent(_ place: MavenPath) -> Intent {
        switch place.kind {
        case .artifact(let purl):
            place.checksum == nil
                ? .artifact(ArtifactName(release: purl, file: place.file)) : .index(.package(purl))
        case .versions(let package): .index(.package(package))
        case .signature(let purl): .sidecar(release: purl, file: place.file)
        case .service: place.file.isEmpty ? .passThrough : .sidecar(release: nil, file: place.file)
        }
    }

    private static func isStaging(_ url: HTTPURL) -> Bool {
        let segments = url.segments
        return segments.starts(with: ["api", "v1", "publisher"]) || segments.contains("staging")
    }

    public func compare(_ a: String, _ b: String) -> Int? {
        guard let a = MavenVersion(a), let b = MavenVersion(b) else { return nil }
        return a < b ? -1 : b < a ? 1 : 0
    }

    public func isPrerelease(_ version: String) -> Bool { MavenVersion(version)?.isPrerelease ?? false }

    /// No variable of Maven or Gradle adds a repository: their settings files are replaced as a whole or not at all, so both
    /// come by the proxy in either mode. What is set here makes them heed the JVM's proxy and start anew.
    public func clientSettings(for endpoint: Endpoint) -> ClientSettings {
        guard !endpoint.clients.isDisjoint(with: ["java", "mvn", "gradle"]) else { return ClientSettings() }
        // Maven from 3.9 on brings a transport of its own, which reads the JVM's proxy only where it is told to.
        let maven = [
            "-Daether.connector.http.useSystemProperties=true", "-Daether.transport.apache.useSystemProperties=true",
        ]
        // A daemon keeps the environment of its first start, so it would miss this session or outlive it.
        let gradle = ["-Dorg.gradle.daemon=false"]
        return ClientSettings(environment: [
            "MAVEN_ARGS": Maven.adding(maven, to: endpoint.environment["MAVEN_ARGS"]),
            "GRADLE_OPTS": Maven.adding(gradle, to: endpoint.environment["GRADLE_OPTS"]),
        ])
    }

    private static func adding(_ options: [String], to own: String?) -> String {
        ((own.map { [$0] } ?? []).filter { !$0.isEmpty } + options).joined(separator: " ")
    }
}
