import Core
import Kernel
import Manifest
import TestKit
import Testing

/// skopeo on a registry that wants no token: images by tag and by digest.
@Suite("skopeo through the agent", .enabled(if: Client.isHere("skopeo"), "skopeo is not on PATH"))
struct SkopeoTests {
    private static let type = "application/vnd.oci.image.manifest.v1+json"
    private static let layer = Archives.gzip(Archives.tar([("app/run", Array("#!/bin/sh\n".utf8))]))

    private static func part(_ bytes: [UInt8], _ type: String) -> String {
        #"{"mediaType":"\#(type)","digest":"sha256:\#(Workshop.hex(bytes))","size":\#(bytes.count)}"#
    }

    /// Serves an image that says it was built then, and gives its digest.
    private func serve(on fake: FakeUpstream, created: String) -> String {
        let config = Array(
            #"{"architecture":"amd64","os":"linux","created":"\#(created)","rootfs":{"type":"layers"}}"#.utf8
        )
        let parts = [
            Self.part(config, "application/vnd.oci.image.config.v1+json"),
            Self.part(Self.layer, "application/vnd.oci.image.layer.v1.tar+gzip"),
        ]
        let text = #"{"schemaVersion":2,"mediaType":"\#(Self.type)","config":\#(parts[0]),"layers":[\#(parts[1])]}"#
        let manifest = Array(text.utf8)
        let digest = "sha256:\(Workshop.hex(manifest))"
        fake.serve("/oci/v2/", FakeAnswer("{}", type: "application/json"))
        for name in ["1", digest] {
            fake.serve("/oci/v2/team/tool/manifests/\(name)", FakeAnswer(manifest, type: Self.type))
        }
        for bytes in [config, Self.layer] {
            fake.serve("/oci/v2/team/tool/blobs/sha256:\(Workshop.hex(bytes))", FakeAnswer(bytes))
        }
        return digest
    }

    private func copy(_ reference: String) -> String {
        """
        echo '{"default":[{"type":"insecureAcceptAnything"}]}' >policy.json
        rm -rf image; skopeo --policy policy.json copy -q docker://docker.io/team/tool\(reference) dir:image
        """
    }

    @Test func `An image is pulled by tag, recorded with its layers, and there for a run without a network`()
        async throws
    {
        let shop = try await Workshop.open()
        let digest = serve(on: shop.fake, created: Moment.old)
        let ending = try await shop.run(copy(":1"))
        #expect(ending.status == 0, "\(ending.text)")
        #expect(try shop.read("image/manifest.json").contains(Self.type))
        let inputs = try shop.manifest().inputs
        let name = "pkg:oci/tool@\(digest)?arch=amd64&repository_url=docker.io%2Fteam%2Ftool&tag=1"
        #expect(inputs.map(\.purl.description) == [name, name, name])
        #expect(inputs.allSatisfy { $0.claimed.allSatisfy(\.agrees) && !$0.claimed.isEmpty })
        await shop.fake.stop()
        let again = try await shop.run(copy(":1"), ["--offline"])
        #expect(again.status == 0, "\(again.text)")
    }

    @Test func `A young image is refused, and skopeo says why`() async throws {
        let shop = try await Workshop.open()
        let digest = serve(on: shop.fake, created: Moment.anHourAgo)
        try shop.policy("rules: { min_age: { days: 3 } }\n")
        for reference in [":1", "@\(digest)"] {
            let ending = try await shop.run(copy(reference))
            #expect(ending.status != 0 && !shop.exists("image/manifest.json"))
            #expect(ending.text.contains("policy.denied (rule min_age): pkg:oci/tool@\(digest)"), "\(ending.text)")
        }
    }
}
