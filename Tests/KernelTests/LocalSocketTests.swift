import Foundation
import Testing

@testable import Kernel

@Suite("Unix sockets") struct LocalSocketTests {
    private func listener(_ scratch: Scratch, _ limits: LocalLimits = LocalLimits()) throws -> LocalListener {
        let listener = try LocalListener.open(in: scratch.path, named: "socket", limits: limits)
        try listener.serve { line in Array("you said ".utf8) + line }
        return listener
    }

    private func ask(_ scratch: Scratch, _ text: String) async throws(SystemError) -> String {
        let bytes = try await LocalSocket.ask(Array(text.utf8), in: scratch.path, named: "socket", seconds: 60)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Connects, says this, and stays silent until the value is let go.
    private func mute(_ scratch: Scratch, saying text: String = "") throws -> SharedFile {
        let folder = unsafe open(scratch.path, O_RDONLY | O_DIRECTORY)
        defer { close(folder) }
        let peer = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = Array("/proc/self/fd/\(folder)/socket".utf8)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path) }
        let status = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(peer, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(status == 0)
        let file = SharedFile(adopting: peer)
        if !text.isEmpty { try file.append(Array(text.utf8)) }
        return file
    }

    @Test func aQuestionIsAnswered() async throws {
        let scratch = try Scratch()
        let listener = try listener(scratch)
        #expect(try await ask(scratch, "hello") == "you said hello")
        #expect(try await ask(scratch, "") == "you said ")
        listener.stop()
    }

    @Test func aPathMayBeLongerThanAnAddress() async throws {
        let scratch = try Scratch()
        let folder = scratch.path + "/" + String(repeating: "long", count: 50)
        try Files.makeFolder(folder)
        let listener = try LocalListener.open(in: folder, named: "socket")
        try listener.serve { $0 }
        #expect(try await LocalSocket.ask([65], in: folder, named: "socket", seconds: 60) == [65])
        listener.stop()
    }

    @Test func peersThatSayNothingKeepNobodyFromAsking() async throws {
        let scratch = try Scratch()
        let listener = try listener(scratch, LocalLimits(bytes: 100, seconds: 0.3, peers: 2))
        let silent = try (0..<5).map { _ in try mute(scratch) } + [try mute(scratch, saying: "half a line")]
        #expect(try await ask(scratch, "hello") == "you said hello")
        withExtendedLifetime(silent) {}
        listener.stop()
    }

    @Test func aLineThatIsTooLongIsNotHeard() async throws {
        let scratch = try Scratch()
        let listener = try listener(scratch, LocalLimits(bytes: 100, seconds: 5, peers: 2))
        let answer = try? await ask(scratch, String(repeating: "x", count: 40_000))
        #expect(answer ?? "" == "")
        #expect(try await ask(scratch, "hello") == "you said hello")
        listener.stop()
    }

    @Test func aPeerThatLeavesOrDoesNotListenDoesNoHarm() async throws {
        let scratch = try Scratch()
        let listener = try LocalListener.open(
            in: scratch.path,
            named: "socket",
            limits: LocalLimits(bytes: 100, seconds: 0.3, peers: 4)
        )
        try listener.serve { line in line.isEmpty ? [] : [UInt8](repeating: 65, count: 8 << 20) }
        for _ in 0..<8 { _ = try mute(scratch, saying: "give\n") }
        let deaf = try (0..<4).map { _ in try mute(scratch, saying: "give\n") }
        let bytes = try await LocalSocket.ask([], in: scratch.path, named: "socket", seconds: 60)
        #expect(bytes.isEmpty)
        withExtendedLifetime(deaf) {}
        listener.stop()
    }

    @Test func nobodyIsThereAfterTheStop() async throws {
        let scratch = try Scratch()
        let listener = try listener(scratch)
        _ = try await ask(scratch, "hello")
        listener.stop()
        await listener.settle(seconds: 5)
        await #expect(throws: SystemError.self) { try await ask(scratch, "hello") }
    }

    @Test func aListenerThatIsNotThereIsAnError() async throws {
        let scratch = try Scratch()
        await #expect(throws: SystemError.self) { try await ask(scratch, "hello") }
    }

    @Test func theHolderOfASocketIsFound() throws {
        let pair = try #require(self.pair())
        let link = try Files.readlink("/proc/self/fd/\(pair.0.rawDescriptor)")
        let number = try #require(UInt32(link.dropFirst(8).dropLast()))
        #expect(ProcessTable.holder(ofSocket: number) == ProcessIdentity.pid)
        #expect(ProcessTable.holder(ofSocket: number, likely: [ProcessIdentity.pid]) == ProcessIdentity.pid)
        #expect(ProcessTable.words(of: ProcessIdentity.pid)?.isEmpty == false)
        #expect(ProcessTable.ancestors(of: ProcessIdentity.pid).first == ProcessIdentity.parent)
        #expect(ProcessTable.words(of: 1 << 30) == nil)
        #expect(ProcessTable.ancestors(of: 1 << 30) == [])
    }

    private func pair() -> (SharedFile, SharedFile)? {
        var ends: [Int32] = [0, 0]
        guard unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0 else { return nil }
        return (SharedFile(adopting: ends[0]), SharedFile(adopting: ends[1]))
    }

    @Test func aLineOfAPipeIsReadWithinItsTime() async throws {
        var command = ChildCommand(["/bin/sh", "-c", "echo one; exec sleep 5"], environment: [:])
        command.standardOutput = .pipe
        let child = try ChildProcess.spawn(command)
        #expect(await child.standardOutput?.firstLine(limit: 100, seconds: 5) == Array("one".utf8))
        #expect(await child.standardOutput?.firstLine(limit: 100, seconds: 0.1) == nil)
        try child.signal(9)
    }
}
