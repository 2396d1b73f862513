import Core
import Ecosystems
import Gateway
import TestKit
import Testing

/// Dependency confusion: an internal name reaches no public registry, whatever the ecosystem, the route and the spelling.
@Suite struct NamesTests {
    /// What is declared internal, by type.
    private static let ours: [String: String] = [
        "pypi": "pkg:pypi/acme-*", "npm": "pkg:npm/@acme/*", "deb": "pkg:deb/debian/acme-*",
        "oci": "pkg:oci/*?repository_url=docker.io/acme/*", "maven": "pkg:maven/com.acme/*",
        "composer": "pkg:composer/acme/*", "nuget": "pkg:nuget/acme.*", "helm": "pkg:helm/acme-*",
        "conda": "pkg:conda/acme-*", "cargo": "pkg:cargo/acme-*", "golang": "pkg:golang/git.acme.example/*",
        "terraform": "pkg:terraform/acme/*", "gem": "pkg:gem/acme-*", "rpm": "pkg:rpm/fedora/acme-*",
        "hex": "pkg:hex/acme_*", "pub": "pkg:pub/acme_*", "git": "pkg:github/acme/*",
    ]
    /// They have no public host: nothing of theirs can be asked of one.
    private static let hostless: Set<String> = ["swift", "generic"]

    private static func setting(_ change: (inout Scene.Setting) -> Void = { _ in }) -> Scene.Setting {
        let more = ["pkg:git/gitlab.com/acme/*", "pkg:conda/*?channel=acme"]
        let patterns = (Array(ours.values) + more).sorted().map { "\"\($0)\"" }.joined(separator: ", ")
        return Scene.Setting {
            $0.policy = "version: 1\nmode: enforce\nrules: { namespace.internal: [\(patterns)] }\n"
            change(&$0)
        }
    }

    private static let digest = "sha256:\(String(repeating: "a", count: 64))"

