internal import Core
internal import Kernel

/// GitLab folds what stands between two marks of a job's log; elsewhere there are none.
enum LogSection {
    static func around(_ console: Console, _ environment: [String: String], _ lines: () -> Void) {
        guard environment["GITLAB_CI"] == "true", !console.isQuiet, !console.isJSON else { return lines() }
        mark("start", "what came in and went out, by purser\n")
        lines()
        mark("end", "")
    }

    /// Each name once in a log: a job may run several commands.
    private static func mark(_ word: String, _ text: String) {
        let name = "purser_\(ProcessIdentity.pid)"
        let mark = "\u{1B}[0Ksection_\(word):\(Clock.now.seconds):\(name)\r\u{1B}[0K"
        StandardStreams.error(Array((mark + text).utf8))
    }
}
