import Core
import Foundation

/// The registry's program as a process of its own, which a test may stop or kill.
final class ServerProcess {
    private let process = Process()
    private let output = Pipe()
    let address: String
    let port: Int
    /// The first administration token, where this start made the data directory.
    private(set) var firstToken: String?

    struct DidNotStart: Error {}

    /// Beside the tests, under the name of its product or of its target.
    static var program: String? {
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let folder = URL(filePath: tests).deletingLastPathComponent().path
        return ["purser-registry", "RegistryCommand"].map { "\(folder)/\($0)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// `wrapper` is a command that ends by becoming the one that is added to it.
    init(_ program: String, data: String, under wrapper: [String] = []) throws {
        let serve = ["serve", "--data", data, "--listen", "127.0.0.1:0", "--hosted-only"]
        let command = wrapper + [program] + serve
        process.executableURL = URL(filePath: command[0])
        process.arguments = Array(command.dropFirst())
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        var text = ""
        while !(text.contains("listening on ") && text.hasSuffix("\n")) {
            let bytes = output.fileHandleForReading.availableData
            guard !bytes.isEmpty else { throw DidNotStart() }
            text += String(decoding: bytes, as: UTF8.self)
        }
        firstToken = text.firstRange(of: "psr_").map { String(text[$0.lowerBound...].prefix { !$0.isWhitespace }) }
        let line = text.split(separator: "\n").first { $0.hasPrefix("listening on ") } ?? ""
        address = String(line.dropFirst("listening on ".count))
        port = Int(address.split(separator: ":").last ?? "") ?? 0
    }

    func terminate() { process.terminate() }

    func kill() { Foundation.kill(process.processIdentifier, SIGKILL) }

    /// Waits for the end; zero for a clean one.
    func status() -> Int32 {
        process.waitUntilExit()
        return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    }

    var identifier: Int32 { process.processIdentifier }

    static let writingCalls =
        "write,writev,pwrite64,fsync,fdatasync,rename,renameat,renameat2,sendto,unlink,ftruncate"

    /// Lets strace kill the process at the n-th call of one of these, counted in each thread. Nil where it cannot.
    func killAtCall(_ count: Int) throws -> Process? {
        try inject("signal=KILL:when=\(count)", into: Self.writingCalls)
    }

    /// Lets strace spoil these calls until it is stopped, and write down which. Nil where it cannot.
    func inject(_ fault: String, into calls: String, log: String = "/dev/null") throws -> Process? {
        let strace = "/usr/bin/strace"
        guard FileManager.default.isExecutableFile(atPath: strace) else { return nil }
        let tracer = Process()
        tracer.executableURL = URL(filePath: strace)
        tracer.arguments = [
            "-f", "-o", log, "-e", "trace=\(calls)", "-e", "inject=\(calls):\(fault)", "-p", String(identifier),
        ]
        let messages = Pipe()
        tracer.standardError = messages
        try tracer.run()
        let first = String(decoding: messages.fileHandleForReading.availableData, as: UTF8.self)
        guard first.contains("attached") else { return nil }
        return tracer
    }
}

/// What the machine lets a test do to a disk.
enum DiskFaults {
    static let mayTrace = succeeds(["/usr/bin/strace", "-o", "/dev/null", "/bin/true"])
    static let mayMount = succeeds(["/usr/bin/unshare", "-m", "/bin/mount", "-t", "tmpfs", "purser", "/mnt"])

    /// Lets the traced process go. Milder signals do not reach strace: it inherits the mask of the thread that starts it.
    static func end(_ tracer: Process) {
        kill(tracer.processIdentifier, SIGKILL)
        tracer.waitUntilExit()
    }

    static func succeeds(_ command: [String]) -> Bool {
        guard FileManager.default.isExecutableFile(atPath: command[0]) else { return false }
        let process = Process()
        process.executableURL = URL(filePath: command[0])
        process.arguments = Array(command.dropFirst())
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationReason == .exit && process.terminationStatus == 0
    }
}
