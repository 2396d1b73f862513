import Core
import Kernel
import Manifest
import TestKit
import Testing

/// terraform with the registry's own protocol: service discovery, versions, a link with a digest, and digests that the
/// publisher signed.
@Suite("terraform and a registry", .enabled(if: Client.isHere("terraform"), "terraform is not on PATH"))
struct TerraformRegistryTests {
    private static let fixtures =
        "\(#filePath.dropLast("TerraformRegistryTests.swift".utf8.count))Fixtures/terraform-registry"
    private static let zip = "terraform-provider-demo_1.0.0_linux_amd64.zip"
    private let again = "rm -rf .terraform && terraform init -no-color"

    /// The registry with release 1.0.0, which is old, and 1.1.0.
    private func open(newest published: String = Moment.old) async throws -> Workshop {
        let shop = try await Workshop.open()
        let registry = "/terraform/v1/providers/hashicorp/demo"
        serve("{\"providers.v1\":\"/v1/providers/\"}", "/terraform/.well-known/terraform.json", shop)
        let platforms = ["amd64", "arm64"].map { "{\"os\":\"linux\",\"arch\":\"\($0)\"}" }.joined(separator: ",")
        let listed = ["1.0.0", "1.1.0"].map {
            "{\"version\":\"\($0)\",\"protocols\":[\"5.0\"],\"platforms\":[\(platforms)]}"
        }
        serve("{\"versions\":[\(listed.joined(separator: ","))]}", "\(registry)/versions", shop)
        let times = [("1.0.0", Moment.old), ("1.1.0", published)].map {
            "{\"type\":\"provider-versions\",\"attributes\":{\"version\":\"\($0)\",\"published-at\":\"\($1)\"}}"
        }
        serve("{\"included\":[\(times.joined(separator: ","))]}", "/terraform/v2/providers/hashicorp/demo", shop)
        for version in ["1.0.0", "1.1.0"] { try serve(release: version, registry, shop) }
        let provider = "demo = { source = \"hashicorp/demo\" }"
        try shop.write("terraform {\n  required_providers {\n    \(provider)\n  }\n}\n", "main.tf")
        try shop.policy()
        return shop
    }

    private func serve(_ json: String, _ path: String, _ shop: Workshop) {
        shop.fake.serve(path, FakeAnswer(json, type: "application/json"))
    }

    private func serve(release version: String, _ registry: String, _ shop: Workshop) throws {
        let stem = "terraform-provider-demo_\(version)"
        let place = "/terraform-provider-demo/\(version)"
        for name in ["\(stem)_linux_amd64.zip", "\(stem)_SHA256SUMS", "\(stem)_SHA256SUMS.sig"] {
            let bytes = try Files.readAll("\(Self.fixtures)/\(name)")
            shop.fake.serve("/terraform\(place)/\(name)", FakeAnswer(bytes))
        }
        let zip = try Files.readAll("\(Self.fixtures)/\(stem)_linux_amd64.zip")
        let key = String(decoding: try Files.readAll("\(Self.fixtures)/key.asc"), as: UTF8.self)
        let link = "https://releases.hashicorp.com\(place)/\(stem)"
        let said = """
            {"protocols":["5.0"],"os":"linux","arch":"amd64","filename":"\(stem)_linux_amd64.zip",
            "download_url":"\(link)_linux_amd64.zip","shasum":"\(Workshop.hex(zip))",
            "shasums_url":"\(link)_SHA256SUMS","shasums_signature_url":"\(link)_SHA256SUMS.sig",
            "signing_keys":{"gpg_public_keys":[{"key_id":"3EBB4BCA411BE901",
            "ascii_armor":"\(key.replacing("\n", with: "\\n"))"}]}}
            """
        for arch in ["amd64", "arm64"] { serve(said, "\(registry)/\(version)/download/linux/\(arch)", shop) }
    }

