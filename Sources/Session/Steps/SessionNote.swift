internal import Core
internal import Isolation
internal import JSONText
internal import Kernel

/// `session.json`: what later steps of a job have to know of a session, in a file that only its user can read.
struct SessionNote: Hashable, Sendable {
    static let file = "session.json"

    var identifier: String
    var process: Int32
    /// `127.0.0.1:PORT`
    var address: String
    /// The job's working folder.
    var folder: String
    var report: String
    var started: Timestamp
    var until: Timestamp
    /// Whoever says this over the control socket is of this session.
    var control: Secret
    /// What a CI system's log shall not show.
    var mask: Secret
    /// Variables that lead clients to the agent, but `PATH`.
    var settings: [String: String]
    /// What the variables among these held before.
    var before: [String: String]
    /// Variables that the steps shall not see.
    var removed: [String]
    /// Comes first in `PATH`.
    var programs: String?
    /// The first process of the session's seal, which steps enter.
    var entrance: Int32?
    /// How far steps are confined, and what a fence around them needs.
    var tier = Tier.none.rawValue
    var fence: FenceNote?

    var json: JSON {
        .object(present: [
            "purser-session": 1,
            "session": .string(identifier),
            "process": .integer(Int64(process)),
            "address": .string(address),
            "folder": .string(folder),
            "report": .string(report),
            "started": .integer(started.seconds),
            "until": .integer(until.seconds),
            "control": .string(control.reveal()),
            "mask": .string(mask.reveal()),
            "settings": .object(settings.mapValues(JSON.string)),
            "before": .object(before.mapValues(JSON.string)),
            "removed": .strings(removed),
            "programs": programs.map(JSON.string),
            "entrance": entrance.map { .integer(Int64($0)) },
            "tier": .string(tier),
            "fence": fence.map { .strings($0.words) },
        ])
    }

    func write(in session: String) throws(SystemError) {
        try Files.writeAtomically("\(session)/\(SessionNote.file)", json.canonicalBytes(), mode: 0o600, durably: false)
    }

    /// Nil where there is none, or one that another version wrote.
    static func read(in session: String) -> SessionNote? {
        guard let bytes = try? Files.readAll("\(session)/\(file)", limit: 4 << 20), let json = try? JSON(parsing: bytes)
        else { return nil }
        return SessionNote(json)
    }

}

extension SessionNote {
    private init?(_ json: JSON) {
        guard json["purser-session"]?.integer == 1, let identifier = json["session"]?.string,
            let process = json["process"]?.integer.flatMap(Int32.init(exactly:)),
            let address = json["address"]?.string, let folder = json["folder"]?.string,
            let report = json["report"]?.string, let started = json["started"]?.integer,
            let until = json["until"]?.integer, let control = json["control"]?.string,
            let mask = json["mask"]?.string, let settings = SessionNote.texts(json["settings"]),
            let before = SessionNote.texts(json["before"]), let removed = json["removed"]?.array
        else { return nil }
        self.init(
            identifier: identifier,
            process: process,
            address: address,
            folder: folder,
            report: report,
            started: Timestamp(seconds: started),
            until: Timestamp(seconds: until),
            control: Secret(control),
            mask: Secret(mask),
            settings: settings,
            before: before,
            removed: removed.compactMap(\.string),
            programs: json["programs"]?.string,
            entrance: json["entrance"]?.integer.flatMap(Int32.init(exactly:)),
            tier: json["tier"]?.string ?? Tier.none.rawValue
        )
        let port = address.split(separator: ":").last.flatMap { UInt16($0) } ?? 0
        fence = json["fence"]?.array.map { FenceNote($0.compactMap(\.string), port: port) }
    }

    private static func texts(_ json: JSON?) -> [String: String]? {
        json?.members?.compactMapValues(\.string)
    }
}

extension SessionNote {
    /// What the steps of this job shall know.
    init(_ job: Job, until: Timestamp, control: Secret) {
        let (session, plan) = (job.session, job.plan)
        let changed = session.clients.changed
        let passing = plan.options.list("pass-env")
        identifier = session.identifier
        process = ProcessIdentity.pid
        address = session.address
        folder = plan.folder
        report = plan.path(plan.options.text("report") ?? "purser-run.json")
        started = session.started
        self.until = until
        self.control = control
        mask = session.secret
        settings = changed.filter { $0.key != "PATH" }
        settings["PURSER_SESSION"] = session.paths.session
        before = plan.environment.filter { changed[$0.key] != nil && $0.key != "PATH" }
        removed = ClientSetup.secretVariables.filter { !passing.contains($0) }
        programs = session.sudo?.folder
        entrance = job.enclosure.entrance
        tier = job.enclosure.confinement.tier.rawValue
        fence = job.enclosure.fence
    }
}
