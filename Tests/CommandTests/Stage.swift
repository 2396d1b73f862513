import Core
import Foundation
import Kernel
import Storage

/// A folder, an environment and an upstream for one script; everything is removed with it.
final class Stage: Sendable {
    let folder: String
    let upstream: FakeUpstream
    let environment: [String: String]

    var job: String { "\(folder)/job" }
    var temporary: String { "\(folder)/tmp" }
    var cache: String { "\(folder)/cache" }

    /// A path of the test's own folder.
    static func fixture(_ name: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(name).path
    }

    /// The built agent, beside the test bundle.
    static let agent: String = {
        let own = (try? Files.realpath("/proc/self/exe")) ?? ""
        let folder = own[..<(own.lastIndex(of: "/") ?? own.startIndex)]
        return ["purser", "AgentCommand"].map { "\(folder)/\($0)" }.first { Files.exists($0) } ?? "purser"
    }()

    init(_ more: [String: FakeAnswer] = [:]) throws {
        folder = "/tmp/purser-command-tests-\(UUID().uuidString)"
        for name in ["job", "tmp", "home", "bin"] { try Files.makeFolder("\(folder)/\(name)") }
        let answers = try Stage.answers().merging(more) { _, new in new }
        let down = "\(folder)/down"
        upstream = try FakeUpstream { target in
            // A file named `down` takes the upstream away.
            if Files.exists(down) { return FakeAnswer(status: "503 Service Unavailable") }
            return answers[target] ?? answers[String(target.prefix { $0 != "?" })]
        }
        try Files.symlink("\(folder)/bin/purser", to: Stage.agent)
        try Files.writeAtomically("\(folder)/bin/fetch", Array(Stage.fetch.utf8), mode: 0o755)
        environment = [
            "PATH": "\(folder)/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": "\(folder)/home", "TMPDIR": "\(folder)/tmp", "LANG": "C.UTF-8", "UPSTREAM": upstream.base,
            "PURSER_CACHE": "\(folder)/cache",
            "PURSER_UPSTREAM": "pypi=\(upstream.base)\npypi:files=\(upstream.base)",
        ]
    }

    deinit { try? Files.removeTree(folder) }

    /// `fetch NAME FILE`: the index of a project, then one of its files, as a client would.
    private static let fetch = """
        #!/bin/sh
        curl -sSf "https://pypi.org/simple/$1/" -o /dev/null && curl -sSf -o "$2" "https://files.pythonhosted.org/files/$2"

        """

    private static func answers() throws -> [String: FakeAnswer] {
        let (file, digest) = try wheel("demo")
        let (fresh, freshDigest) = try wheel("fresh")
        let old = "2020-01-02T03:04:05Z"
        let now = ISO8601DateFormatter().string(from: Date())
        return [
            "/simple/demo/": index("demo", "demo-1.0-py3-none-any.whl", digest, old),
            "/files/demo-1.0-py3-none-any.whl": file,
            // Published this minute, so that the built-in rules deny it.
            "/simple/fresh/": index("fresh", "fresh-1.0-py3-none-any.whl", freshDigest, now),
            "/files/fresh-1.0-py3-none-any.whl": fresh,
            "/simple/wrong/": index("wrong", "wrong-1.0-py3-none-any.whl", String(repeating: "0", count: 64), old),
            "/files/wrong-1.0-py3-none-any.whl": file,
            // Says inside that it is another package.
            "/simple/named/": index("named", "named-1.0-py3-none-any.whl", digest, old),
            "/files/named-1.0-py3-none-any.whl": file,
            // The promised bytes, but no archive.
            "/simple/torn/": index(
                "torn",
                "torn-1.0-py3-none-any.whl",
                Digest.sha256(of: Array("PK torn".utf8)).hex,
                old
            ),
            "/files/torn-1.0-py3-none-any.whl": .text("PK torn", type: "application/octet-stream"),
            "/files/loop.whl": FakeAnswer(status: "302 Found", headers: ["Location: /files/loop.whl"]),
            "/files/page.whl": .text("<html>please log in</html>", type: "text/html"),
        ]
    }

    private static func wheel(_ name: String) throws -> (FakeAnswer, String) {
        let bytes = try Files.readAll(Stage.fixture("Fixtures/\(name)-1.0-py3-none-any.whl"))
        let file = FakeAnswer(headers: ["Content-Type: application/octet-stream"], body: bytes)
        return (file, Digest.sha256(of: bytes).hex)
    }

    private static func index(_ name: String, _ file: String, _ digest: String, _ time: String) -> FakeAnswer {
        .text(
            """
            {"meta": {"api-version": "1.1"}, "name": "\(name)", "versions": ["1.0"], "files": [{"filename": "\(file)",
            "url": "https://files.pythonhosted.org/files/\(file)", "hashes": {"sha256": "\(digest)"},
            "upload-time": "\(time)", "yanked": false}]}
            """,
            type: "application/vnd.pypi.simple.v1+json"
        )
    }

    /// Runs one line of shell in the job's folder.
    func shell(_ line: String, seconds: Double = 60, environment more: [String: String] = [:]) async throws
        -> ChildReport
    {
        let environment = environment.merging(more) { _, new in new }
        return try await ChildProcess.run(
            ChildCommand(["bash", "-c", line], environment: environment, workingDirectory: job),
            limits: RunLimits(seconds: seconds)
        )
    }

    /// Folders of sessions that are still there.
    var sessions: [String] {
        ((try? Files.list(temporary)) ?? []).filter { $0.hasPrefix("purser-") && !$0.contains("papers") }
    }
}

extension ChildReport {
    var outputText: String { String(decoding: output, as: UTF8.self) }
    var errorText: String { String(decoding: errors, as: UTF8.self) }
}
