import Core
import Ecosystems
import Testing

/// How Terraform's documents and names are read.
@Suite struct TerraformTests {
    private let codec = Terraform()
    private static let null = Purl(type: "terraform", namespace: "hashicorp", name: "null")

    private func intent(_ url: String) throws -> Intent? { try codec.intent(of: Request(url: try HTTPURL(url))) }

    @Test func readsThePathsOfRegistriesMirrorsAndReleases() throws {
        let registry = "https://registry.terraform.io"
        #expect(try intent("\(registry)/.well-known/terraform.json") == .sidecar(release: nil, file: "terraform.json"))
        #expect(try intent("\(registry)/v1/providers/hashicorp/null/versions") == .index(.package(Self.null)))
        #expect(
            try intent("\(registry)/v1/providers/hashicorp/null/3.2.1/download/linux/amd64")
                == .index(.package(Self.null.at("3.2.1")))
        )
        let module = Purl(type: "terraform", namespace: "terraform-aws-modules/vpc", name: "aws")
        #expect(try intent("\(registry)/v1/modules/terraform-aws-modules/vpc/aws/versions") == .index(.package(module)))
        #expect(try intent("\(registry)/v1/modules/terraform-aws-modules/vpc/aws/5.0.0/download") == .passThrough)
        let mirror = "https://mirror.example/providers/registry.terraform.io/hashicorp/null"
        #expect(try intent("\(mirror)/index.json") == .index(.package(Self.null)))
        #expect(try intent("\(mirror)/3.2.1.json") == .index(.package(Self.null.at("3.2.1"))))
        let file = "terraform-provider-null_3.2.1_linux_amd64.zip"
        #expect(try intent("\(mirror)/\(file)") == .artifact(ArtifactName(file: file)))
        let releases = "https://releases.hashicorp.com/terraform-provider-null/3.2.1"
        #expect(
            try intent("\(releases)/\(file)") == .artifact(ArtifactName(release: Self.null.at("3.2.1"), file: file))
        )
        #expect(
            try intent("\(releases)/terraform-provider-null_3.2.1_SHA256SUMS")
                == .index(.package(Self.null.at("3.2.1")))
        )
        let signature = "terraform-provider-null_3.2.1_SHA256SUMS.72D7468F.sig"
        #expect(try intent("\(releases)/\(signature)") == .sidecar(release: Self.null.at("3.2.1"), file: signature))
        let tofu = Self.null.with(["repository_url": "registry.opentofu.org"])
        #expect(
            try intent("https://registry.opentofu.org/v1/providers/hashicorp/null/versions") == .index(.package(tofu))
        )
    }

    @Test(arguments: [
        "/v1/providers/a%2fb/null/versions", "/v1/providers/.x/null/versions", "/v1/providers/-x/null/versions",
        "/v1/providers/hashicorp/%20/versions", "/v1/providers/hashicorp/%C3%BC/versions",
        "/v1/providers/hashicorp/null/latest/download/linux/amd64",
    ])
    func refusesNamesThatAreNoProviders(_ path: String) throws {
        #expect(throws: Malformed.self) { try intent("https://registry.terraform.io\(path)") }
    }

    private func written(_ text: String, _ path: String, hiding: Set<String>) throws -> String {
        let request = Request(url: try HTTPURL("https://registry.terraform.io\(path)"))
        let document = Document(Array(text.utf8), contentType: "application/json")
        let view = IndexView(keeps: { release, _ in !hiding.contains(release.purl.version ?? "") })
        let scope = IndexScope.package(Self.null)
        return String(
            decoding: try codec.writeIndex(document, for: request, scope: scope, view: view).bytes,
            as: UTF8.self
        )
    }

    @Test func listsAreShownWithoutWhatIsHidden() throws {
        let registry =
            #"{"id":"x","versions":[{"version":"1.0.0","protocols":["5.0"]},{"version":"1.1.0"}],"warnings":null}"#
        let shown = try written(registry, "/v1/providers/hashicorp/null/versions", hiding: ["1.1.0"])
        #expect(shown == #"{"id":"x","versions":[{"version":"1.0.0","protocols":["5.0"]}],"warnings":null}"#)
        #expect(try written(registry, "/v1/providers/hashicorp/null/versions", hiding: []) == registry)
        let mirror = #"{"versions":{"1.0.0":{},"1.1.0":{}}}"#
        let path = "/mirror/registry.terraform.io/hashicorp/null/index.json"
        #expect(try written(mirror, path, hiding: ["1.0.0"]) == #"{"versions":{"1.1.0":{}}}"#)
    }

    @Test func readsLinksAndDigests() throws {
        let hex = String(repeating: "ab", count: 32)
        let hash = "h1:t6JiXgmwXMjEs8VusXIJk2BXHsn+wx8BZdTaoZ5fu7I="
        func read(_ text: String, _ url: String) throws -> Artifact? {
            let url = try HTTPURL(url)
            let document = Document(Array(text.utf8), contentType: "application/json", url: url)
            let scope = IndexScope.package(Self.null.at("1.0.0"))
            return try codec.readIndex(document, companions: [], for: Request(url: url), scope: scope).releases.first?
                .artifacts.first
        }
        let link =
            "https://releases.hashicorp.com/terraform-provider-null/1.0.0/terraform-provider-null_1.0.0_linux_amd64.zip"
        let download = #"{"filename":"x.zip","download_url":"\#(link)","shasum":"\#(hex)"}"#
        let one = try read(
            download,
            "https://registry.terraform.io/v1/providers/hashicorp/null/1.0.0/download/linux/amd64"
        )
        #expect(one?.url == (try HTTPURL(link)) && one?.digests.map(\.hex) == [hex])
        let archives = #"{"archives":{"linux_amd64":{"url":"a.zip","hashes":["\#(hash)","zh:\#(hex)"]}}}"#
        let two = try read(archives, "https://m.example/p/registry.terraform.io/hashicorp/null/1.0.0.json")
        #expect(two?.url?.description == "https://m.example/p/registry.terraform.io/hashicorp/null/a.zip")
        #expect(two?.digests.map(\.description) == [hash, "sha256:\(hex)"])
        let sums = "\(hex)  terraform-provider-null_1.0.0_linux_amd64.zip\n"
        let place =
            "https://releases.hashicorp.com/terraform-provider-null/1.0.0/terraform-provider-null_1.0.0_SHA256SUMS"
        #expect(try read(sums, place)?.url == (try HTTPURL(link)))
        #expect(throws: Malformed.self) { try read("<html>", place) }
    }

    @Test func pinsEveryHashOfALockfile() throws {
        let text = """
            # This file is maintained automatically by "terraform init".
            provider "registry.terraform.io/hashicorp/null" {
              version     = "3.2.1"
              constraints = "~> 3.0"
              hashes = [
                "h1:t6JiXgmwXMjEs8VusXIJk2BXHsn+wx8BZdTaoZ5fu7I=",
                "zh:\(String(repeating: "ab", count: 32))",
              ]
            }

            provider "registry.example/corp/tool" {
              version = "1.0.0"
              hashes = ["h1:TIyPZe4MgqvfeYDBFedMoGGpEw/LqOeaOT+nhxU+yHo="]
            }
            """
        let pins = try codec.pins(in: Array(text.utf8), named: ".terraform.lock.hcl")
        #expect(
            pins.map(\.release.description) == [
                "pkg:terraform/hashicorp/null@3.2.1", "pkg:terraform/corp/tool@1.0.0?repository_url=registry.example",
            ]
        )
        #expect(pins.map(\.digests.count) == [2, 1] && pins.allSatisfy { $0.file == nil })
    }

    @Test func ordersVersionsSemantically() {
        let ordered = [
            "0.9.0", "1.0.0-alpha", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc-1", "1.0.0", "1.2.0", "1.10.0",
        ]
        for (position, one) in ordered.enumerated() {
            for (place, other) in ordered.enumerated() {
                #expect(codec.compare(one, other) == (position < place ? -1 : position > place ? 1 : 0))
            }
        }
        #expect(codec.compare("1.0", "1.0.0") == nil && codec.isPrerelease("1.0.0-rc1"))
    }
}
