internal import Kernel

/// The process that runs a verb, as the command line sees it: nothing else of the program reads globals.
public enum Process {
    public static func environment() -> [String: String] { ProcessIdentity.environment() }

    /// The working folder without links; empty when it was removed under us.
    public static func folder() -> String { (try? Files.realpath(".")) ?? "" }

    public static func executable() -> String { (try? ProcessIdentity.executablePath()) ?? "purser" }

    /// People read along.
    public static var isTerminal: Bool { ProcessIdentity.isTerminal(2) }

    public static func write(error text: String) { StandardStreams.error(Array(text.utf8)) }

    public static func write(output text: String) { StandardStreams.output(Array(text.utf8)) }
}
