import Core
import Crypto
import TestKit

/// A package on the fake npm registry.
struct NodePackage {
    /// One release.
    struct Release {
        var version: String
        var published = Moment.old
        var dependencies: [String: String] = [:]
    }

    let name: String
    let releases: [Release]
    /// What the index says further of each tarball, with a comma before it.
    var more = ""

    func path(_ version: String) -> String { "/npm/\(name)/-/\(name)-\(version).tgz" }
    func url(_ version: String) -> String { "https://registry.npmjs.org/\(name)/-/\(name)-\(version).tgz" }

    private func manifest(_ release: Release) -> String {
        let needs = release.dependencies.map { "\"\($0.key)\":\"\($0.value)\"" }.sorted().joined(separator: ",")
        return "\"name\":\"\(name)\",\"version\":\"\(release.version)\",\"dependencies\":{\(needs)}"
    }

    func tarball(_ release: Release) -> [UInt8] {
        Archives.gzip(
            Archives.tar([
                ("package/package.json", Array("{\(manifest(release))}".utf8)),
                ("package/index.js", Array("module.exports = '\(release.version)'\n".utf8)),
            ])
        )
    }

    private func integrity(_ bytes: [UInt8]) -> String {
        Core.Digest(.sha512, bytes: Array(SHA512.hash(data: bytes)))?.integrity ?? ""
    }

    /// Puts document and tarballs on the fake; a tarball with these answers where they are given.
    func serve(on fake: FakeUpstream, _ answers: [FakeAnswer] = []) {
        let versions = releases.map { release in
            let bytes = tarball(release)
            fake.serve(path(release.version), answers.isEmpty ? [FakeAnswer(bytes)] : answers)
            return """
                "\(release.version)":{\(manifest(release)),"dist":{"tarball":"\(url(release.version))",\
                "integrity":"\(integrity(bytes))","shasum":"\(Workshop.sha1(bytes))"\(more)}}
                """
        }
        let times = releases.map { "\"\($0.version)\":\"\($0.published)\"" }.joined(separator: ",")
        let document = """
            {"name":"\(name)","dist-tags":{"latest":"\(releases.last?.version ?? "")"},\
            "versions":{\(versions.joined(separator: ","))},"time":{"created":"\(Moment.old)",\(times)}}
            """
        fake.serve("/npm/\(name)", FakeAnswer(document, type: "application/json").tagged("\"\(name)\""))
        fake.serve("/npm/-/npm/v1/security/advisories/bulk", FakeAnswer("{}", type: "application/json"))
    }

    /// A package `demo` and its only dependency.
    static func demo(on fake: FakeUpstream, young: Bool = false) -> (demo: NodePackage, leaf: NodePackage) {
        var releases = [Release(version: "1.0.0", dependencies: ["leaf": "^1.0.0"])]
        if young {
            releases.append(Release(version: "1.1.0", published: Moment.anHourAgo, dependencies: ["leaf": "^1.0.0"]))
        }
        let demo = NodePackage(name: "demo", releases: releases)
        let leaf = NodePackage(name: "leaf", releases: [Release(version: "1.2.0")])
        demo.serve(on: fake)
        leaf.serve(on: fake)
        return (demo, leaf)
    }
}
