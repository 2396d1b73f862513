import Core
import Kernel
import Manifest
import TestKit
import Testing

/// dnf on a small repository, into a root of its own so that nothing on the machine changes.
@Suite("dnf through the agent", .enabled(if: Client.isHere("dnf"), "dnf is not on PATH"))
struct DnfTests {
    private static let repository = "\(#filePath.dropLast("DnfTests.swift".utf8.count))Fixtures/rpm"
    private let tool = "/rpm/os/Packages/tool-2.0~rc1-1.el9.noarch.rpm"

    /// Serves the repository and writes the job's own dnf: `sh dnf download tool`.
    private func prepare(_ shop: Workshop) throws {
        for file in Scratch.files(below: DnfTests.repository) where file != "SOURCE.txt" {
            shop.fake.serve("/rpm/os/\(file)", FakeAnswer(try Files.readAll("\(DnfTests.repository)/\(file)")))
        }
        let folder = shop.scratch("job")
        try shop.write(
            "[os]\nname=os\nbaseurl=http://dl.fedoraproject.org/os\ngpgcheck=0\nretries=1\n",
            "os.repo"
        )
        try shop.write(
            """
            mkdir -p root log
            dnf -y --installroot=\(folder)/root --setopt=reposdir=\(folder) --setopt=cachedir=\(folder)/cache \
            --setopt=logdir=\(folder)/log --setopt=persistdir=\(folder)/persist --setopt=pluginpath=\(folder)/none \
            --releasever=1 --setopt=keepcache=1 install --downloadonly "$@"

            """,
            "dnf"
        )
    }

    private func run(_ shop: Workshop, _ options: [String] = []) async throws -> Workshop.Ending {
        try await shop.run("rm -rf cache; sh dnf tool", ["--upstream", "rpm=\(shop.fake.origin)/rpm"] + options)
    }

    @Test func `The index passes as it is and vouches for the packages`() async throws {
        let shop = try await Workshop.open()
        try prepare(shop)
        let first = try await run(shop)
        #expect(first.status == 0, "\(first.text)")
        let inputs = try shop.manifest().inputs
        #expect(
            inputs.map(\.purl.description) == [
                "pkg:rpm/fedora/leaf@1.0-1?arch=noarch", "pkg:rpm/fedora/tool@2.0~rc1-1.el9?arch=noarch&epoch=1",
            ]
        )
        #expect(inputs.allSatisfy { $0.claimed.contains { $0.by == "index" && $0.agrees } })
        await shop.fake.stop()
        let offline = try await run(shop, ["--offline"])
        #expect(offline.status == 0, "\(offline.text)")
    }

    @Test func `A package on the block list is refused`() async throws {
        let shop = try await Workshop.open()
        try prepare(shop)
        try shop.policy("rules:\n  block: [\"pkg:rpm/fedora/tool\"]\n")
        let ending = try await run(shop)
        #expect(ending.status != 0)
        // dnf shows the status and the address that it was led to.
        #expect(ending.text.contains("Status code: 403 for http://dl.fedoraproject.org"), "\(ending.text)")
        #expect(ending.text.contains("?purser-refused=policy.denied+block:+pkg:rpm/fedora/tool@"), "\(ending.text)")
        #expect(ending.text.contains("exempt+it+in+the+policy+file"), "\(ending.text)")
        #expect(ending.errors.contains("blocked: pkg:rpm/fedora/tool@2.0~rc1-1.el9"))
        #expect(shop.fake.count(tool) == 0)
    }
}
