import Core
import Gateway
import Storage
import TestKit
import Testing
import Upstream

/// Container images: documents that are files too, tokens, and addresses that promise digests.
@Suite struct ImageTests {
    private static let hub = "https://registry-1.docker.io"
    private static let repository = "/v2/library/demo"
    private static let type = "application/vnd.oci.image.manifest.v1+json"
    private static let layer = Array("a layer".utf8)
    private static let config = Array(#"{"architecture":"arm64","created":"2026-11-18T06:00:00Z"}"#.utf8)

    private static func part(_ bytes: [UInt8], _ type: String) -> String {
        #"{"mediaType":"\#(type)","digest":"\#(Digest.sha256(of: bytes))","size":\#(bytes.count)}"#
    }

    /// Spelt in a way that no printer would choose.
    private static var manifest: [UInt8] {
        let config = part(Self.config, "application/vnd.oci.image.config.v1+json")
        let layer = part(Self.layer, "application/vnd.oci.image.layer.v1.tar")
        return Array("{ \"schemaVersion\" :2,\n\"config\": \(config), \"layers\":[ \(layer)]}\n".utf8)
    }

    private static var digest: Digest { Digest.sha256(of: manifest) }
    private static func blob(_ bytes: [UInt8]) -> String { "\(repository)/blobs/\(Digest.sha256(of: bytes))" }

    private func serve(_ fake: FakeUpstream, _ manifest: [UInt8] = Self.manifest) {
        let answer = FakeAnswer(manifest, type: Self.type)
        fake.serve("/oci\(Self.repository)/manifests/latest", answer)
        fake.serve("/oci\(Self.repository)/manifests/\(Self.digest)", answer)
        fake.serve("/oci\(Self.blob(Self.config))", FakeAnswer(Self.config))
        fake.serve("/oci\(Self.blob(Self.layer))", FakeAnswer(Self.layer))
    }

    private static func name(_ tag: String = "") -> String {
        "pkg:oci/demo@\(digest)?arch=arm64&repository_url=docker.io%2Flibrary%2Fdemo\(tag)"
    }

    @Test func aManifestIsServedAsItCameAndRecordedWithItsLayers() async throws {
        try await Scene.with { scene async throws in
            serve(scene.fake)
            let taken = try await scene.ask("\(Self.hub)\(Self.repository)/manifests/latest", accept: Self.type)
            #expect(taken.status == 200 && taken.body == Self.manifest)
            #expect(taken.headers.first("Content-Type") == Self.type)
            #expect(taken.headers.first("Docker-Content-Digest") == Self.digest.description)
            let layer = try await scene.ask("\(Self.hub)\(Self.blob(Self.layer))")
            #expect(layer.isComplete && layer.body == Self.layer)
            // The configuration came as a companion; nobody asks for it again.
            let config = try await scene.ask("\(Self.hub)\(Self.blob(Self.config))")
            #expect(config.isComplete && scene.fake.count("/oci\(Self.blob(Self.config))") == 1)
            let fetched = scene.recorder.events.map(\.line).filter { $0.hasPrefix("fetched") }
            #expect(fetched.map { $0.prefix { $0 != " " } }.count == 3)
            #expect(fetched.allSatisfy { $0.contains("\(Self.name("&tag=latest")) from") }, "\(fetched)")
            #expect(scene.recorder.gaps == [])
        }
    }

    @Test func theHeadOfATagIsJudgedAndBringsNothingIn() async throws {
        try await Scene.with { scene async throws in
            serve(scene.fake)
            let taken = try await scene.ask("\(Self.hub)\(Self.repository)/manifests/latest", method: "HEAD")
            #expect(taken.status == 200 && taken.length == Int64(Self.manifest.count))
            #expect(taken.headers.first("Docker-Content-Digest") == Self.digest.description)
            #expect(!scene.recorder.events.contains { $0.line.hasPrefix("fetched") })
        }
    }

    @Test(arguments: ["latest", "digest"], ["GET", "HEAD"])
    func aYoungImageIsRefusedAtItsManifest(_ reference: String, _ method: String) async throws {
        let setting = Scene.Setting { $0.policy = "version: 1\nmode: enforce\nrules: { min_age: { days: 7 } }\n" }
        try await Scene.with(setting) { scene async throws in
            serve(scene.fake)
            let name = reference == "latest" ? reference : Self.digest.description
            let taken = try await scene.ask("\(Self.hub)\(Self.repository)/manifests/\(name)", method: method)
            #expect(taken.status == 403 && taken.code == "policy.denied")
            #expect(taken.reason?.contains("min_age") == true)
            if method == "GET" { #expect(taken.text.contains(#""code":"DENIED""#)) }
            // Its layers are of the same image.
            #expect(try await scene.ask("\(Self.hub)\(Self.blob(Self.layer))").status == 403)
        }
    }

    @Test func aManifestThatIsNotWhatItsAddressPromisedIsRefused() async throws {
        try await Scene.with { scene async throws in
            serve(scene.fake, Array(#"{"schemaVersion":2,"manifests":[]}"#.utf8))
            let url = "\(Self.hub)\(Self.repository)/manifests/\(Self.digest)"
            let taken = try await scene.ask(url)
            #expect(taken.code == "integrity.mismatch")
            let wide = "\(Self.hub)\(Self.repository)/manifests/sha512:" + String(repeating: "0", count: 128)
            scene.fake.serve(
                "/oci" + wide.dropFirst(Self.hub.count),
                FakeAnswer(Self.manifest, type: Self.type)
            )
            #expect(try await scene.ask(wide).code == "integrity.mismatch")
        }
    }

    @Test func aRegistryThatNamesAnotherDigestThanItSendsIsRefused() async throws {
        try await Scene.with { scene async throws in
            let other = Digest.sha256(of: [1]).description
            let answer = FakeAnswer(Self.manifest, type: Self.type).with("Docker-Content-Digest", other)
            scene.fake.serve("/oci\(Self.repository)/manifests/latest", answer)
            let taken = try await scene.ask("\(Self.hub)\(Self.repository)/manifests/latest")
            #expect(taken.code == "integrity.mismatch")
        }
    }

    @Test func answersGotWithAnAnonymousTokenServeALaterJob() async throws {
        let scratch = try Scratch()
        try await Scene.with(scratch: scratch) { scene async throws in
            serve(scene.fake)
            scene.fake.serve("/auth/token?service=hub", FakeAnswer(#"{"token":"t1"}"#, type: "application/json"))
            #expect(try await scene.ask("https://auth.docker.io/token?service=hub").status == 200)
            let bearer = [HeaderField("Authorization", "Bearer t1")]
            let url = "\(Self.hub)\(Self.repository)/manifests/latest"
            #expect(try await scene.ask(url, accept: Self.type, bearer).status == 200)
            #expect(scene.recorder.events.contains { $0.line == "credential auth.docker.io" })
        }
        let setting = Scene.Setting { $0.isOffline = true }
        try await Scene.with(setting, scratch: scratch) { scene async throws in
            #expect(try await scene.ask("\(Self.hub)/v2/").status == 200)
            let taken = try await scene.ask("\(Self.hub)\(Self.repository)/manifests/latest", accept: Self.type)
            #expect(taken.status == 200 && taken.body == Self.manifest)
            #expect(taken.headers.first("Content-Type") == Self.type)
        }
    }

    @Test func answersGotWithATokenOfSomebodyAreNotGivenToOthers() async throws {
        let scratch = try Scratch()
        let url = "\(Self.hub)\(Self.repository)/manifests/latest"
        try await Scene.with(scratch: scratch) { scene async throws in
            serve(scene.fake)
            scene.fake.serve("/auth/token?service=hub", FakeAnswer(#"{"token":"t2"}"#, type: "application/json"))
            let basic = [HeaderField("Authorization", "Basic YTpi")]
            #expect(try await scene.ask("https://auth.docker.io/token?service=hub", basic).status == 200)
            #expect(
                try await scene.ask(url, accept: Self.type, [HeaderField("Authorization", "Bearer t2")]).status == 200
            )
        }
        let setting = Scene.Setting { $0.isOffline = true }
        try await Scene.with(setting, scratch: scratch) { scene async throws in
            #expect(try await scene.ask(url, accept: Self.type).code == "upstream.unreachable")
        }
    }

    @Test func aTokenServerOnAnotherHostIsKnownByItsChallenge() async throws {
        try await Scene.with { scene async throws in
            let challenge = #"Bearer realm="https://tokens.test/jwt",service="x""#
            scene.fake.serve("/oci/v2/", FakeAnswer(status: 401, headers: [("WWW-Authenticate", challenge)]))
            scene.fake.serve("/auth/jwt?service=x", FakeAnswer(#"{"token":"t"}"#, type: "application/json"))
            scene.fake.serve("/auth/jwt?service=y", FakeAnswer("#!/bin/sh\n", type: "text/plain"))
            let ping = try await scene.ask("\(Self.hub)/v2/")
            #expect(ping.status == 401 && ping.headers.first("WWW-Authenticate") == challenge)
            #expect(try await scene.ask("https://tokens.test/jwt?service=x").status == 200)
            #expect(scene.recorder.events.map(\.line).contains("credential tokens.test"))
            #expect(!scene.recorder.events.contains { $0.line.contains("answered") })
            // What is no token does not pass as one.
            #expect(try await scene.ask("https://tokens.test/jwt?service=y").code == "upstream.refused")
        }
    }
}
