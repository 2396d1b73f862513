internal import Core
internal import Kernel
internal import Storage
internal import Synchronization

/// `sudo` inside the job. It drops most variables and with them the session's settings, so a stand-in first in PATH has
/// it keep them; and where no password is asked, root's apt is led to us by a file of its own, which goes with us.
final class Sudo: Sendable {
    /// What is known of a sudo.
    enum Keeping: String, Sendable {
        /// It keeps the variables that it is told to keep.
        case preserve
        /// It does not, but a shell behind it may set them.
        case inside
        /// It wants a password, so that nobody can say beforehand.
        case ask
    }

    /// Where the stand-in lies.
    let folder: String
    private let real: String
    private let clients: ClientSetup
    private let paths: SessionPaths
    private let environment: [String: String]
    private let placed: RootFiles
    private let keeper: Mutex<ChildProcess?>

    private init(_ real: String, _ clients: ClientSetup, _ paths: SessionPaths, _ environment: [String: String]) {
        self.real = real
        self.clients = clients
        self.paths = paths
        self.environment = environment.merging(["LC_ALL": "C", "PURSER_SESSION": paths.session]) { _, new in new }
        folder = "\(paths.clients)/bin"
        placed = RootFiles(session: paths.session)
        keeper = Mutex(nil)
    }

    /// Asks for root's help and does not wait for it; nil where there is no sudo.
    static func start(_ clients: ClientSetup, _ paths: SessionPaths, _ environment: [String: String]) -> Sudo? {
        guard let real = program(environment) else { return nil }
        let sudo = Sudo(real, clients, paths, environment)
        if ProcessIdentity.effectiveUID == 0 {
            // Root's own sudo keeps what it is told, and root's apt has our settings already.
            RootFiles.stale().forEach { try? Files.unlink($0) }
        } else {
            sudo.keeper.withLock { $0 = try? sudo.spawn(["--preserve-env=PURSER_SESSION"]) }
        }
        return sudo
    }

    /// Waits for root's answer and writes the stand-in. In a fence nobody becomes root.
    func settle(isFenced: Bool) async throws(Problem) {
        if isFenced, ProcessIdentity.effectiveUID != 0 {
            do throws(SystemError) {
                try Files.makeFolder(folder)
                try Files.chmod(folder, mode: 0o755)
                return try write(SudoScript.fenced, "\(folder)/sudo", mode: 0o755)
            } catch { throw StorageError.failed(path: folder, what: "\(error)").problem }
        }
        let keeping = await keeping()
        let names = clients.changed.keys.filter { $0 != "PATH" && $0.wholeIsName }.sorted()
        let isPlaced = Files.exists(placed.certificates)
        let facts = SudoScript.Facts(
            real: real,
            keeping: keeping,
            names: names,
            settings: "\(paths.session)/sudo-settings",
            notes: notes,
            aptConfiguration: isPlaced ? "\(paths.clients)/apt-root.conf" : nil
        )
        do throws(SystemError) {
            try Files.makeFolder(folder)
            try Files.chmod(folder, mode: 0o755)
            if isPlaced { try write(placed.forStandIn(paths.clients), facts.aptConfiguration ?? "", mode: 0o644) }
            if keeping == .inside {
                let kept = clients.environment.filter { names.contains($0.key) }
                try write(SudoScript.assignments(kept), facts.settings, mode: 0o600)
            }
            try write(SudoScript.standIn(facts), "\(folder)/sudo", mode: 0o755)
        } catch { throw StorageError.failed(path: folder, what: "\(error)").problem }
    }

    /// A call was seen whose traffic we did not.
    var wasMissed: Bool { Files.exists(notes) }

    /// Root's files go as soon as their keeper's input ends; this waits for it.
    func end() async {
        guard let child = keeper.withLock({ $0 }) else { return }
        child.closeInput()
        for _ in 0..<400 where Files.exists(placed.configuration) || Files.exists(placed.certificates) {
            try? await Task.sleep(for: .milliseconds(5))
        }
    }

    private var notes: String { "\(paths.session)/sudo-missed" }

    private func write(_ text: String, _ path: String, mode: UInt32) throws(SystemError) {
        try Files.writeAtomically(path, Array(text.utf8), mode: mode, durably: false)
    }

    private func keeping() async -> Keeping {
        guard ProcessIdentity.effectiveUID != 0 else { return .preserve }
        guard let first = keeper.withLock({ $0 }) else { return .ask }
        if let found = await answer(of: first) { return found }
        // One that asks for a password would only ask again, and each time tell its log.
        guard case .exited = first.exit, !complaint(of: first).contains("password"), let second = try? spawn([]) else {
            return .ask
        }
        keeper.withLock { $0 = second }
        return await answer(of: second) ?? .ask
    }

