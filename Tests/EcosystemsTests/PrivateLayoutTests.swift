import Core
import Ecosystems
import Testing

/// Private registries keep a repository under a prefix of their own (`--origin TYPE=URL`): what is asked there is read as it
/// is at the public host.
@Suite struct PrivateLayoutTests {
    /// What clients ask below the root of a repository: an index, a file, and what they are about.
    struct Layout: Sendable {
        let index: String
        let about: String
        let file: String
        let release: String
        /// The folder below which Nexus, Artifactory and GitLab keep it.
        let nexus: String
        let artifactory: String
        let gitlab: String
    }

    private static let sha = "sha256:\(String(repeating: "a", count: 64))"

    /// By type. A registry of containers is the whole of a host, so its prefix stands behind `/v2/`; git's is a path of
    /// groups.
    static let layouts: [String: Layout] = [
        "pypi": Layout(
            index: "simple/demo/",
            about: "pkg:pypi/demo",
            file: "packages/demo/1.0/demo-1.0-py3-none-any.whl",
            release: "pkg:pypi/demo@1.0",
            nexus: "/repository/py/",
            artifactory: "/artifactory/api/pypi/py/",
            gitlab: "/api/v4/projects/42/packages/pypi/"
        ),
        "npm": Layout(
            index: "@scope%2fdemo",
            about: "pkg:npm/%40scope/demo",
            file: "@scope/demo/-/demo-1.0.0.tgz",
            release: "pkg:npm/%40scope/demo@1.0.0",
            nexus: "/repository/js/",
            artifactory: "/artifactory/api/npm/js/",
            gitlab: "/api/v4/projects/42/packages/npm/"
        ),
        "deb": Layout(
            index: "dists/stable/main/binary-amd64/Packages.xz",
            about: "dists/stable/main/binary-amd64/Packages.xz",
            file: "pool/main/d/demo/demo_1.0_amd64.deb",
            release: "pkg:deb/debian/demo@1.0?arch=amd64",
            nexus: "/repository/apt/",
            artifactory: "/artifactory/apt/",
            gitlab: "/api/v4/projects/42/packages/debian/"
        ),
        "maven": Layout(
            index: "com/demo/lib/maven-metadata.xml",
            about: "pkg:maven/com.demo/lib",
            file: "com/demo/lib/1.0/lib-1.0.jar",
            release: "pkg:maven/com.demo/lib@1.0",
            nexus: "/repository/java/",
            artifactory: "/artifactory/java/",
            gitlab: "/api/v4/projects/42/packages/maven/"
        ),
        "composer": Layout(
            index: "p2/vendor/demo.json",
            about: "pkg:composer/vendor/demo",
            file: "archives/vendor-demo-1.0.zip",
            release: "",
            nexus: "/repository/php/",
            artifactory: "/artifactory/api/composer/php/",
            gitlab: "/api/v4/group/42/-/packages/composer/"
        ),
        "nuget": Layout(
            index: "flat2/demo.core/index.json",
            about: "pkg:nuget/demo.core",
            file: "flat2/demo.core/1.0.0/demo.core.1.0.0.nupkg",
            release: "pkg:nuget/demo.core@1.0.0",
            nexus: "/repository/net/v3/",
            artifactory: "/artifactory/api/nuget/v3/net/",
            gitlab: "/api/v4/projects/42/packages/nuget/"
        ),
        "helm": Layout(
            index: "index.yaml",
            about: "index.yaml",
            file: "demo-1.0.0.tgz",
            release: "pkg:helm/demo@1.0.0",
            nexus: "/repository/charts/",
            artifactory: "/artifactory/api/helm/charts/",
            gitlab: "/api/v4/projects/42/packages/helm/stable/"
        ),
        "conda": Layout(
            index: "noarch/repodata.json",
            about: "noarch/repodata.json",
            file: "noarch/demo-1.0-0.conda",
            release: "pkg:conda/demo@1.0",
            nexus: "/repository/conda/",
            artifactory: "/artifactory/api/conda/conda/",
            gitlab: "/api/v4/projects/42/packages/generic/"
        ),
        "cargo": Layout(
            index: "de/mo/demo",
            about: "pkg:cargo/demo",
            file: "demo/1.0.0/download",
            release: "pkg:cargo/demo@1.0.0",
            nexus: "/repository/rust/",
            artifactory: "/artifactory/api/cargo/rust/index/",
            gitlab: "/api/v4/projects/42/packages/cargo/"
        ),
        "golang": Layout(
            index: "git.demo.example/lib/@v/list",
            about: "pkg:golang/git.demo.example/lib",
            file: "git.demo.example/lib/@v/v1.0.0.zip",
            release: "pkg:golang/git.demo.example/lib@v1.0.0",
            nexus: "/repository/go/",
            artifactory: "/artifactory/api/go/go/",
            gitlab: "/api/v4/projects/42/packages/go/"
        ),
        "terraform": Layout(
            index: "v1/providers/demo/cloud/versions",
            about: "pkg:terraform/demo/cloud",
            file: "v1/providers/demo/cloud/1.0.0/download/linux/amd64",
            release: "pkg:terraform/demo/cloud@1.0.0",
            nexus: "/repository/tf/",
            artifactory: "/artifactory/api/terraform/tf/",
            gitlab: "/api/v4/packages/terraform/"
        ),
        "gem": Layout(
            index: "info/demo",
            about: "pkg:gem/demo",
            file: "gems/demo-1.0.0.gem",
            release: "pkg:gem/demo@1.0.0",
            nexus: "/repository/ruby/",
            artifactory: "/artifactory/api/gems/ruby/",
            gitlab: "/api/v4/projects/42/packages/rubygems/"
        ),
        "rpm": Layout(
            index: "repodata/repomd.xml",
            about: "repodata/repomd.xml",
            file: "Packages/demo-1.0-1.noarch.rpm",
            release: "pkg:rpm/demo@1.0-1?arch=noarch",
            nexus: "/repository/yum/",
            artifactory: "/artifactory/yum/",
            gitlab: "/api/v4/projects/42/packages/rpm/"
        ),
        "hex": Layout(
            index: "packages/demo",
            about: "pkg:hex/demo",
            file: "tarballs/demo-1.0.0.tar",
            release: "pkg:hex/demo@1.0.0",
            nexus: "/repository/hex/",
            artifactory: "/artifactory/hex/",
            gitlab: "/mirror/"
        ),
        "pub": Layout(
            index: "api/packages/demo",
            about: "pkg:pub/demo",
            file: "api/archives/demo-1.0.0.tar.gz",
            release: "pkg:pub/demo@1.0.0",
            nexus: "/repository/dart/",
            artifactory: "/artifactory/api/pub/dart/",
            gitlab: "/api/v4/projects/42/packages/pub/"
        ),
        "swift": Layout(
            index: "demo/lib",
            about: "pkg:swift/corp.example/demo/lib",
            file: "demo/lib/1.0.0.zip",
            release: "pkg:swift/corp.example/demo/lib@1.0.0",
            nexus: "/repository/swift/",
            artifactory: "/artifactory/api/swift/swift/",
            gitlab: "/api/v4/projects/42/packages/swift/"
        ),
        "oci": Layout(
            index: "demo/app/tags/list",
            about: "pkg:oci/app",
            file: "demo/app/blobs/\(sha)",
            release: "pkg:oci/app@\(sha)",
            nexus: "/v2/",
            artifactory: "/v2/docker-local/",
            gitlab: "/v2/group/project/"
        ),
        "git": Layout(
            index: "demo.git/info/refs?service=git-upload-pack",
            about: "conversation",
            file: "",
            release: "",
            nexus: "/repository/",
            artifactory: "/artifactory/api/vcs/git/",
            gitlab: "/group/sub/"
        ),
        "generic": Layout(
            index: "",
            about: "",
            file: "demo-1.0.bin",
            release: "",
            nexus: "/repository/raw/",
            artifactory: "/artifactory/generic/",
            gitlab: "/api/v4/projects/42/packages/generic/"
        ),
    ]

