internal import Isolation
public import Kernel
internal import Synchronization

/// The process that runs a verb, as the command line sees it: nothing else of the program reads globals.
public enum Process {
    private static let spare = Mutex<Spare?>(nil)
    /// Verbs that begin a session, or enter one.
    private static let splitting = ["run", "replay", "exec", "__agent"]

    /// What this process is to do. To be called before anything starts a thread: namespaces of users, and copies of a
    /// process, are for those that have only one. It returns in copies as well, each with words of its own.
    public static func begin(_ words: [String]) -> [String] {
        var words = words
        while words.first == "__enter" { words = Enter.perform(Array(words.dropFirst())) }
        guard let verb = words.first, splitting.contains(verb) else { return words }
        // Where there is none, our file is executed once more.
        switch try? Spare.make() {
        case .copy(let words): return begin(words)
        case .original(let copy): spare.withLock { $0 = copy }
        case nil: break
        }
        return words
    }

    public static func environment() -> [String: String] { ProcessIdentity.environment() }

    /// The working folder without links; empty when it was removed under us.
    public static func folder() -> String { (try? Files.realpath(".")) ?? "" }

    /// This program, and the copy of it that waits.
    public static func program() -> OwnProgram {
        OwnProgram((try? ProcessIdentity.executablePath()) ?? "purser", spare: spare.withLock { $0 })
    }

    /// People read along.
    public static var isTerminal: Bool { ProcessIdentity.isTerminal(2) }

    public static func write(error text: String) { StandardStreams.error(Array(text.utf8)) }

    public static func write(output text: String) { StandardStreams.output(Array(text.utf8)) }
}