    private static let routes: [String: [String]] = [
        "pypi": [
            "https://pypi.org/simple/acme-core/", "https://pypi.org/simple/Acme.Core/",
            "https://pypi.org/simple/acme%5Fcore/", "https://pypi.org/simple/ACME--core/",
            "https://pypi.org/pypi/acme_core/json", "https://pypi.org/pypi/acme-core/1.0/json",
            "https://files.pythonhosted.org/packages/aa/bb/acme_core-99.0-py3-none-any.whl",
            "https://files.pythonhosted.org/packages/aa/bb/acme_core-99.0-py3-none-any.whl.metadata",
            "https://files.pythonhosted.org/packages/aa/bb/acme-core-99.0.tar.gz",
            "https://files.pythonhosted.org/packages/aa/bb/acme-core-99.0.tar.gz.asc",
            "https://pypi.org/integrity/acme-core/99.0/acme_core-99.0-py3-none-any.whl/provenance",
            "https://pypi.org/project/acme-core/", "https://pypi.org/search/?q=acme-core",
            "https://pypi.org/rss/project/acme-core/releases.xml",
        ],
        "npm": [
            "https://registry.npmjs.org/@acme%2ftool", "https://registry.npmjs.org/@acme/tool",
            "https://registry.npmjs.org/%40acme%2Ftool", "https://registry.npmjs.org/@Acme%2ftool",
            "https://registry.yarnpkg.com/@acme%2ftool",
            "https://registry.npmjs.org/@acme/tool/-/tool-99.0.0.tgz", "https://registry.npmjs.org/@acme/tool/latest",
            "https://registry.npmjs.org/@acme/tool/1.0.0", "https://registry.npmjs.org/@acme%2ftool?write=true",
            "https://registry.npmjs.org/-/v1/search?text=@acme/tool&size=20",
            "https://registry.npmjs.org/-/v1/search?text=scope:acme",
            "https://registry.npmjs.org/-/package/@acme%2ftool/dist-tags",
            "https://registry.npmjs.org/-/npm/v1/attestations/@acme%2ftool@1.0.0",
        ],
        "deb": [
            "http://deb.debian.org/debian/pool/main/a/acme-tool/acme-tool_1.0_amd64.deb",
            "http://deb.debian.org/debian/pool/main/a/acme-tool/acme-tool_1.0.dsc",
            "http://deb.debian.org/debian/pool/main/a/acme-tool/acme-tool_1.0.orig.tar.xz",
            "https://snapshot.debian.org/mr/package/acme-tool/",
        ],
        "oci": [
            "https://registry-1.docker.io/v2/acme/app/manifests/latest",
            "https://registry-1.docker.io/v2/acme/app/manifests/\(digest)",
            "https://registry-1.docker.io/v2/acme/app/blobs/\(digest)",
            "https://registry-1.docker.io/v2/acme/app/tags/list",
            "https://registry-1.docker.io/v2/acme/app/referrers/\(digest)",
            "https://auth.docker.io/token?service=registry.docker.io&scope=repository:acme/app:pull",
            "https://auth.docker.io/token?scope=repository%3Aacme%2Fapp%3Apull",
        ],
        "maven": [
            "https://repo.maven.apache.org/maven2/com/acme/lib/maven-metadata.xml",
            "https://repo.maven.apache.org/maven2/com/acme/lib/maven-metadata.xml.sha1",
            "https://repo.maven.apache.org/maven2/com/acme/lib/1.0/lib-1.0.jar",
            "https://repo.maven.apache.org/maven2/com/acme/lib/1.0/lib-1.0.pom.sha1",
            "https://repo.maven.apache.org/maven2/com/acme/lib/1.0/lib-1.0.jar.asc",
            "https://repo1.maven.org/maven2/com/acme/lib/1.0/lib-1.0.pom",
            "https://repo.maven.apache.org/maven2/com/acme/maven-metadata.xml",
            "https://repo.maven.apache.org/maven2/com/acme/lib/1.0-SNAPSHOT/maven-metadata.xml",
            "https://repo.maven.apache.org/maven2/com/acme/sub/lib/1.0/lib-1.0.jar",
            "https://repo.maven.apache.org/maven2/com/acme/lib/", "https://repo.maven.apache.org/maven2/com/acme/",
        ],
        "composer": [
            "https://repo.packagist.org/p2/acme/lib.json", "https://repo.packagist.org/p2/Acme/Lib~dev.json",
            "https://packagist.org/packages/acme/lib.json", "https://packagist.org/search.json?q=acme/lib",
            "https://packagist.org/packages/acme/lib/stats.json",
        ],
        "nuget": [
            "https://api.nuget.org/v3-flatcontainer/acme.core/index.json",
            "https://api.nuget.org/v3-flatcontainer/acme.core/1.0.0/acme.core.1.0.0.nupkg",
            "https://api.nuget.org/v3-flatcontainer/acme.core/1.0.0/acme.core.nuspec",
            "https://api.nuget.org/v3/registration5-gz-semver2/acme.core/index.json",
            "https://api.nuget.org/v3/registration5-gz-semver2/acme.core/1.0.0.json",
            "https://www.nuget.org/api/v2/package/Acme.Core/1.0.0",
            "https://www.nuget.org/api/v2/FindPackagesById()?id='Acme.Core'",
            "https://www.nuget.org/packages/Acme.Core",
            "https://azuresearch-usnc.nuget.org/query?q=Acme.Core",
            "https://azuresearch-usnc.nuget.org/autocomplete?id=ACME.Core",
        ],
        "helm": [
            "https://charts.helm.sh/stable/acme-app-1.0.0.tgz", "https://charts.helm.sh/stable/acme-app-1.0.0.tgz.prov",
        ],
        "conda": [
            "https://conda.anaconda.org/conda-forge/linux-64/acme-core-1.0-0.conda",
            "https://conda.anaconda.org/conda-forge/noarch/acme-core-1.0-0.tar.bz2",
            "https://conda.anaconda.org/acme/noarch/repodata.json",
            "https://conda.anaconda.org/acme/noarch/other-1.0-0.conda",
        ],
        "cargo": [
            "https://index.crates.io/ac/me/acme-core", "https://index.crates.io/ac/me/acme_core",
            "https://static.crates.io/crates/acme-core/acme-core-1.0.0.crate",
            "https://static.crates.io/crates/acme-core/1.0.0/download",
            "https://crates.io/api/v1/crates/acme-core", "https://crates.io/api/v1/crates/acme-core/1.0.0/download",
            "https://crates.io/api/v1/crates?q=acme-core", "https://crates.io/crates/acme-core",
        ],
        "golang": [
            "https://proxy.golang.org/git.acme.example/team/lib/@v/list",
            "https://proxy.golang.org/git.acme.example/team/lib/@latest",
            "https://proxy.golang.org/git.acme.example/!team/lib/@v/v1.0.0.info",
            "https://proxy.golang.org/git.acme.example/team/lib/@v/v1.0.0.mod",
            "https://proxy.golang.org/git.acme.example/team/lib/@v/v1.0.0.zip",
            "https://proxy.golang.org/git.acme.example/team/lib/@v/main.info",
            "https://proxy.golang.org/git.acme.example/@v/list",
            "https://proxy.golang.org/sumdb/sum.golang.org/lookup/git.acme.example/team/lib@v1.0.0",
            "https://sum.golang.org/lookup/git.acme.example/team/lib@v1.0.0",
        ],
        "terraform": [
            "https://registry.terraform.io/v1/providers/acme/demo/versions",
            "https://registry.terraform.io/v1/providers/Acme/Demo/1.0.0/download/linux/amd64",
            "https://registry.terraform.io/v1/modules/acme/vpc/aws/versions",
            "https://registry.terraform.io/v1/modules/acme/vpc/aws/1.0.0/download",
            "https://registry.terraform.io/v2/providers/acme/demo?include=provider-versions",
            "https://registry.terraform.io/mirror/registry.terraform.io/acme/demo/index.json",
            "https://registry.terraform.io/mirror/registry.terraform.io/acme/demo/1.0.0.json",
            "https://registry.terraform.io/mirror/registry.terraform.io/acme/demo/x_1.0.0_linux_amd64.zip",
            "https://registry.terraform.io/v1/modules/search?q=acme/vpc",
        ],
        "gem": [
            "https://index.rubygems.org/info/acme-core", "https://rubygems.org/gems/acme-core-1.0.0.gem",
            "https://rubygems.org/gems/acme-core-1.0.0-x86_64-linux.gem",
            "https://rubygems.org/quick/Marshal.4.8/acme-core-1.0.0.gemspec.rz",
            "https://rubygems.org/api/v1/versions/acme-core.json", "https://rubygems.org/api/v1/gems/acme-core.json",
            "https://rubygems.org/api/v1/dependencies?gems=rack,acme-core",
            "https://rubygems.org/api/v1/search.json?query=acme-core", "https://rubygems.org/gems/acme-core",
            "https://rubygems.org/api/v1/attestations/acme-core-1.0.0.json", "https://rubygems.org/info/ACME-core",
        ],
        "rpm": ["https://dl.fedoraproject.org/os/Packages/acme-tool-1.0-1.noarch.rpm"],
        "hex": [
            "https://repo.hex.pm/packages/acme_core", "https://repo.hex.pm/tarballs/acme_core-1.0.0.tar",
            "https://repo.hex.pm/docs/acme_core-1.0.0.tar.gz", "https://hex.pm/api/packages/acme_core",
            "https://hex.pm/api/packages?search=acme_core", "https://hex.pm/packages/acme_core",
        ],
        "pub": [
            "https://pub.dev/api/packages/acme_core", "https://pub.dev/api/packages/acme_core/versions/1.0.0",
            "https://pub.dev/api/archives/acme_core-1.0.0.tar.gz", "https://pub.dev/api/packages/acme_core/score",
            "https://pub.dev/packages/acme_core/versions/1.0.0.tar.gz", "https://pub.dev/packages?q=acme_core",
        ],
        "git": [
            "https://github.com/acme/app.git/info/refs?service=git-upload-pack",
            "https://github.com/Acme/App/info/refs?service=git-upload-pack",
            "https://github.com/acme/app/releases/download/v1/app.tar.gz",
            "https://github.com/acme/app/archive/main.zip",
            "https://gitlab.com/acme/team/app.git/info/refs?service=git-upload-pack",
            "https://gitlab.com/acme/team/app/-/archive/main/app.tar.gz",
        ],
    ]

