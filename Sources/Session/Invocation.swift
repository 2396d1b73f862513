public import Kernel

/// How a verb was called: the parsed words and the surroundings, handed in so that nothing below reads globals.
public struct Invocation: Sendable {
    /// Options by name; a switch that was given holds `true`.
    public var flags: [String: [String]]
    public var command: [String]
    public var environment: [String: String]
    /// The working folder, absolute.
    public var folder: String
    /// What helpers are begun from.
    public var program: OwnProgram
    public var version: String
    public var console: Console

    public init(
        flags: [String: [String]] = [:],
        command: [String] = [],
        environment: [String: String],
        folder: String,
        program: OwnProgram,
        version: String,
        console: Console = Console()
    ) {
        self.flags = flags
        self.command = command
        self.environment = environment
        self.folder = folder
        self.program = program
        self.version = version
        self.console = console
    }
}
