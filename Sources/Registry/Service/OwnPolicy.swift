internal import Core
internal import Gateway
internal import Kernel
internal import Knowledge
internal import Policy

/// The registry's rules for what it fetches from public indexes, and the data that they look into.
struct OwnPolicy: Sendable {
    let policy: Policy
    let advisories: AdvisorySnapshot?

    /// What holds without a file: findings are reported, nothing is refused.
    static let builtIn = OwnPolicy(policy: .builtIn, advisories: nil)

    /// Reads a file like an agent's `--policy`: policy keys only. Nothing is started with one that cannot be read.
    static func read(_ path: String) throws(Problem) -> OwnPolicy {
        let bytes: [UInt8]
        do throws(SystemError) { bytes = try Files.readAll(path, limit: 1 << 20) } catch {
            throw unreadable(path, "could not be read (\(error))")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw unreadable(path, "is not UTF-8 text") }
        let file = try PolicyFile.parse(text, name: path, allowsAgent: false)
        var advisories: AdvisorySnapshot?
        if let snapshot = file.osv?.path {
            let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
            advisories = try AdvisorySnapshot.load(path: snapshot.hasPrefix("/") ? snapshot : folder + snapshot)
        }
        return OwnPolicy(policy: try file.policy(overridingMode: nil), advisories: advisories)
    }

    func configuration(
        _ ecosystems: [any Ecosystem],
        now: @escaping @Sendable () -> Timestamp
    ) -> Gateway.Configuration {
        var configuration = Gateway.Configuration(ecosystems: ecosystems, policy: policy, now: now)
        if let advisories {
            configuration.advisories = { advisories.advisories(for: $0, compare: $1)?.map(Advisory.init) }
        }
        return configuration
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
