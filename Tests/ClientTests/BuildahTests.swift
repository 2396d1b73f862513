import Core
import Kernel
import Manifest
import TestKit
import Testing

/// An image built inside the job, as docs/containers.md says it: the base image and what its steps fetch come by us.
@Suite(
    "buildah inside the job",
    .enabled(if: Client.isHere("buildah", "curl"), "buildah or curl is not on PATH"),
    .enabled(if: ProcessIdentity.effectiveUID == 0, "only root can build in a chroot")
)
struct BuildahTests {
    private static let type = "application/vnd.oci.image.manifest.v1+json"

    /// An image of links: its programs are this machine's, mounted below `/usr` for the time of the build.
    private static let tree =
        ["bin", "lib", "lib64"].flatMap { link($0, to: "usr/\($0)") } + Archives.tar([("etc/base", [0x31])])
    private static let layer = Archives.gzip(tree)

    /// A symbolic link as a tar entry.
    private static func link(_ name: String, to target: String) -> [UInt8] {
        var head = Array(Archives.tar([(name, [])]).prefix(512))
        head[156] = UInt8(ascii: "2")
        head.replaceSubrange(157..<(157 + target.utf8.count), with: Array(target.utf8))
        head.replaceSubrange(148..<156, with: Array("        ".utf8))
        let sum = String(head.reduce(0) { $0 + Int($1) }, radix: 8)
        let field = String(repeating: "0", count: 6 - sum.count) + sum + "\0 "
        head.replaceSubrange(148..<156, with: Array(field.utf8))
        return head
    }

    private static func part(_ bytes: [UInt8], _ type: String) -> String {
        #"{"mediaType":"\#(type)","digest":"sha256:\#(Workshop.hex(bytes))","size":\#(bytes.count)}"#
    }

    private func open(_ wheel: String) async throws -> Workshop {
        let shop = try await Workshop.open()
        _ = PythonProject.demo(on: shop.fake, young: true)
        let layers = "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:\(Workshop.hex(Self.tree))\"]}"
        let config = Array(
            "{\"architecture\":\"amd64\",\"os\":\"linux\",\"created\":\"\(Moment.old)\",\"config\":{},\(layers)}".utf8
        )
        let parts = [
            Self.part(config, "application/vnd.oci.image.config.v1+json"),
            Self.part(Self.layer, "application/vnd.oci.image.layer.v1.tar+gzip"),
        ]
        let text = #"{"schemaVersion":2,"mediaType":"\#(Self.type)","config":\#(parts[0]),"layers":[\#(parts[1])]}"#
        shop.fake.serve("/oci/v2/", FakeAnswer("{}", type: "application/json"))
        for name in ["1", "sha256:\(Workshop.hex(Array(text.utf8)))"] {
            shop.fake.serve("/oci/v2/team/base/manifests/\(name)", FakeAnswer(Array(text.utf8), type: Self.type))
        }
        for bytes in [config, Self.layer] {
            shop.fake.serve("/oci/v2/team/base/blobs/sha256:\(Workshop.hex(bytes))", FakeAnswer(bytes))
        }
        let file = "https://files.pythonhosted.org/packages/\(wheel)"
        let fetch = "curl -sS -o /dev/null https://pypi.org/simple/demo/ && curl -sS --fail-with-body -o /wheel \(file)"
        try shop.write("FROM docker.io/team/base:1\nRUN \(fetch) || { cat /wheel >&2; false; }\n", "Containerfile")
        try shop.write("{\"default\":[{\"type\":\"insecureAcceptAnything\"}]}", "policy.json")
        return shop
    }

    private func build(_ shop: Workshop) async throws -> Workshop.Ending {
        try await shop.run(
            """
            buildah --root "$PWD/root" --runroot "$PWD/runroot" --storage-driver vfs bud --signature-policy policy.json \
            --isolation chroot --volume /usr:/usr:ro \
            --volume "$SSL_CERT_FILE:/etc/ssl/certs/ca-certificates.crt:ro" --tag app .
            """
        )
    }

    @Test func `The base image and what a step fetches are inputs, and the image names nothing of ours`() async throws {
        let shop = try await open("demo-1.0-py3-none-any.whl")
        try shop.policy()
        let ending = try await build(shop)
        #expect(ending.status == 0, "\(ending.text)")
        let inputs = try shop.manifest().inputs
        #expect(inputs.filter { $0.purl.type == "oci" }.count == 3, "\(inputs.map(\.purl))")
        #expect(inputs.contains { $0.purl.description == "pkg:pypi/demo@1.0" }, "\(inputs.map(\.purl))")
        #expect(inputs.allSatisfy { !$0.claimed.isEmpty && $0.claimed.allSatisfy(\.agrees) })
        let look = "buildah --root \"$PWD/root\" --runroot \"$PWD/runroot\" --storage-driver vfs inspect app"
        let image = try await shop.plain(look)
        #expect(image.output.contains("docker.io/team/base") || image.output.contains("localhost/app"))
        #expect(!image.output.contains("127.0.0.1") && !image.output.contains("purser"), "\(image.output)")
    }

    @Test func `What policy refuses fails its step, which shows why`() async throws {
        let shop = try await open("demo-2.0-py3-none-any.whl")
        try shop.policy()
        let ending = try await build(shop)
        #expect(ending.status != 0)
        #expect(
            ending.text.contains("policy.denied") && ending.text.contains("pkg:pypi/demo@2.0 is 1 h old"),
            "\(ending.text)"
        )
        #expect(try !shop.purls().contains("pkg:pypi/demo@2.0"))
    }
}
