import Core
import Gateway
import JSONText
import Kernel
import Manifest
import Policy
import Storage
import TestKit
import Testing

@testable import Session

@Suite("Stores of earlier runs")
struct RestoredTests {
    private let scratch: Scratch
    private let bytes: [UInt8] = Array("a package".utf8)

    init() throws { scratch = try Scratch() }

    private var environment: [String: String] { ["HOME": scratch.path("home")] }

    private func digest(_ algorithm: Digest.Algorithm) throws -> Digest {
        var stream = DigestStream([algorithm])
        stream.update(bytes)
        return try #require(stream.digests.first { $0.algorithm == algorithm })
    }

    private func pin(_ type: String, _ algorithm: Digest.Algorithm, url: String? = nil) throws -> Pin {
        Pin(
            release: Purl(type: type, name: "thing", version: "1.0.0"),
            url: try url.map { try HTTPURL($0) },
            digests: [try digest(algorithm)]
        )
    }

    private func lockfiles(_ pins: [Pin]) -> ProjectLockfiles {
        let found = ["a.lock", "sub/b.lock"].map {
            ProjectLockfiles.Found(path: $0, digest: .sha256(of: []), pins: pins)
        }
        return ProjectLockfiles(folder: scratch.folder, found: found)
    }

    private func check(
        _ pins: [Pin],
        started: Int64 = 4_000_000_000,
        mode: Policy.Mode = .enforce,
        findings: [Finding] = []
    ) throws -> RestoredCheck {
        RestoredCheck(
            stores: RestoredStore.found(environment, lockfileFolders: [scratch.folder]),
            lockfiles: lockfiles(pins),
            started: Timestamp(seconds: started),
            cache: try BlobStore(folder: scratch.path("blobs")),
            judge: { _, _ in Verdict.of(findings, mode) }
        )
    }

    /// What a session's journal says of its traffic.
    private func book(_ events: [JSON] = [], client: String = "npm/10.8.2 node/v20.1.0", type: String = "npm") throws
        -> RecordBook
    {
        let now = Timestamp(seconds: 1)
        return try RecordBook([JournalEvent.traffic(type, client: client, at: now)] + events)
    }

    private func putNpm(_ contents: [UInt8]) throws {
        let hex = try digest(.sha512).hex
        try scratch.write(
            "home/.npm/_cacache/content-v2/sha512/\(hex.prefix(2))/\(hex.dropFirst(2).prefix(2))/\(hex.dropFirst(4))",
            contents
        )
    }

    @Test func `A pinned file from npm's store is hashed and is an input of its own origin`() throws {
        try putNpm(bytes)
        let pin = try pin("npm", .sha512, url: "https://registry.npmjs.org/thing/-/thing-1.0.0.tgz")
        let events = try check([pin]).events(try book(), at: Timestamp(seconds: 2))
        let manifest = BuildManifest(inputs: try book(events).inputs)
        let input = try #require(manifest.inputs.first)
        #expect(manifest.inputs.count == 1)
        #expect(try book(events).restored == ["npm": 1])
        #expect(input.origin == "restored" && input.file == "thing-1.0.0.tgz" && input.size == 9)
        #expect(input.url == "https://registry.npmjs.org/thing/-/thing-1.0.0.tgz")
        #expect(input.sha256 == Digest.sha256(of: bytes).hex)
        #expect(input.claimed.map(\.by) == ["a.lock", "sub/b.lock"] && input.claimed.allSatisfy(\.agrees))
        #expect(try BuildManifest(parsing: manifest.canonicalBytes()) == manifest)
        #expect(try book(events).gaps.isEmpty)
    }

    @Test func `A crate is found in whatever registry's folder it lies`() throws {
        try scratch.write("home/.cargo/registry/cache/index.crates.io-1/thing-1.0.0.crate", bytes)
        let book = try book(client: "cargo/1.95.0 (x 2026-01-01)", type: "cargo")
        let events = try check([try pin("cargo", .sha256)]).events(book, at: Timestamp(seconds: 2))
        #expect(events.compactMap { $0["purl"]?.string } == ["pkg:cargo/thing@1.0.0"])
    }

