import Core
import Manifest
import TestKit
import Testing

/// Terraform with a network mirror, which needs no signature of a publisher.
@Suite("terraform through the agent", .enabled(if: Client.isHere("terraform"), "terraform is not on PATH"))
struct TerraformTests {
    private static let place = "/terraform/mirror/registry.terraform.io/example/demo"
    private static let zip = Archives.zip([("terraform-provider-demo_v1.0.0", [1, 2, 3])])
    private static let file = "terraform-provider-demo_1.0.0_linux_amd64.zip"

    private func open() async throws -> Workshop {
        let shop = try await Workshop.open()
        shop.fake.serve(
            "\(Self.place)/index.json",
            FakeAnswer("{\"versions\":{\"1.0.0\":{}}}", type: "application/json")
        )
        let hash = "zh:\(Workshop.hex(Self.zip))"
        let archives = ["amd64", "arm64"].map { "\"linux_\($0)\":{\"url\":\"\(Self.file)\",\"hashes\":[\"\(hash)\"]}" }
        let version = "{\"archives\":{\(archives.joined(separator: ","))}}"
        shop.fake.serve("\(Self.place)/1.0.0.json", FakeAnswer(version, type: "application/json"))
        shop.fake.serve("\(Self.place)/\(Self.file)", FakeAnswer(Self.zip, type: "application/zip"))
        let mirror = "network_mirror { url = \"https://registry.terraform.io/mirror/\" }"
        try shop.write("provider_installation {\n  \(mirror)\n}\n", "terraformrc")
        let provider = "demo = { source = \"example/demo\" }"
        try shop.write("terraform {\n  required_providers {\n    \(provider)\n  }\n}\n", "main.tf")
        try shop.policy()
        return shop
    }

    private func environment(_ shop: Workshop) -> [String: String] {
        ["TF_CLI_CONFIG_FILE": shop.scratch("job/terraformrc")]
    }

    @Test(arguments: ["auto", "registry"])
    func `The first init writes the lockfile, later ones leave it alone, the last with no network`(
        _ intercept: String
    ) async throws {
        let shop = try await open()
        let options = ["--intercept", intercept]
        let first = try await shop.run("terraform init", options, environment: environment(shop))
        #expect(first.status == 0, "\(first.text)")
        let lock = try shop.read(".terraform.lock.hcl")
        #expect(lock.contains("h1:") && !lock.contains("127.0.0.1"))
        #expect(try shop.purls() == ["pkg:terraform/example/demo@1.0.0"])
        await shop.fake.stop()
        let again = "rm -rf .terraform && terraform init"
        let second = try await shop.run(again, options + ["--offline"], environment: environment(shop))
        #expect(second.status == 0, "\(second.text)")
        #expect(try shop.read(".terraform.lock.hcl") == lock)
        #expect(try shop.manifest().inputs.first?.claimed.contains { $0.by == ".terraform.lock.hcl" } == true)
    }

    @Test(arguments: ["auto", "registry"])
    func `A refused provider in the lockfile is refused, and the agent says why`(_ intercept: String) async throws {
        let shop = try await open()
        let options = ["--intercept", intercept]
        #expect(try await shop.run("terraform init", options, environment: environment(shop)).status == 0)
        let lock = try shop.read(".terraform.lock.hcl")
        try shop.policy("rules:\n  block: [\"pkg:terraform/example/demo\"]\n")
        let again = "rm -rf .terraform && terraform init -no-color"
        let ending = try await shop.run(again, options, environment: environment(shop))
        #expect(ending.status == 1)
        // Terraform takes any 403 for bad credentials; of an address that it cannot follow it shows all.
        #expect(
            ending.text.contains("\"purser-refused:/policy.denied+block:+pkg:terraform/example/demo@1.0.0"),
            "\(ending.text)"
        )
        #expect(ending.text.contains("exempt+it+in+the+policy+file"), "\(ending.text)")
        #expect(ending.text.contains("blocked: pkg:terraform/example/demo@1.0.0"), "\(ending.text)")
        #expect(ending.text.contains("to exempt it"), "\(ending.text)")
        #expect(try shop.read(".terraform.lock.hcl") == lock)
    }

    @Test func `A zip that is not what the mirror promised is not installed`() async throws {
        let shop = try await open()
        shop.fake.serve("\(Self.place)/\(Self.file)", FakeAnswer(Self.zip).with(.flip))
        let ending = try await shop.run("terraform init", environment: environment(shop))
        #expect(ending.status == 1, "\(ending.text)")
        #expect(ending.text.contains("purser-refused:/integrity.mismatch"), "\(ending.text)")
        #expect(!shop.exists(".terraform.lock.hcl"))
        #expect(try shop.purls().isEmpty)
    }
}
