import Core
import Manifest
import TestKit
import Testing

/// Maven, which needs no plugin to read a parent's project file: the smallest thing that it fetches.
@Suite("Maven through the agent", .enabled(if: Client.isHere("mvn", "java"), "mvn is not on PATH"))
struct MavenClientTests {
    private static let folder = "/maven/maven2/test/parent"
    private let validate = "mvn -B -ntp -Dmaven.repo.local=repository validate"

    private static func pom(_ version: String) -> String {
        """
        <project><modelVersion>4.0.0</modelVersion><groupId>test</groupId><artifactId>parent</artifactId>\
        <version>\(version)</version><packaging>pom</packaging></project>
        """
    }

    private static func serve(_ version: String, published: String, on fake: FakeUpstream, _ faults: [Fault?] = [nil]) {
        let file = "\(folder)/\(version)/parent-\(version).pom"
        let bytes = Array(pom(version).utf8)
        let date = Timestamp(rfc3339: published)?.httpDate ?? ""
        let answer = FakeAnswer(bytes, type: "text/xml").with("Last-Modified", date)
        fake.serve(file, faults.map { answer.with($0) })
        fake.serve("\(file).sha1", FakeAnswer(Workshop.sha1(bytes), type: "text/plain"))
        fake.serve("\(file).sha256", FakeAnswer(Workshop.hex(bytes), type: "text/plain"))
    }

    private static func job(_ version: String) -> String {
        """
        <project><modelVersion>4.0.0</modelVersion><parent><groupId>test</groupId><artifactId>parent</artifactId>\
        <version>\(version)</version><relativePath/></parent><artifactId>job</artifactId>\
        <packaging>pom</packaging></project>
        """
    }

    @Test func `A parent is fetched once, and later comes from the cache and offline`() async throws {
        let shop = try await Workshop.open()
        Self.serve("1.0", published: Moment.old, on: shop.fake)
        try shop.write(Self.job("1.0"), "pom.xml")
        try shop.policy()
        let first = try await shop.run(validate)
        #expect(first.status == 0, "\(first.text)")
        #expect(try shop.purls() == ["pkg:maven/test/parent@1.0?type=pom"])
        #expect(try shop.manifest().inputs.allSatisfy { $0.claimed.count == 2 })
        let second = try await shop.run("rm -rf repository && \(validate)")
        #expect(second.status == 0, "\(second.text)")
        let asked = shop.fake.requests(for: "\(Self.folder)/1.0/parent-1.0.pom").map(\.method)
        #expect(asked == ["HEAD", "GET"])
        await shop.fake.stop()
        let offline = try await shop.run("rm -rf repository && \(validate)", ["--offline"])
        #expect(offline.status == 0, "\(offline.text)")
    }

    @Test func `A young release is refused in Maven's own words`() async throws {
        let shop = try await Workshop.open()
        Self.serve("2.0", published: Moment.anHourAgo, on: shop.fake)
        try shop.write(Self.job("2.0"), "pom.xml")
        try shop.policy()
        let ending = try await shop.run(validate)
        #expect(ending.status != 0)
        #expect(ending.text.contains("403 policy.denied min_age: pkg:maven/test/parent@2.0"), "\(ending.text)")
        let asked = shop.fake.requests(for: "\(Self.folder)/2.0/parent-2.0.pom").map(\.method)
        #expect(asked == ["HEAD"])
    }

    @Test func `A file that its checksum contradicts fails the build, where Maven would warn`() async throws {
        let shop = try await Workshop.open()
        Self.serve("1.0", published: Moment.old, on: shop.fake, [.flip])
        try shop.write(Self.job("1.0"), "pom.xml")
        let ending = try await shop.run(validate)
        #expect(ending.status != 0 && ending.text.contains("integrity.mismatch"), "\(ending.text)")
    }
}