    @Test func `Other bytes than the lockfile promises are a gap and no input`() throws {
        try putNpm(Array("another".utf8))
        let book = try book(try check([try pin("npm", .sha512)]).events(try book(), at: Timestamp(seconds: 2)))
        #expect(book.inputs.isEmpty)
        #expect(book.restoredGaps.map(\.host) == ["npm"] && book.ordinaryGaps.isEmpty)
    }

    @Test func `What came by us, what the job itself put there, and a store that nobody used are left alone`() throws {
        try putNpm(bytes)
        let pin = try pin("npm", .sha512)
        let now = Timestamp(seconds: 2)
        let own = try check([pin]).events(try book(), at: now)
        #expect(try check([pin]).events(try book(own), at: now).isEmpty)
        #expect(try check([pin], started: 1_000).events(try book(), at: now).isEmpty)
        #expect(try check([pin]).events(try book(client: "yarn/1.22.0"), at: now).isEmpty)
    }

    @Test func `An installation that changed shows that the store was used without any traffic`() throws {
        try putNpm(bytes)
        try scratch.write("node_modules/.package-lock.json", "{}")
        let check = try check([try pin("npm", .sha512)], started: 1_000)
        // The file is not older than the job here, so all that shows is that the store was looked at at all.
        #expect(check.stores.map(\.marks) == [["\(scratch.folder)/node_modules/.package-lock.json"]])
    }

    @Test func `A store without digests is a gap when its client was seen, unless it is switched off`() throws {
        try scratch.write("home/.cache/pip/http-v2/a/b", "x")
        try scratch.write("home/go/pkg/mod/cache/download/x", "x")
        let pip = try book(client: "pip/24.0 {}", type: "pypi")
        let found = try book(try check([]).events(pip, at: Timestamp(seconds: 2)))
        #expect(found.restoredGaps.map(\.host) == ["pip"])
        let go = try book(client: "Go-http-client/1.1", type: "golang")
        #expect(try book(try check([]).events(go, at: Timestamp(seconds: 2))).restoredGaps.map(\.host) == ["go"])
        let off = environment.merging(["PIP_NO_CACHE_DIR": "1"]) { _, new in new }
        #expect(RestoredStore.found(off, lockfileFolders: []).map(\.name) == ["go"])
    }