    @Test func `A signed provider is installed, and again with no network, and its lockfile stays`() async throws {
        let shop = try await open(newest: Moment.anHourAgo)
        let first = try await shop.run("terraform init -no-color")
        #expect(first.status == 0, "\(first.text)")
        #expect(first.output.contains("Installed hashicorp/demo v1.0.0 (self-signed"), "\(first.text)")
        let lock = try shop.read(".terraform.lock.hcl")
        #expect(lock.contains("h1:") && lock.contains("zh:") && !lock.contains("127.0.0.1"), "\(lock)")
        let input = try #require(try shop.manifest().inputs.first)
        #expect(try shop.purls() == ["pkg:terraform/hashicorp/demo@1.0.0"])
        #expect(input.published?.basis == .registryTime && input.claimed.contains { $0.by == "index" })
        await shop.fake.stop()
        let second = try await shop.run(again, ["--offline"])
        #expect(second.status == 0, "\(second.text)")
        #expect(try shop.read(".terraform.lock.hcl") == lock)
        let claims = try shop.manifest().inputs.first?.claimed.filter { $0.by == ".terraform.lock.hcl" } ?? []
        #expect(claims.contains { $0.digest.algorithm == .sha256 && $0.agrees }, "\(claims)")
    }

    @Test func `A young release in the lockfile is refused in terraform's own output`() async throws {
        let shop = try await open(newest: Moment.anHourAgo)
        try shop.policy(mode: "audit")
        #expect(try await shop.run(again).status == 0)
        let lock = try shop.read(".terraform.lock.hcl")
        #expect(lock.contains("\"1.1.0\""))
        try shop.policy()
        let refused = try await shop.run(again)
        #expect(refused.status == 1, "\(refused.text)")
        let words = "purser-refused:/policy.denied+min_age:+pkg:terraform/hashicorp/demo@1.1.0+is+1+h+old"
        #expect(refused.text.contains(words), "\(refused.text)")
        #expect(try shop.read(".terraform.lock.hcl") == lock)
    }

    @Test func `Of a provider without any release that policy allows terraform shows why`() async throws {
        let shop = try await open()
        try shop.policy("rules: { block: [\"pkg:terraform/hashicorp/demo\"] }\n")
        let refused = try await shop.run(again)
        #expect(refused.status == 1, "\(refused.text)")
        let words = "purser-refused:/policy.denied+block:+pkg:terraform/hashicorp/demo@1."
        #expect(refused.text.contains(words), "\(refused.text)")
        #expect(!shop.exists(".terraform.lock.hcl"))
    }

    @Test func `An archive that is not what the registry says never reaches terraform`() async throws {
        let shop = try await open(newest: Moment.anHourAgo)
        let bytes = try Files.readAll("\(Self.fixtures)/\(Self.zip)")
        shop.fake.serve("/terraform/terraform-provider-demo/1.0.0/\(Self.zip)", FakeAnswer(bytes).with(.flip))
        let ending = try await shop.run(again)
        #expect(ending.status == 1, "\(ending.text)")
        #expect(ending.text.contains("purser-refused:/integrity.mismatch"), "\(ending.text)")
        #expect(try shop.purls().isEmpty)
    }

    /// The signature is terraform's to check: it gets the bytes that were signed, and finds others out.
    @Test func `Digests that nobody signed are refused by terraform`() async throws {
        let shop = try await open(newest: Moment.anHourAgo)
        let other = try Files.readAll("\(Self.fixtures)/terraform-provider-demo_1.1.0_SHA256SUMS.sig")
        let path = "/terraform/terraform-provider-demo/1.0.0/terraform-provider-demo_1.0.0_SHA256SUMS.sig"
        shop.fake.serve(path, FakeAnswer(other))
        let ending = try await shop.run(again)
        #expect(ending.status == 1, "\(ending.text)")
        #expect(ending.text.contains("signature"), "\(ending.text)")
        #expect(!shop.exists(".terraform.lock.hcl"))
    }
}
