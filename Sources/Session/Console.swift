public import Core
internal import JSONText
internal import Kernel

/// What people and scripts read. Everything of ours goes to stderr, so that the command's stdout stays its own.
public struct Console: Sendable {
    public var isQuiet = false
    public var isVerbose = false
    /// One JSON object a line instead of text.
    public var isJSON = false
    /// Never printed, whatever text they turn up in.
    var secrets: [Secret] = []

    public init() {}

    public func line(_ text: String) {
        if !isQuiet, !isJSON { write(text + "\n") }
    }

    public func detail(_ text: String) {
        if isVerbose { line(text) }
    }

    /// A result that was asked for, on stdout.
    public func result(_ text: String) { StandardStreams.output(Array(scrubbed(text + "\n").utf8)) }

    public func problem(_ problem: Problem) {
        write(isJSON ? String(decoding: Console.json(problem).canonicalBytes(), as: UTF8.self) + "\n" : "\(problem)\n")
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

    private func scrubbed(_ text: String) -> String {
        var text = text
        for secret in secrets { text = text.replacing(secret.reveal(), with: "***") }
        return text
    }
}