    static let origin = "https://corp.example"

    @Test func everyTypeHasItsLayouts() { #expect(Set(Self.layouts.keys) == Set(Catalog.all.map(\.type))) }

    private func intent(_ ecosystem: any Ecosystem, _ prefix: String, _ path: String) throws -> Intent? {
        try ecosystem.intent(of: Request(url: try HTTPURL("\(Self.origin)\(prefix)\(path)")))
    }

    /// The purl that an intent is about, or the part of the repository.
    private func subject(_ intent: Intent?) -> String {
        switch intent {
        case .index(.package(let purl)): purl.withoutQualifiers.description
        case .index(.repository(let part)): part
        case .artifact(let name): name.release.map(\.withoutQualifiers.description) ?? name.file
        case .conversation: "conversation"
        default: "\(String(describing: intent))"
        }
    }

    @Test(arguments: Catalog.all.map(\.type), ["nexus", "artifactory", "gitlab"])
    func readsIndexAndFileBelowThePrefix(type: String, server: String) throws {
        let ecosystem = try #require(Catalog.all.first { $0.type == type })
        let layout = try #require(Self.layouts[type])
        let prefix = server == "nexus" ? layout.nexus : server == "gitlab" ? layout.gitlab : layout.artifactory
        if !layout.index.isEmpty {
            let found = subject(try intent(ecosystem, prefix, layout.index))
            #expect(
                found == layout.about || found.hasSuffix("/\(layout.about)") || type == "helm"
                    || ecosystem.readsFromRoot,
                "\(found)"
            )
        }
        guard !layout.file.isEmpty else { return }
        let url = try HTTPURL("\(Self.origin)\(prefix)\(layout.file)")
        let read = try ecosystem.intent(of: Request(url: url))
        if layout.release.isEmpty {
            guard case .artifact? = read else {
                Issue.record("\(String(describing: read))")
                return
            }
            return
        }
        let bare = layout.release.prefix { $0 != "?" }
        if case .artifact(let name)? = read, name.release == nil {
            let candidates = ecosystem.candidates(forFile: name.file, at: url)
            #expect(candidates.contains { $0.withoutQualifiers.description == bare }, "\(candidates)")
        } else {
            #expect(subject(read) == bare)
        }
    }

    /// The owning index of a file asked by itself lies below the same prefix, which the gateway puts before this path.
    @Test(arguments: Catalog.all.map(\.type))
    func theOwningIndexKeepsToTheOrigin(type: String) throws {
        let ecosystem = try #require(Catalog.all.first { $0.type == type })
        let layout = try #require(Self.layouts[type])
        guard layout.about.hasPrefix("pkg:") else { return }
        let origin = try HTTPURL(Self.origin + "/").origin
        let request = ecosystem.indexRequest(for: try Purl(parsing: layout.about), at: origin)
        if let request { #expect(request.url.origin == origin) }
        let url = try HTTPURL("\(Self.origin)\(layout.nexus)\(layout.file)")
        guard case .artifact(let name)? = try ecosystem.intent(of: Request(url: url)) else { return }
        for statement in ecosystem.statements(about: name, at: url) {
            #expect(statement.url.origin == origin)
            #expect(statement.url.path.hasPrefix(layout.nexus), "\(statement.url)")
        }
    }
}

extension Purl {
    fileprivate var withoutQualifiers: Purl { Purl(type: type, namespace: namespace, name: name, version: version) }
}
