internal import Core
internal import Kernel
internal import Storage

/// Where a session keeps things.
struct SessionPaths: Sendable {
    /// Private to this session, removed at its end.
    let session: String
    /// The job cache of this user, repository and level; nil with `--cache off`.
    let cache: String?
    /// Held while the session lives, so that folders of sessions that were killed can be told from others.
    private let lock: FileLock?

    var journal: String { "\(session)/journal" }
    var clients: String { "\(session)/clients" }
    /// Blobs that may be used again: in the cache, or, without one, for this session only.
    var blobs: String { "\(cache ?? session)/blobs" }
    /// Index answers and unclaimed bytes, which only replay reads.
    var record: String { "\(cache ?? session)/record" }
    var answers: String? { cache.map { "\($0)/answers" } }

    static func make(cache option: String?, environment: [String: String], level: String) throws(Problem)
        -> SessionPaths
    {
        let temporary = try temporaryFolder(environment)
        let session: String
        let lock: FileLock?
        do throws(SystemError) {
            session = "\(temporary)/\(prefix)\(Hex.encode(try ProcessIdentity.randomBytes(9)))"
            // Helpers of a client that run as another user (apt's) must reach the CA file by its name, and nothing else.
            try Files.makeFolder(session)
            lock = try FileLock.attempt("\(session)/lock")
            try Files.makeFolder("\(session)/clients")
            for folder in [session, "\(session)/clients"] { try Files.chmod(folder, mode: 0o711) }
        } catch {
            throw Problem(
                .storageFull,
                subject: temporary,
                summary: "cannot hold the session's folder (\(error))",
                remedy: "Make the folder writable and free space in it, or set TMPDIR to another one."
            )
        }
        return SessionPaths(session: session, cache: cacheFolder(option, environment, level), lock: lock)
    }

    private static let prefix = "purser-"

    /// `RUNNER_TEMP`, `TMPDIR` or `/tmp`. One that is named and not there is an error, not a folder to be made.
    static func temporaryFolder(_ environment: [String: String]) throws(Problem) -> String {
        let named = ["RUNNER_TEMP", "TMPDIR"].first { !(environment[$0] ?? "").isEmpty }
        let folder = named.flatMap { environment[$0] } ?? "/tmp"
        guard (try? Files.stat(folder, followLink: true))?.isFolder == true else {
            throw Problem(
                .configUnreadable,
                subject: named.map { "\($0)=\(folder)" } ?? folder,
                summary: "is no folder",
                remedy: "Make the folder, or name another one in TMPDIR."
            )
        }
        return folder
    }

    /// Folders of other sessions of this user.
    func others(_ environment: [String: String]) -> [String] {
        guard let temporary = try? SessionPaths.temporaryFolder(environment) else { return [] }
        return ((try? Files.list(temporary, limit: 10_000)) ?? []).map { "\(temporary)/\($0)" }.filter { folder in
            let name = folder.dropFirst(temporary.count + 1)
            return name.hasPrefix(SessionPaths.prefix) && name.count == SessionPaths.prefix.count + 18
                && folder != session
                && (try? Files.stat(folder))?.uid == ProcessIdentity.effectiveUID
        }
    }

    /// Removes what sessions left that were killed: folders of this user whose lock nobody holds.
    static func sweep(_ environment: [String: String]) {
        guard let temporary = try? temporaryFolder(environment) else { return }
        for name in (try? Files.list(temporary, limit: 10_000)) ?? [] {
            let folder = "\(temporary)/\(name)"
            guard name.hasPrefix(prefix), name.count == prefix.count + 18,
                let found = try? Files.stat(folder), found.isFolder, found.uid == ProcessIdentity.effectiveUID,
                Files.exists("\(folder)/lock"), let lock = try? FileLock.attempt("\(folder)/lock")
            else { continue }
            withExtendedLifetime(lock) { try? Files.removeTree(folder) }
        }
    }

    /// One folder per (user, repository, protected or not), so that an untrusted job never feeds a trusted one.
    static func cacheFolder(_ option: String?, _ environment: [String: String], _ level: String) -> String? {
        if option == "off" { return nil }
        if let option { return option }
        let home = environment["XDG_CACHE_HOME"] ?? environment["HOME"].map { "\($0)/.cache" }
        return home.map { "\($0)/purser/\(level)" }
    }

    /// The name of the cache's level.
    static func level(ci: CIEnvironment?, folder: String) -> String {
        guard let ci else { return "local" }
        let name = "\(ci.repository ?? folder)\n\(ci.isProtected ? "protected" : "open")"
        return "\(ci.isProtected ? "protected" : "open")-\(Digest.sha256(of: Array(name.utf8)).hex.prefix(16))"
    }

    func remove() { try? Files.removeTree(session) }
}
