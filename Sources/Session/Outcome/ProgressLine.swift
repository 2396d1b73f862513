internal import Core
internal import Kernel
internal import Synchronization

/// How far a job is, in numbers that grow.
struct Progress: Hashable, Sendable {
    var inputs = 0
    var bytes: Int64 = 0
    var hits = 0
    var denied = 0
    /// What came in last.
    var last = ""

    /// One line that fits into so many columns.
    func text(columns: Int) -> String {
        var text = "purser: \(inputs) input\(inputs == 1 ? "" : "s"), \(Outcome.size(bytes)), \(hits) from caches"
        if denied > 0 { text += ", \(denied) denied" }
        if !last.isEmpty { text += "  \(Console.harmless(last))" }
        return text.count < columns ? text : String(text.prefix(max(0, columns - 2))) + "…"
    }
}

/// A line at the bottom of the terminal while a command runs. The terminal scrolls above it, so that nothing of what
/// the command prints is touched; it is gone when the command has ended.
final class ProgressLine: Sendable {
    private struct State {
        /// The terminal's size for which the line has its place; nil while it has none.
        var size: TerminalSize?
        var shown: Progress?
        var hasEnded = false
    }

    private let state = Mutex(State())
    private let progress: @Sendable () -> Progress
    private let drawing = Mutex<Task<Void, Never>?>(nil)

    private init(_ progress: @escaping @Sendable () -> Progress) { self.progress = progress }

    /// As the console wants it, if at all.
    static func forJob(_ console: Console, _ progress: @escaping @Sendable () -> Progress) -> ProgressLine? {
        if console.showsProgress { return start(progress) }
        return console.logsProgress ? inLines(progress) { console.line($0) } : nil
    }

    /// Begins to draw after a moment: a short command is not worth it.
    static func start(_ progress: @escaping @Sendable () -> Progress) -> ProgressLine {
        let line = ProgressLine(progress)
        // Ends with `end`.
        let task = Task {
            try? await Task.sleep(for: .seconds(1))
            while !Task.isCancelled {
                line.draw()
                try? await Task.sleep(for: .milliseconds(250))
            }
        }
        line.drawing.withLock { $0 = task }
        return line
    }

    /// For logs, where nothing can be drawn over: a line now and then, while something comes in.
    static func inLines(
        every seconds: Double = 30,
        _ progress: @escaping @Sendable () -> Progress,
        say: @escaping @Sendable (String) -> Void
    ) -> ProgressLine {
        let line = ProgressLine(progress)
        // Ends with `end`.
        let task = Task {
            var told = Progress()
            while true {
                try? await Task.sleep(for: .seconds(seconds))
                if Task.isCancelled { return }
                let now = progress()
                if now != told { say(now.text(columns: .max)) }
                told = now
            }
        }
        line.drawing.withLock { $0 = task }
        return line
    }

    /// Gives the terminal back as it was.
    func end() {
        drawing.withLock { $0?.cancel() }
        let size = state.withLock { state in
            state.hasEnded = true
            defer { state.size = nil }
            return state.size
        }
        guard let size else { return }
        write(ProgressLine.region(rows: size.rows) + "\u{1B}[J")
    }

    private func draw() {
        let now = progress()
        guard now.inputs + now.denied > 0, let size = ProcessIdentity.terminalSize(2), size.rows > 3 else { return }
        let text = state.withLock { state -> String? in
            guard !state.hasEnded, state.size != size || state.shown != now else { return nil }
            defer { (state.size, state.shown) = (size, now) }
            let place = state.size == size ? "" : ProgressLine.region(rows: size.rows - 1)
            let line = Line(now.text(columns: size.columns), .quiet)
            return place + "\u{1B}7\u{1B}[\(size.rows);1H\u{1B}[2K\(line.colored(line.text))\u{1B}8"
        }
        if let text { write(text) }
    }

    /// Only these rows scroll. Setting them moves the cursor, so it is put back; and since it may stand in a row that
    /// does not scroll any more, one line is begun beforehand and gone up afterwards.
    private static func region(rows: Int) -> String { "\n\u{1B}7\u{1B}[1;\(rows)r\u{1B}8\u{1B}[1A" }

    private func write(_ text: String) { StandardStreams.error(Array(text.utf8)) }
}
