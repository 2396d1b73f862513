import Core
import Foundation

/// The registry's program as a process of its own, which a test may stop or kill.
final class ServerProcess {
    private let process = Process()
    private let output = Pipe()
    let address: String
    let port: Int

    struct DidNotStart: Error {}

    /// Beside the tests, under the name of its product or of its target.
    static var program: String? {
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let folder = URL(filePath: tests).deletingLastPathComponent().path
        return ["purser-registry", "RegistryCommand"].map { "\(folder)/\($0)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    init(_ program: String, data: String) throws {
        process.executableURL = URL(filePath: program)
        process.arguments = ["serve", "--data", data, "--listen", "127.0.0.1:0", "--hosted-only"]
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        var text = ""
        while !(text.contains("listening on ") && text.hasSuffix("\n")) {
            let bytes = output.fileHandleForReading.availableData
            guard !bytes.isEmpty else { throw DidNotStart() }
            text += String(decoding: bytes, as: UTF8.self)
        }
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

    /// Lets strace kill the process at the n-th call of one of these, counted in each thread. Nil where it cannot.
    func killAtCall(_ count: Int) throws -> Process? {
        let strace = "/usr/bin/strace"
        guard FileManager.default.isExecutableFile(atPath: strace) else { return nil }
        let calls = "write,writev,pwrite64,fsync,fdatasync,rename,renameat,renameat2,sendto,unlink,ftruncate"
        let tracer = Process()
        tracer.executableURL = URL(filePath: strace)
        tracer.arguments = [
            "-f", "-o", "/dev/null", "-e", "trace=\(calls)", "-e", "inject=\(calls):signal=KILL:when=\(count)", "-p",
            String(process.processIdentifier),
        ]
        let messages = Pipe()
        tracer.standardError = messages
        try tracer.run()
        let first = String(decoding: messages.fileHandleForReading.availableData, as: UTF8.self)
        guard first.contains("attached") else { return nil }
        return tracer
    }
}
