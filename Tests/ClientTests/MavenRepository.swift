import Core
import TestKit

/// An artifact on the fake of Maven Central: its releases, each a jar with a model, and the checksums beside everything.
struct MavenArtifact {
    /// One release.
    struct Release {
        var version: String
        var published = Moment.old
        /// The version of `test:leaf` that the model asks for.
        var leaf: String?
    }

    let name: String
    let releases: [Release]

    func path(_ version: String, _ type: String = "jar") -> String {
        "/maven/maven2/test/\(name)/\(version)/\(name)-\(version).\(type)"
    }

    func jar(_ release: Release) -> [UInt8] {
        Archives.zip([
            ("META-INF/MANIFEST.MF", Array("Manifest-Version: 1.0\r\n\r\n".utf8)),
            ("\(name).txt", Array("\(release.version)\n".utf8)),
        ])
    }

    private func model(_ release: Release) -> String {
        let leaf = release.leaf.map { version in
            """
            <dependencies><dependency><groupId>test</groupId><artifactId>leaf</artifactId>\
            <version>\(version)</version></dependency></dependencies>
            """
        }
        return """
            <project><modelVersion>4.0.0</modelVersion><groupId>test</groupId><artifactId>\(name)</artifactId>\
            <version>\(release.version)</version>\(leaf ?? "")</project>
            """
    }

    /// Puts everything on the fake.
    func serve(on fake: FakeUpstream) {
        let versions = releases.map { "<version>\($0.version)</version>" }.joined()
        let newest = releases.last?.version ?? ""
        let metadata = """
            <metadata><groupId>test</groupId><artifactId>\(name)</artifactId><versioning><latest>\(newest)</latest>\
            <release>\(newest)</release><versions>\(versions)</versions></versioning></metadata>
            """
        serve(Array(metadata.utf8), "/maven/maven2/test/\(name)/maven-metadata.xml", Moment.old, fake)
        for release in releases {
            serve(Array(model(release).utf8), path(release.version, "pom"), release.published, fake)
            serve(jar(release), path(release.version), release.published, fake)
        }
    }

    private func serve(_ bytes: [UInt8], _ path: String, _ published: String, _ fake: FakeUpstream) {
        let date = Timestamp(rfc3339: published)?.httpDate ?? ""
        fake.serve(path, FakeAnswer(bytes).with("Last-Modified", date))
        fake.serve("\(path).sha1", FakeAnswer(Workshop.sha1(bytes), type: "text/plain"))
        fake.serve("\(path).sha256", FakeAnswer(Workshop.hex(bytes), type: "text/plain"))
    }

    /// An artifact `demo`, which needs any `leaf` from 1 on.
    static func demo(on fake: FakeUpstream, young: Bool = false) -> (demo: MavenArtifact, leaf: MavenArtifact) {
        let demo = MavenArtifact(name: "demo", releases: [Release(version: "1.0", leaf: "[1,2)")])
        var releases = [Release(version: "1.0"), Release(version: "1.1")]
        if young { releases.append(Release(version: "1.2", published: Moment.anHourAgo)) }
        let leaf = MavenArtifact(name: "leaf", releases: releases)
        demo.serve(on: fake)
        leaf.serve(on: fake)
        return (demo, leaf)
    }
}
