public import Core
internal import JSONText
internal import Kernel

/// What people and scripts read. Everything of ours goes to stderr, so that the command's stdout stays its own.
public struct Console: Sendable {
    public var isQuiet = false
    public var isVerbose = false
    /// One JSON object a line instead of text.
    public var isJSON = false
    /// With the terminal's colours.
    public var isColored = false
    /// A line at the bottom of the terminal that tells how far the job is.
    public var showsProgress = false
    /// The same as a line of the log now and then.
    public var logsProgress = false
    /// Never printed, whatever text they turn up in.
    var secrets: [Secret] = []

    public init() {}

    public func line(_ text: String) {
        if !isQuiet, !isJSON { write(text + "\n") }
    }

    func line(_ line: Line) {
        guard !isQuiet, !isJSON else { return }
        let text = scrubbed(line.text)
        StandardStreams.error(Array(((isColored ? line.colored(text) : text) + "\n").utf8))
    }

    public func detail(_ text: String) {
        if isVerbose { line(text) }
    }

    /// A result that was asked for, on stdout.
    public func result(_ text: String) { StandardStreams.output(Array(scrubbed(text + "\n").utf8)) }

    public func problem(_ problem: Problem) { self.problem(ToldProblem(problem)) }

    func problem(_ problem: ToldProblem) {
        guard !isJSON else {
            return write(String(decoding: problem.json.canonicalBytes(), as: UTF8.self) + "\n")
        }
        var lines = scrubbed(problem.text).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if isColored, let first = lines.first { lines[0] = Line(first, .bad).colored(first) }
        StandardStreams.error(Array((lines.joined(separator: "\n") + "\n").utf8))
    }

    /// Something that happened, for scripts: one object on a line of stderr under `--json`, else nothing.
    func event(_ name: String, _ fields: [String: JSON]) {
        guard isJSON else { return }
        var fields = fields
        fields["v"] = 1
        fields["event"] = .string(name)
        write(String(decoding: JSON.object(fields).canonicalBytes(), as: UTF8.self) + "\n")
    }

    static func json(_ problem: Problem) -> JSON {
        .object([
            "v": 1,
            "level": "error",
            "code": .string(problem.code.rawValue),
            "exit": .integer(Int64(problem.code.exitStatus)),
            "retry": .bool(problem.code.mayRetry),
            "message": .string(problem.summary),
            "subject": .string(problem.subject),
            "details": .object(Dictionary(problem.details.map { ($0.label, .string($0.text)) }) { first, _ in first }),
            "hint": .string(problem.remedy),
            "rule": problem.rule.map(JSON.string) ?? .null,
            "reason": problem.reason.map(JSON.string) ?? .null,
        ])
    }

    private func write(_ text: String) { StandardStreams.error(Array(scrubbed(text).utf8)) }

    func scrubbed(_ text: String) -> String {
        var text = text
        for secret in secrets.map({ $0.reveal() }) where secret.utf8.count >= Redaction.leastSecret {
            text = text.replacing(secret, with: Redaction.mask)
        }
        return Console.harmless(text)
    }

    /// Without what a CI system's runner would take for a command of ours: `::command` at the start of a line, and
    /// `##[command]` or `##vso[command]` anywhere.
    static func harmless(_ text: String) -> String {
        let text = visible(text)
        guard text.contains("##") || text.contains("::") else { return text }
        let lines = text.replacing("##", with: "# #").split(separator: "\n", omittingEmptySubsequences: false)
        return lines.map { line in
            let start = line.firstIndex { !$0.isWhitespace } ?? line.endIndex
            return line[start...].hasPrefix("::") ? line[..<start] + ": " + line[start...].dropFirst() : line
        }.joined(separator: "\n")
    }

    /// Without what a terminal would take for a command: a name in a registry may hold any character.
    private static func visible(_ text: String) -> String {
        func isCommand(_ letter: Unicode.Scalar) -> Bool {
            letter.value < 0x20 && letter != "\n" && letter != "\t" || (0x7F...0x9F).contains(letter.value)
        }
        guard text.unicodeScalars.contains(where: isCommand) else { return text }
        var clean = String.UnicodeScalarView()
        for letter in text.unicodeScalars { clean.append(isCommand(letter) ? "\u{FFFD}" : letter) }
        return String(clean)
    }
}