    private func answer(of child: ChildProcess) async -> Keeping? {
        let limit = Task {
            try? await Task.sleep(for: .seconds(5))
            if !Task.isCancelled { _ = try? child.signal(9) }
        }
        let exit = await child.wait()
        limit.cancel()
        guard exit == .exited(0), let bytes = try? child.standardOutput?.readNext(upTo: 100) else { return nil }
        return String(decoding: bytes, as: UTF8.self).split(separator: " ").first.flatMap {
            Keeping(rawValue: String($0))
        }
    }

    private func complaint(of child: ChildProcess) -> String {
        let bytes = try? child.standardError?.readNext(upTo: 1_000)
        return String(decoding: bytes ?? [], as: UTF8.self)
    }

    private func spawn(_ options: [String]) throws(SpawnError) -> ChildProcess {
        let source =
            (try? placed.forRoot(paths.clients).map { text throws(SystemError) in
                try write(text, "\(paths.session)/apt-root", mode: 0o600)
                return "\(paths.session)/apt-root"
            }) ?? ""
        let group = (try? Files.stat(paths.session)).map { "\($0.gid)" } ?? "0"
        let words =
            [real, "-n"] + options + ["--", "/bin/sh", "-c", SudoScript.placing, "sh"]
            + [placed.configuration, placed.certificates, source, "\(paths.clients)/ca-bundle.pem", group]
            + RootFiles.stale()
        var command = ChildCommand(words, environment: environment)
        // Away from the terminal: Ctrl-C is for the command, and no question may come up on it.
        command.newSession = true
        command.standardInput = .pipe
        command.standardOutput = .pipe
        command.standardError = .pipe
        return try ChildProcess.spawn(command)
    }

    private static func program(_ environment: [String: String]) -> String? {
        (environment["PATH"] ?? "").split(separator: ":").map { "\($0)/sudo" }
            .first { $0.hasPrefix("/") && (try? Files.stat($0, followLink: true))?.isRegular == true }
    }
}

/// What a session leaves with root while it runs: apt's settings and the certificates they name.
struct RootFiles: Sendable {
    let configuration: String
    let certificates: String
    private let session: String

    private static let folder = "/etc/apt"
    private static let prefix = "99purser-"
    private static let mark = "// session "

    init(session: String) {
        let name = String(session.split(separator: "/").last?.split(separator: "-").last ?? "")
        self.session = session
        configuration = RootFiles.configuration(name)
        certificates = RootFiles.certificates(name)
    }

    private static func configuration(_ name: String) -> String { "\(folder)/apt.conf.d/\(prefix)\(name)" }
    private static func certificates(_ name: String) -> String { "\(folder)/purser-\(name).pem" }

    /// The job's own apt settings without what only makes sense where they are read first; nil without apt.
    func forRoot(_ clients: String) throws(SystemError) -> String? {
        guard Files.exists("\(clients)/apt.conf") else { return nil }
        let text = String(decoding: try Files.readAll("\(clients)/apt.conf", limit: 1 << 20), as: UTF8.self)
        let lines = text.split(separator: "\n").filter { $0.hasPrefix("Acquire::") && !$0.contains("::CaInfo") }
        let trust = "Acquire::https::CaInfo \"\(certificates)\";"
        return ([RootFiles.mark + session] + lines.map(String.init) + [trust, ""]).joined(separator: "\n")
    }

    /// The same as the job's own, but apt's helpers may not come into our folder, so the certificates are root's.
    func forStandIn(_ clients: String) -> String {
        "#include \"\(clients)/apt.conf\";\nAcquire::https::CaInfo \"\(certificates)\";\n"
    }

    /// Files of sessions that were killed together with their keeper: their folder is gone, or nobody holds its lock.
    static func stale() -> [String] {
        var found: [String] = []
        for name in (try? Files.list("\(folder)/apt.conf.d", limit: 10_000)) ?? [] where name.hasPrefix(prefix) {
            let own = String(name.dropFirst(prefix.count))
            guard own.count == 18, own.allSatisfy(\.isHexDigit),
                let bytes = try? Files.readAll(configuration(own), limit: 64 << 10),
                let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first, line.hasPrefix(mark),
                isDead(String(line.dropFirst(mark.count)))
            else { continue }
            found += [configuration(own), certificates(own)]
        }
        return found
    }

    private static func isDead(_ session: String) -> Bool {
        guard let found = try? Files.stat(session) else { return true }
        guard found.isFolder, [0, found.uid].contains(ProcessIdentity.effectiveUID), Files.exists("\(session)/lock")
        else { return false }
        return (try? FileLock.attempt("\(session)/lock")) != nil
    }
}

extension String {
    /// A variable's name, which may stand in a list with commas.
    fileprivate var wholeIsName: Bool {
        !isEmpty && utf8.allSatisfy { $0 == 0x5F || (0x30...0x39).contains($0) || (0x41...0x5A).contains($0 & 0xDF) }
    }
}
