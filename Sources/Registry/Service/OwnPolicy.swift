internal import Core
internal import Evidence
internal import Gateway
internal import Kernel
internal import Policy
internal import Storage

/// The registry's rules for what it fetches from public indexes and what it hosts, and the data that they look into.
struct OwnPolicy: Sendable {
    let policy: Policy
    /// Nil where there is no policy file.
    let datasets: Datasets?

    /// What holds without a file: findings are reported, nothing is refused.
    static let builtIn = OwnPolicy(policy: .builtIn, datasets: nil)

    /// Reads a file like an agent's `--policy`: policy keys only. Nothing is started with one that cannot be read.
    static func read(_ path: String) throws(Problem) -> OwnPolicy {
        let bytes: [UInt8]
        do throws(SystemError) { bytes = try Files.readAll(path, limit: 1 << 20) } catch {
            throw unreadable(path, "could not be read (\(error))")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw unreadable(path, "is not UTF-8 text") }
        var file = try PolicyFile.parse(text, name: path, allowsAgent: false)
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let paths = Datasets.paths(file) { _ in folder }
        let datasets = try Datasets(file, at: paths)
        if let names = datasets.names { file = try file.guarding(namesIn: names, of: paths[.names] ?? "") }
        return OwnPolicy(policy: try file.policy(overridingMode: nil), datasets: datasets)
    }

    func configuration(
        _ ecosystems: [any Ecosystem],
        now: @escaping @Sendable () -> Timestamp
    ) -> Gateway.Configuration {
        var configuration = Gateway.Configuration(ecosystems: ecosystems, policy: policy, now: now)
        datasets?.configure(&configuration)
        return configuration
    }

    /// The rules whose answer may change after a release was built, and that need none of the facts that a stranger's
    /// index gives. How old a release of our own is, for one, is nobody's concern.
    private static let lasting: Set<String> = ["block", "malware"]

    /// What these rules say of a file that is hosted here.
    func verdict(on file: HostedFile, of ecosystem: any Ecosystem, at now: Timestamp) -> Verdict {
        let compare: @Sendable (String, String) -> Int? = { ecosystem.compare($0, $1) }
        let release = Release(purl: file.release)
        let origin = ecosystem.defaultOrigin ?? Origin(.https, "hosted.invalid")
        var facts = Facts(release: release, origin: origin, type: file.type, now: now, compare: compare)
        facts.advisories = datasets?.advisories(of: release.purl, compare: compare)
        facts.stale = datasets?.stale(now) ?? [:]
        let findings = policy.judge(facts).findings.filter { OwnPolicy.lasting.contains($0.rule) }
        return Verdict.of(findings, policy.mode)
    }

    private static func unreadable(_ path: String, _ summary: String) -> Problem {
        Problem(
            .configUnreadable,
            subject: path,
            summary: summary,
            remedy: "Check the name and the permissions; without a readable policy nothing is started."
        )
    }
}

extension HostedFile {
    /// The release that the file is of.
    var release: Purl { Purl(type: type, path: package).at(version) }
}

extension Purl {
    /// A package by `namespace/name`.
    init(type: String, path: String) {
        let parts = path.split(separator: "/")
        let namespace = parts.dropLast().joined(separator: "/")
        self.init(type: type, namespace: namespace.isEmpty ? nil : namespace, name: String(parts.last ?? ""))
    }
}
