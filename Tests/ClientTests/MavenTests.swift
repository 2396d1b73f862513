import Core
import Manifest
import TestKit
import Testing

/// Maven with one extension and what that needs: an extension is resolved without any plugin of Maven's own.
@Suite("Maven through the agent", .enabled(if: Client.isHere("mvn", "java"), "mvn is not on PATH"))
struct MavenTests {
    private let validate = "mvn -B -q -s settings.xml -Dmaven.repo.local=\"$PWD/m2\" validate"

    private func job(_ shop: Workshop, needing version: String = "1.0", of name: String = "demo") throws {
        let extensions =
            "<extension><groupId>test</groupId><artifactId>\(name)</artifactId><version>\(version)</version></extension>"
        let model = """
            <project><modelVersion>4.0.0</modelVersion><groupId>own</groupId><artifactId>job</artifactId>\
            <version>1</version><packaging>pom</packaging>\
            <build><extensions>\(extensions)</extensions></build></project>
            """
        try shop.write(model, "pom.xml")
        try shop.write("<settings/>\n", "settings.xml")
        try shop.policy()
    }

    @Test func `A build is recorded, repeated from the cache, and repeated without a network`() async throws {
        let shop = try await Workshop.open()
        let (demo, leaf) = MavenArtifact.demo(on: shop.fake)
        try job(shop)
        let first = try await shop.run(validate)
        #expect(first.status == 0, "\(first.text)")
        let purls = try shop.purls()
        #expect(Set(purls).isSuperset(of: ["pkg:maven/test/demo@1.0", "pkg:maven/test/leaf@1.1"]), "\(purls)")
        let jar = try #require(try shop.manifest().inputs.first { $0.file == "demo-1.0.jar" })
        #expect(jar.claimed.contains { $0.digest.algorithm == .sha256 } && jar.published?.basis == .lastModified)
        let second = try await shop.run("rm -rf m2 && \(validate)")
        #expect(second.status == 0, "\(second.text)")
        // Once for the file, and once, without its bytes, for when it was made.
        #expect(shop.fake.count(demo.path("1.0")) <= 2 && shop.fake.count(leaf.path("1.1")) <= 2)
        #expect(try shop.purls() == purls)
        await shop.fake.stop()
        let offline = try await shop.run("rm -rf m2 && \(validate)", ["--offline"])
        #expect(offline.status == 0, "\(offline.text)")
    }

    @Test func `A young release is passed over, and refused in Maven's own words where it is named`() async throws {
        let shop = try await Workshop.open()
        let (_, leaf) = MavenArtifact.demo(on: shop.fake, young: true)
        try job(shop)
        let free = try await shop.run(validate)
        #expect(free.status == 0, "\(free.text)")
        #expect(try shop.purls().contains("pkg:maven/test/leaf@1.1"))
        try job(shop, needing: "1.2", of: "leaf")
        let bound = try await shop.run("rm -rf m2 && \(validate)")
        #expect(bound.status == 1, "\(bound.text)")
        #expect(bound.output.contains("policy.denied min_age: pkg:maven/test/leaf@1.2"), "\(bound.text)")
        #expect(bound.output.contains("is 1 h old"), "\(bound.text)")
        #expect(shop.fake.requests(for: leaf.path("1.2")).allSatisfy { $0.method == "HEAD" })
    }

    @Test func `A jar that is not what lies beside it fails, though Maven alone would only warn`() async throws {
        let shop = try await Workshop.open()
        let (demo, _) = MavenArtifact.demo(on: shop.fake)
        let date = Timestamp(rfc3339: Moment.old)?.httpDate ?? ""
        let bytes = demo.jar(demo.releases[0])
        shop.fake.serve(demo.path("1.0"), FakeAnswer(bytes).with("Last-Modified", date).with(.flip))
        try job(shop)
        let ending = try await shop.run(validate)
        #expect(ending.status == 1, "\(ending.text)")
        #expect(ending.text.contains("integrity.mismatch"), "\(ending.text)")
        #expect(try !shop.manifest().inputs.contains { $0.file == "demo-1.0.jar" })
    }

    @Test func `A busy repository and a jar that breaks off once are waited for`() async throws {
        let shop = try await Workshop.open()
        let (demo, leaf) = MavenArtifact.demo(on: shop.fake)
        let date = Timestamp(rfc3339: Moment.old)?.httpDate ?? ""
        for (artifact, fault) in [(demo, Fault.resetInBody), (leaf, Fault.status(503))] {
            guard let release = artifact.releases.last else { continue }
            let good = FakeAnswer(artifact.jar(release)).with("Last-Modified", date)
            shop.fake.serve(artifact.path(release.version), good.with(fault), good)
        }
        try job(shop)
        let ending = try await shop.run(validate)
        #expect(ending.status == 0, "\(ending.text)")
    }
}
