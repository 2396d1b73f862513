import Core
import Gateway
import Storage
import TestKit
import Testing

/// The small files beside artifacts.
@Suite struct SidecarTests {
    private static let page = "https://pypi.org/simple/demo/"
    private static let path = "/files/packages/aa/demo-1.0-py3-none-any.whl.metadata"
    private static let json = "application/vnd.pypi.simple.v1+json"

    /// An index that promises this digest for the wheel's metadata; nobody says how long an answer stays good.
    private static func index(promising digest: Digest) -> FakeAnswer {
        let file = """
            {"filename": "demo-1.0-py3-none-any.whl", "hashes": {}, "upload-time": "2020-01-01T00:00:00Z",
             "url": "https://files.pythonhosted.org/packages/aa/demo-1.0-py3-none-any.whl",
             "core-metadata": {"sha256": "\(digest.hex)"}}
            """
        let text = #"{"meta": {"api-version": "1.1"}, "name": "demo", "versions": ["1.0"], "files": ["# + file + "]}"
        return FakeAnswer(text, type: json)
    }

    @Test func metadataThatHasItsPromisedDigestIsNotAskedForAgain() async throws {
        let scratch = try Scratch()
        let metadata = "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n"
        let promised = Digest.sha256(of: Array(metadata.utf8))
        for isFirst in [true, false] {
            try await Scene.with(scratch: scratch) { scene async throws in
                scene.fake.serve("/pypi/simple/demo/", Self.index(promising: promised))
                scene.fake.serve(Self.path, FakeAnswer(metadata, type: "text/plain"))
                _ = try await scene.ask(Self.page, accept: Self.json)
                let taken = try await scene.ask("https://files.pythonhosted.org\(Self.path.dropFirst(6))")
                #expect(taken.status == 200 && taken.body == Array(metadata.utf8))
                #expect(scene.fake.count(Self.path) == (isFirst ? 1 : 0))
            }
        }
    }

    /// Providers lie where their authors like; only the index says that these are documents of its own.
    @Test func whatAnIndexNamesOutsideItsHostsIsADocumentBesideItsRelease() async throws {
        let zip = Archives.zip([("terraform-provider-demo_v1.0.0", [1])])
        let setting = Scene.Setting { $0.policy = "version: 1\nmode: enforce\n" }
        try await Scene.with(setting) { scene async throws in
            let stem = "terraform-provider-demo_1.0.0"
            let download = "/v1/providers/example/demo/1.0.0/download/linux/amd64"
            let names = ["\(stem)_linux_amd64.zip", "\(stem)_SHA256SUMS", "\(stem)_SHA256SUMS.72D7468F.sig"]
            let links = names.map { "https://files.test/\($0)" }
            let said = """
                {"filename":"\(names[0])","download_url":"\(links[0])","shasum":"\(Digest.sha256(of: zip).hex)",
                 "shasums_url":"\(links[1])","shasums_signature_url":"\(links[2])"}
                """
            scene.fake.serve("/terraform\(download)", FakeAnswer(said, type: "application/json"))
            scene.fake.serve("/\(names[0])", FakeAnswer(zip))
            for name in names.dropFirst() { scene.fake.serve("/releases/\(name)", FakeAnswer([1, 2])) }
            #expect(try await scene.ask(links[1]).code == "policy.denied")
            #expect(try await scene.ask("https://registry.terraform.io\(download)").status == 200)
            for link in links { #expect(try await scene.ask(link).status == 200, "\(link)") }
            #expect(scene.recorder.fetched.map(\.purl.description) == ["pkg:terraform/example/demo@1.0.0"])
        }
    }

    @Test func metadataThatIsNotWhatTheIndexPromisedIsRefused() async throws {
        try await Scene.with { scene async throws in
            let other = Digest.sha256(of: [1])
            scene.fake.serve("/pypi/simple/demo/", Self.index(promising: other))
            scene.fake.serve(Self.path, FakeAnswer("Metadata-Version: 2.1\n", type: "text/plain"))
            _ = try await scene.ask(Self.page, accept: Self.json)
            let taken = try await scene.ask("https://files.pythonhosted.org\(Self.path.dropFirst(6))")
            #expect(taken.code == "integrity.mismatch")
        }
    }
}
