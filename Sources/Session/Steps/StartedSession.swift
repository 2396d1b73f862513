internal import Core
internal import JSONText
internal import Kernel
internal import Storage

/// A session that `purser start` began, seen from a later step.
struct StartedSession: Sendable {
    static let socket = "socket"
    private static let seconds = 10.0

    let folder: String
    let note: SessionNote

    /// The session that is named, else that of the environment, else the only one of this working folder.
    static func find(_ named: String?, _ invocation: Invocation) throws(Problem) -> StartedSession {
        if let place = named ?? invocation.environment["PURSER_SESSION"].flatMap({ $0.isEmpty ? nil : $0 }) {
            return try open(place, invocation)
        }
        let here = SessionPaths.started(invocation.environment).compactMap { folder in
            SessionNote.read(in: folder).map { StartedSession(folder: folder, note: $0) }
        }.filter { $0.note.folder == invocation.folder }
        let open = here.filter { $0.result == nil }
        if open.count > 1 {
            throw missing(
                "there are \(open.count) sessions of this folder",
                "Name one with --session: \(open.map(\.folder).joined(separator: ", "))."
            )
        }
        guard let found = open.first ?? here.max(by: { $0.note.started < $1.note.started }) else {
            throw missing(
                "PURSER_SESSION is not set, and no session of this folder was started",
                "Run `purser start` first, or name the session's folder with --session."
            )
        }
        return found
    }

    private static func open(_ place: String, _ invocation: Invocation) throws(Problem) -> StartedSession {
        let folder = place.hasPrefix("/") ? place : "\(invocation.folder)/\(place)"
        guard let found = try? Files.stat(folder), found.isFolder else {
            throw dead(folder, "its folder is gone")
        }
        guard found.uid == ProcessIdentity.effectiveUID else {
            throw Problem(
                .authForbidden,
                subject: folder,
                summary: "is a session of another user",
                remedy: "Ask as the user who started the session."
            )
        }
        guard let note = SessionNote.read(in: folder) else {
            throw missing("\(folder) holds no session that was started", "Name the folder that `purser start` printed.")
        }
        return StartedSession(folder: folder, note: note)
    }

    private static func missing(_ summary: String, _ remedy: String) -> Problem {
        Problem(.usageInvalid, subject: "the session", summary: summary, remedy: remedy)
    }

    /// What `finish` said; nil while it was not asked.
    var result: FinishResult? { FinishResult.read(in: folder) }

    /// Asks the agent. Without `seconds` it may take as long as it lives.
    func ask(_ verb: String, _ fields: [String: JSON] = [:], seconds: Double? = seconds) async throws(Problem) -> JSON {
        var fields = fields
        fields["verb"] = .string(verb)
        fields["secret"] = .string(note.control.reveal())
        let bytes: [UInt8]
        do throws(SystemError) {
            let line = JSON.object(fields).canonicalBytes()
            bytes = try await LocalSocket.ask(
                line,
                in: "\(folder)/control",
                named: StartedSession.socket,
                seconds: seconds
            )
        } catch { throw died }
        guard let json = try? JSON(parsing: bytes) else { throw died }
        if let answer = json["answer"] { return answer }
        throw Problem(
            .usageInvalid,
            subject: "the agent of session \(note.identifier)",
            summary: "refused: \(json["problem"]?["json"]?["message"]?.string ?? "without a word")",
            remedy: json["problem"]?["json"]?["hint"]?.string ?? "Ask with the `purser` that started the session."
        )
    }

    /// Throws unless the agent answers.
    func checkAlive() async throws(Problem) { _ = try await ask("ping") }

    private var died: Problem {
        if result != nil {
            return Problem(
                .sessionAgentDied,
                subject: "the session \(note.identifier)",
                summary: "is finished, so that no step can be part of it any more",
                remedy: "Run `purser start` again for further steps."
            )
        }
        return StartedSession.dead(folder, reason)
    }

    private var reason: String {
        if isHeld { return "it runs (process \(note.process)) and does not answer" }
        let events = (try? Journal.read("\(folder)/journal").events) ?? []
        let last = events.last { $0["event"]?.string == "end" }?["reason"]?.string
        switch last {
        case "max-duration": return "it ended itself after --max-duration"
        case let last?: return "it was ended: \(last)"
        case nil: return "it crashed or was killed"
        }
    }

    /// Whoever runs holds the lock, so that one that hangs can be told from one that is gone.
    private var isHeld: Bool {
        let lock = "\(folder)/lock"
        guard Files.exists(lock) else { return false }
        do throws(SystemError) { return try FileLock.attempt(lock) == nil } catch { return false }
    }

    static func dead(_ folder: String, _ reason: String) -> Problem {
        Problem(
            .sessionAgentDied,
            subject: "the agent of \(folder)",
            summary: "is not there: \(reason)",
            remedy: "What ran since then was not covered, or could not fetch anything. Run the whole job again.",
            details: ["journal": "\(folder)/journal"]
        )
    }
}