    @Test func `A module's zip is held against go.sum by what it holds`() throws {
        let module = GoModule("github.com/BurntSushi/toml", "v1.3.0")
        try scratch.write("home/go/pkg/mod/cache/download/github.com/!burnt!sushi/toml/@v/v1.3.0.zip", module.zip)
        let release = try Purl(parsing: "pkg:golang/github.com/BurntSushi/toml@v1.3.0")
        let pin = Pin(release: release, file: "v1.3.0.zip", digests: [try #require(Digest(module.h1))])
        let go = try book(client: "Go-http-client/1.1", type: "golang")
        let found = try book(try check([pin]).events(go, at: Timestamp(seconds: 2)))
        let input = try #require(found.inputs.first)
        #expect(input.purl == release && input.origin == "restored")
        #expect(input.sha256 == Digest.sha256(of: module.zip).hex && input.digests.contains(pin.digests[0]))
        #expect(found.restoredGaps.isEmpty)
        let other = Pin(release: release, file: "v1.3.0.zip", digests: [try #require(Digest(module.modHash))])
        let wrong = try book(try check([other]).events(go, at: Timestamp(seconds: 2)))
        #expect(wrong.inputs.isEmpty && wrong.restoredGaps.map(\.host) == ["go"])
    }

    @Test func `A go that asked nobody shows by what it compiled`() async throws {
        let module = GoModule("example.com/a", "v1.0.0")
        try scratch.write("home/go/pkg/mod/cache/download/example.com/a/@v/v1.0.0.zip", module.zip)
        try scratch.write("home/.cache/go-build/7f/x-a", "x")
        let release = try Purl(parsing: "pkg:golang/example.com/a@v1.0.0")
        let pin = Pin(release: release, file: "v1.0.0.zip", digests: [try #require(Digest(module.h1))])
        let silent = try RecordBook([])
        #expect(try check([pin]).events(silent, at: Timestamp(seconds: 2)).isEmpty)
        // Later than the start that the checks here are told.
        let touch = ["touch", "-d", "@5000000000", scratch.path("home/.cache/go-build/7f")]
        #expect(
            try await ChildProcess.run(ChildCommand(touch, environment: ["PATH": "/usr/bin:/bin"])).exit == .exited(0)
        )
        let events = try check([pin]).events(silent, at: Timestamp(seconds: 2))
        #expect(try book(events).inputs.map(\.origin) == ["restored"])
    }

    @Test func `What pip kept is found by its digest, and hashed only where a pin is missing`() throws {
        try scratch.write("home/.cache/pip/http-v2/a/b/c/abc.body", bytes)
        try scratch.write("home/.cache/pip/http-v2/a/b/c/abc", "headers")
        let pip = try book(client: "pip/24.0 {}", type: "pypi")
        let found = try book(try check([try pin("pypi", .sha256)]).events(pip, at: Timestamp(seconds: 2)))
        #expect(found.inputs.map(\.origin) == ["restored"] && found.restoredGaps.isEmpty)
        #expect(found.inputs.first?.sha256 == Digest.sha256(of: bytes).hex)
        let other = Pin(release: Purl(type: "pypi", name: "x", version: "1"), digests: [.sha256(of: [1])])
        #expect(try book(try check([other]).events(pip, at: Timestamp(seconds: 2))).inputs.isEmpty)
    }

    @Test func `What Gradle kept is held against the project's own checksums`() throws {
        try scratch.write("home/.gradle/caches/modules-2/files-2.1/org.a/b/1.0/0f0f/b-1.0.jar", bytes)
        let release = Purl(type: "maven", namespace: "org.a", name: "b", version: "1.0")
        let pin = Pin(release: release, file: "b-1.0.jar", digests: [.sha256(of: bytes)])
        let gradle = try book(client: "Gradle/8.5 (Linux;6.1;amd64)", type: "maven")
        let found = try book(try check([pin]).events(gradle, at: Timestamp(seconds: 2)))
        #expect(found.inputs.map(\.file) == ["b-1.0.jar"] && found.restoredGaps.isEmpty)
    }

    @Test(arguments: [("npm", ".npm/_cacache/content-v2/sha512/a/b"), ("cargo", ".cargo/registry/cache/r/x.crate")])
    func `Without a lockfile nobody can say what was taken, so it is a gap`(_ name: String, _ path: String) throws {
        try scratch.write("home/\(path)", "x")
        let found = try book(client: "\(name)/1.0.0", type: name)
        let events = try check([]).events(found, at: Timestamp(seconds: 2))
        #expect(try book(events).restoredGaps.map(\.host) == [name])
    }

    @Test func `No more is looked at than the bounds allow, and that is said`() throws {
        try putNpm(bytes)
        var check = try check([try pin("npm", .sha512)])
        check.limits.bytes = 8
        let book = try book(check.events(try book(), at: Timestamp(seconds: 2)))
        #expect(book.inputs.isEmpty && book.restoredGaps.count == 1)
    }

    @Test func `A package that policy blocks is refused though it came from a store`() throws {
        try putNpm(bytes)
        let finding = Finding(
            rule: "block",
            action: .block,
            message: "is on the block list",
            evidence: "",
            allowedFrom: nil,
            exemption: "",
            isMissingData: false
        )
        let check = try check([try pin("npm", .sha512)], findings: [finding])
        let book = try book(check.events(try book(), at: Timestamp(seconds: 2)))
        #expect(book.inputs.count == 1)
        #expect(book.blocked.map(\.rule) == ["block"])
    }

    @Test func `Facts that only an index has are not held against a file from a store`() throws {
        try scratch.write("purser.yml", "version: 1\nmode: enforce\nrules:\n  block: [\"pkg:npm/thing\"]\n")
        let plan = try scratch.plan()
        let verdict = plan.verdict(onRestored: try pin("npm", .sha512), .sha256(of: bytes))
        #expect(verdict.findings.map(\.rule) == ["block"])
    }
}
