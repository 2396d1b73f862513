import Core
import Crypto
import Kernel
import Manifest
import TestKit

/// One job on a machine of its own: a scratch folder, a fake of every public registry, and the agent in front of them.
/// Clients find nothing of this machine's settings.
struct Workshop: Sendable {
    let scratch: Scratch
    let fake: FakeUpstream

    static func open() async throws -> Workshop {
        let workshop = Workshop(scratch: try Scratch(), fake: try await FakeUpstream.start())
        for folder in ["job", "home", "tmp"] { try Files.makeFolder(workshop.scratch(folder)) }
        return workshop
    }

    /// How a command ended.
    struct Ending: Sendable {
        let status: Int32
        let output: String
        let errors: String
        var isLate = false

        /// Both streams: some clients complain on the one, some on the other.
        var text: String { output + errors }
    }

    /// Where the fake lies for everybody who asks the public hosts.
    private var addresses: [String] {
        let places = [
            ("pypi", "/pypi"), ("pypi:files", "/files"), ("npm", "/npm"), ("deb", "/deb"), ("maven", "/maven"),
            ("composer", "/composer"), ("composer:files", "/github"), ("oci", "/oci"),
            ("cargo", "/cargo"), ("cargo:files", "/crates"),
            ("golang", "/golang"), ("terraform", "/terraform"), ("git", "/git"),
        ]
        return places.flatMap { ["--upstream", "\($0.0)=\(fake.origin)\($0.1)"] }
            + ["--origin", "generic=\(fake.origin)/gen/"]
    }

    /// The environment of a machine on which nothing is set.
    var environment: [String: String] {
        let own = ProcessIdentity.environment()
        return [
            "PATH": own["PATH"] ?? "/usr/bin:/bin", "HOME": scratch("home"), "TMPDIR": scratch("tmp"),
            "LC_ALL": "C.UTF-8", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1",
            "PIP_CONFIG_FILE": "/dev/null", "PIP_NO_CACHE_DIR": "1", "PIP_NO_INPUT": "1",
            "UV_PYTHON_DOWNLOADS": "never",
            "UV_NO_CACHE": "1", "UV_NO_PROGRESS": "1", "UV_HTTP_RETRIES": "1", "npm_config_cache": scratch("npm-cache"),
            "RUSTUP_HOME": own["RUSTUP_HOME"] ?? (own["HOME"] ?? "") + "/.rustup",
            "CARGO_HOME": scratch("cargo-home"), "CARGO_NET_RETRY": "0", "CARGO_TERM_COLOR": "never",
            "npm_config_fund": "false", "npm_config_globalconfig": "/dev/null",
        ]
    }

    /// `purser run` of a shell script in the job's folder.
    func run(
        _ script: String,
        _ options: [String] = [],
        environment added: [String: String] = [:],
        agent program: [String]? = nil
    ) async throws -> Ending {
        let agent =
            (try program ?? [Agent.path()]) + ["run", "--cache", scratch("cache")] + addresses + options + [
                "--", "sh", "-c", script,
            ]
        return try await start(agent, added)
    }

    /// A command without the agent.
    func plain(_ script: String, environment added: [String: String] = [:]) async throws -> Ending {
        try await start(["sh", "-c", script], added)
    }

    private func start(_ arguments: [String], _ added: [String: String]) async throws -> Ending {
        let command = ChildCommand(
            arguments,
            environment: environment.merging(added) { _, new in new },
            workingDirectory: scratch("job")
        )
        let report = try await ChildProcess.run(command, limits: RunLimits(seconds: 100))
        return Ending(
            status: report.exit.status,
            output: String(decoding: report.output, as: UTF8.self),
            errors: String(decoding: report.errors, as: UTF8.self),
            isLate: report.isLate
        )
    }
}

extension Workshop {
    func write(_ text: String, _ name: String) throws { try scratch.write(Array(text.utf8), to: "job/\(name)") }

    func read(_ name: String) throws -> String { String(decoding: try scratch.read("job/\(name)"), as: UTF8.self) }

    func exists(_ name: String) -> Bool { Files.exists(scratch("job/\(name)")) }

    /// The policy beside the job.
    func policy(_ rules: String = "", mode: String = "enforce") throws {
        try write("version: 1\nmode: \(mode)\n\(rules)", "purser.yml")
    }

    /// What the last run wrote down.
    func manifest(_ name: String = "purser.lock") throws -> BuildManifest {
        try BuildManifest(parsing: try scratch.read("job/\(name)"))
    }

    func purls() throws -> [String] { try manifest().inputs.map(\.purl.description) }

    /// For `PATH`: a folder with the few programs that a script needs, and no Java among them.
    func folderWithoutJava() throws -> String {
        try Files.makeFolder(scratch("bin"))
        let folders = (environment["PATH"] ?? "").split(separator: ":")
        for name in ["sh", "curl"] {
            guard let folder = folders.first(where: { Files.exists("\($0)/\(name)") }) else { continue }
            try Files.symlink(scratch("bin/\(name)"), to: "\(folder)/\(name)")
        }
        return scratch("bin")
    }

    /// The digests that hold bytes in the job cache.
    var cachedFiles: [String] { scratch.files(below: "cache") }
}

/// The program under test, built beside this one.
enum Agent {
    static func path() throws -> String {
        let own = try ProcessIdentity.executablePath()
        let folder = own[..<(own.lastIndex(of: "/") ?? own.endIndex)]
        let names = ["purser", "AgentCommand"]
        guard let name = names.first(where: { Files.exists("\(folder)/\($0)") }) else { throw Missing() }
        return "\(folder)/\(name)"
    }

    /// Without the program there is nothing to test.
    struct Missing: Error {}
}

/// A package manager that this machine may or may not have.
enum Client {
    static func isHere(_ names: String...) -> Bool {
        let folders = (ProcessIdentity.environment()["PATH"] ?? "").split(separator: ":")
        return names.allSatisfy { name in folders.contains { Files.exists("\($0)/\(name)") } }
    }
}

/// Moments that policy cares about.
enum Moment {
    static let old = "2024-01-10T08:00:00Z"
    static var anHourAgo: String { Timestamp(seconds: ProcessIdentity.wallClock().seconds - 3_600).description }
}

extension Workshop {
    static func hex(_ bytes: [UInt8]) -> String { Hex.encode(Array(SHA256.hash(data: bytes))) }

    static func sha1(_ bytes: [UInt8]) -> String { Hex.encode(Array(Insecure.SHA1.hash(data: bytes))) }
}
