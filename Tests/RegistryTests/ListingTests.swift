import Core
import Foundation
import JSONText
import Storage
import Testing

@testable import Registry

/// What an index says of hosted files beside name and digest, and what is served beside them.
@Suite(.serialized) struct ListingTests {
    private static let json = ["Accept": "application/vnd.pypi.simple.v1+json"]

    private func entry(_ scratch: RegistryScratch) async throws -> JSON {
        let page = try await scratch.get("/main/dev/pypi/simple/app/", token: scratch.admin, headers: Self.json)
        return try #require(page.json?["files"]?.array?.first)
    }

    private func checkListing(_ scratch: RegistryScratch) async throws {
        let file = try await entry(scratch)
        #expect(file["requires-python"] == ">=3.9")
        let url = try #require(file["url"]?.string)
        let metadata = try await scratch.get(url + ".metadata", token: scratch.admin)
        #expect(metadata.status == 200)
        #expect(metadata.text.hasPrefix("Metadata-Version: 2.1\nName: app\nVersion: 1.0\n"))
        #expect(file["core-metadata"]?["sha256"]?.string == Digest.sha256(of: metadata.body).hex)
        let page = try await scratch.get("/main/dev/pypi/simple/app/", token: scratch.admin).text
        #expect(page.contains("data-requires-python=\"&gt;=3.9\""))
        #expect(page.contains("data-core-metadata=\"sha256=\(Digest.sha256(of: metadata.body).hex)\""))
    }

    @Test func aWheelOfABuildIsListedWithWhatItSaysInside() async throws {
        try await RegistryScratch.with { scratch in
            #expect(try await scratch.push(SampleBuild(), token: scratch.admin).status == 201)
            try await checkListing(scratch)
        }
    }

    @Test func aFormThatSaysLessThanTheWheelDoesNotHideIt() async throws {
        try await RegistryScratch.with { scratch in
            var form = UploadForm()
            form.fields.removeAll { $0.name == "requires_python" }
            #expect(try await scratch.upload(form, token: scratch.admin).status == 200)
            try await checkListing(scratch)
        }
    }

    @Test func metadataIsServedOnlyBesideItsOwnFile() async throws {
        try await RegistryScratch.with { scratch in
            let form = UploadForm()
            let upload = try await scratch.upload(form, token: scratch.admin)
            #expect(upload.status == 200)
            let hex = Digest.sha256(of: form.content).hex
            let wrong = String(repeating: "0", count: 64)
            for path in [
                "dev/pypi/files/\(wrong)/\(form.file).metadata", "prod/pypi/files/\(hex)/\(form.file).metadata",
            ] {
                #expect(try await scratch.get("/main/\(path)", token: scratch.admin).status == 404)
            }
            let unknown = "/main/dev/pypi/files/\(hex)/\(form.file).asc"
            #expect(try await scratch.get(unknown, token: scratch.admin).status == 404)
        }
    }
}
