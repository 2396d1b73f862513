internal import Core
internal import Kernel
internal import Storage

/// Where a session keeps things.
struct SessionPaths: Sendable {
    /// Private to this session, removed at its end.
    let session: String
    /// The job cache of this user, repository and level; nil with `--cache off`.
    let cache: String?
    /// Why there is no cache although nobody turned it off.
    var notice: String?
    /// Held while the session lives, so that folders of sessions that were killed can be told from others.
    private let lock: FileLock?

    var journal: String { "\(session)/journal" }
    var clients: String { "\(session)/clients" }
    /// Where `mark`, `status` and `finish` reach a session that outlives its first step.
    var control: String { "\(session)/control" }
    /// Blobs that may be used again: in the cache, or, without one, for this session only.
    var blobs: String { "\(cache ?? session)/blobs" }
    /// Index answers and unclaimed bytes, which only replay reads.
    var record: String { "\(cache ?? session)/record" }
    var answers: String? { cache.map { "\($0)/answers" } }

    /// `folder` is one that `fresh` named; without it the session names its own.
    static func make(
        cache option: String?,
        environment: [String: String],
        level: String,
        folder: String? = nil
    ) throws(Problem) -> SessionPaths {
        let temporary = try temporaryFolder(environment)
        let session: String
        let lock: FileLock?
        do throws(SystemError) {
            if let folder { session = folder } else { session = try fresh(in: temporary) }
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
        let cache = cacheFolder(option, environment, level)
        // A home that is not there, or not ours, is what service users and containers have; a folder that somebody named
        // has to be one.
        guard option == nil, let cache, !mayKeep(in: cache) else {
            return SessionPaths(session: session, cache: cache, lock: lock)
        }
        let notice = "nothing is kept for the next job: \(cache) cannot be written (--cache names another folder)"
        return SessionPaths(session: session, cache: nil, notice: notice, lock: lock)
    }

    private static func mayKeep(in folder: String) -> Bool {
        (try? Files.makeFolder(folder)) != nil && (try? TemporaryFile(in: folder)) != nil
    }

    private static let prefix = "purser-"

    /// A name for a session's folder that nobody can foresee.
    static func fresh(in temporary: String) throws(SystemError) -> String {
        "\(temporary)/\(prefix)\(Hex.encode(try ProcessIdentity.randomBytes(9)))"
    }

    /// Sessions of this user that were started by `purser start`, or were so once.
    static func started(_ environment: [String: String]) -> [String] {
        guard let temporary = try? temporaryFolder(environment) else { return [] }
        return ((try? Files.list(temporary, limit: 10_000)) ?? []).filter(isName).map { "\(temporary)/\($0)" }
            .filter { (try? Files.stat("\($0)/\(SessionNote.file)"))?.uid == ProcessIdentity.effectiveUID }.sorted()
    }

    private static func isName(_ name: String) -> Bool { name.hasPrefix(prefix) && name.count == prefix.count + 18 }

    /// `RUNNER_TEMP`, `TMPDIR` or `/tmp`. One that is named and not there is an error, not a folder to be made.
    static func temporaryFolder(_ environment: [String: String]) throws(Problem) -> String {
        let named = ["RUNNER_TEMP", "TMPDIR"].first { !(environment[$0] ?? "").isEmpty }
        // Commands change their folder, and have to find the session's files all the same.
        let place = named.flatMap { environment[$0] } ?? "/tmp"
        let folder = place.hasPrefix("/") ? place : (try? Files.realpath(place)) ?? place
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
            guard isName(name), !isKept(folder),
                let found = try? Files.stat(folder), found.isFolder, found.uid == ProcessIdentity.effectiveUID,
                Files.exists("\(folder)/lock"), let lock = try? FileLock.attempt("\(folder)/lock")
            else { continue }
            withExtendedLifetime(lock) { try? Files.removeTree(folder) }
        }
    }

    /// What a session of several steps left is for whoever asks about it: its result for a day, the journal of one that
    /// died for a week.
    private static func isKept(_ folder: String) -> Bool {
        guard Files.exists("\(folder)/\(SessionNote.file)") else { return false }
        let result = try? Files.stat("\(folder)/\(FinishResult.file)")
        guard let last = result ?? (try? Files.stat("\(folder)/journal")) else { return false }
        let age = ProcessIdentity.wallClock().seconds - last.mtimeNanos / 1_000_000_000
        return age < (result == nil ? 7 : 1) * 86_400
    }

    /// One folder per (user, repository, protected or not), so that an untrusted job never feeds a trusted one.
    static func cacheFolder(_ option: String?, _ environment: [String: String], _ level: String) -> String? {
        if option == "off" { return nil }
        if let option { return option }
        let own = environment["XDG_CACHE_HOME"] ?? ""
        let home = environment["HOME"] ?? ""
        // What is empty or relative is to be ignored, says the XDG base directory specification.
        let folders = [own, home.isEmpty ? "" : "\(home)/.cache"]
        return folders.first { $0.hasPrefix("/") }.map { "\($0)/purser/\(level)" }
    }

    /// The name of the cache's level.
    static func level(ci: CIEnvironment?, folder: String) -> String {
        guard let ci else { return "local" }
        let name = "\(ci.repository ?? folder)\n\(ci.isProtected ? "protected" : "open")"
        return "\(ci.isProtected ? "protected" : "open")-\(Digest.sha256(of: Array(name.utf8)).hex.prefix(16))"
    }

    func remove() { try? Files.removeTree(session) }

    /// Removes everything but what is named.
    func clear(keeping kept: Set<String>) {
        for name in (try? Files.list(session)) ?? [] where !kept.contains(name) {
            let path = "\(session)/\(name)"
            if (try? Files.stat(path))?.isFolder == true {
                try? Files.removeTree(path)
            } else {
                try? Files.unlink(path)
            }
        }
    }
}
