internal import Core
internal import Kernel
internal import Storage

/// Where a session keeps things.
struct SessionPaths: Sendable {
    /// Private to this session, removed at its end.
    let session: String
    /// The job cache of this user, repository and level; nil with `--cache off`.
    let cache: String?

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
        let temporary = environment["RUNNER_TEMP"] ?? environment["TMPDIR"] ?? "/tmp"
        let session: String
        do throws(SystemError) {
            session = "\(temporary)/purser-\(Hex.encode(try ProcessIdentity.randomBytes(9)))"
            // Helpers of a client that run as another user (apt's) must reach the CA file by its name, and nothing else.
            try Files.makeFolder(session)
            try Files.makeFolder("\(session)/clients")
            for folder in [session, "\(session)/clients"] { try Files.chmod(folder, mode: 0o711) }
        } catch {
            throw Problem(
                .storageFull,
                subject: temporary,
                summary: "cannot hold the session's folder (\(error))",
                remedy: "Make the folder exist and writable, or set TMPDIR to another one."
            )
        }
        return SessionPaths(session: session, cache: cacheFolder(option, environment, level))
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