    @Test func everyEcosystemWithAPublicHostIsHere() {
        let types = Set(Catalog.all.map(\.type)).subtracting(Self.hostless)
        #expect(Set(Self.routes.keys) == types && Set(Self.ours.keys) == types)
        #expect(Catalog.all.filter { Self.hostless.contains($0.type) }.allSatisfy { $0.hosts.isEmpty })
    }

    @Test(arguments: routes.values.flatMap(\.self).sorted(), ["GET", "HEAD"])
    func noPublicRegistryIsAsked(_ url: String, _ method: String) async throws {
        try await Scene.with(Self.setting()) { scene async throws in
            let taken = try await scene.ask(url, method: method)
            #expect(taken.code == "policy.denied", "\(url) \(taken.status) \(taken.text)")
            // git hears a refusal as an answer in its own protocol.
            let isAnswer = method == "HEAD" && taken.status == 200
            let isTold = "\(taken.reason ?? "") \(taken.text)".contains("namespace.internal")
            #expect(isTold || isAnswer, "\(url) \(taken.text)")
            #expect(scene.fake.requests.isEmpty)
            #expect(scene.recorder.refusals.count == 1)
        }
    }

    @Test(arguments: [
        (
            "https://registry.npmjs.org/-/npm/v1/security/advisories/bulk",
            #"{"left-pad":["1.0.0"],"@acme/tool":["1.0.0"]}"#
        ),
        (
            "https://packagist.org/api/security-advisories/",
            "packages%5B0%5D=monolog%2Fmonolog&packages%5B1%5D=acme%2Flib"
        ),
        ("https://pypi.org/pypi", "<methodCall><string>acme-core</string></methodCall>"),
        ("https://auth.docker.io/token", "grant_type=password&service=x&scope=repository%3Aacme%2Fapp%3Apull"),
        ("https://github.com/acme/app.git/info/lfs/objects/batch", #"{"operation":"download","objects":[]}"#),
    ])
    func noneStandsInABodyThatLeaves(_ url: String, _ body: String) async throws {
        try await Scene.with(Self.setting()) { scene async throws in
            let taken = try await Self.post(url, Array(body.utf8), scene)
            // What means nothing for the build is answered with nothing.
            #expect(taken.code == "policy.denied" || taken.status == 200, "\(url) \(taken.status)")
            #expect(!taken.text.contains("left-pad"))
            #expect(scene.fake.requests.isEmpty)
        }
    }

    private static func post(_ url: String, _ body: [UInt8], _ scene: Scene) async throws -> Taken {
        await Reader().take(try await scene.reply(to: url, method: "POST", body: .bytes(body)))
    }

    @Test func aBodyWithoutOneGoesOnAsItIs() async throws {
        try await Scene.with(Self.setting()) { scene async throws in
            let path = "/-/npm/v1/security/advisories/bulk"
            let body = Array(#"{"left-pad":["1.0.0"]}"#.utf8)
            scene.fake.serve("/npm\(path)", FakeAnswer("{}", type: "application/json"))
            let taken = try await Self.post("https://registry.npmjs.org\(path)", body, scene)
            #expect(taken.status == 200)
            #expect(scene.fake.requests.map(\.body) == [body])
        }
    }

    /// A lockfile without addresses names internal packages beside public ones.
    @Test(arguments: [Package.Kind.npm, .pypi, .gem, .cargo])
    func nobodyIsReadAheadUnderAnInternalName(_ kind: Package.Kind) async throws {
        try await Scene.with(Self.setting()) { scene async throws in
            let package = Package.make(kind)
            let next = Package.make(kind, name: "next")
            let release = try Purl(parsing: package.purl)
            for one in [package, next] { one.serve(on: scene.fake) }
            let secret =
                kind == .npm
                ? Purl(type: "npm", namespace: "@acme", name: "tool", version: "1.0.0")
                : Purl(type: release.type, name: "acme-core", version: "1.0.0")
            let last = try Purl(parsing: next.purl)
            let pins = [Pin(release: release, digests: [package.digest]), Pin(release: secret), Pin(release: last)]
            scene.gateway.learn(pins, from: "some.lock")
            #expect(try await scene.ask(package.url).isComplete)
            #expect(await eventually { scene.fake.count(next.indexPath) > 0 })
            #expect(
                scene.fake.requests.allSatisfy { !$0.target.contains("acme") },
                "\(scene.fake.requests.map(\.target))"
            )
        }
    }

    @Test func anAddressThatALockfileGivesToAnInternalNameIsOne() async throws {
        try await Scene.with(Self.setting()) { scene async throws in
            let url = "https://api.github.com/repos/other/mirror/zipball/0123456789abcdef"
            let release = Purl(type: "composer", namespace: "acme", name: "lib", version: "1.0.0")
            scene.gateway.learn([Pin(release: release, url: try HTTPURL(url))], from: "composer.lock")
            #expect(try await scene.ask(url).code == "policy.denied")
            #expect(scene.fake.requests.isEmpty)
        }
    }

    @Test(arguments: [
        "https://pypi.org/simple/requests/", "https://registry.npmjs.org/left-pad",
        "https://registry.npmjs.org/@acme2%2ftool",
        "https://index.crates.io/se/rd/serde", "https://repo.maven.apache.org/maven2/com/acme2/lib/maven-metadata.xml",
        "https://registry-1.docker.io/v2/library/acme/manifests/latest", "https://rubygems.org/api/v1/gems/acme.json",
        "https://proxy.golang.org/github.com/acme/lib/@v/list",
    ])
    func otherNamesAreAskedAsEver(_ url: String) async throws {
        try await Scene.with(Self.setting()) { scene async throws in
            _ = try await scene.ask(url)
            #expect(!scene.fake.requests.isEmpty)
            #expect(scene.recorder.refusals.isEmpty)
        }
    }

    @Test func aRegistryOfOurOwnIsAskedAboutThem() async throws {
        let fake = try await FakeUpstream.start()
        let prefix = try HTTPURL("\(fake.origin)/corp/")
        let setting = Self.setting { $0.declared = [.init(ecosystem: "npm", prefix: prefix)] }
        try await Scene.with(setting, fake: fake) { scene async throws in
            _ = try await scene.ask("\(fake.origin)/corp/@acme%2ftool")
            #expect(fake.requests.map(\.target) == ["/corp/@acme%2ftool"])
        }
        await fake.stop()
    }
}
