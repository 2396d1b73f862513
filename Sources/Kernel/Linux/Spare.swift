internal import CLinux
internal import Synchronization

/// A copy of this process, made before it had a second thread, that waits until it is told what to be. What a session
/// needs beside it is then loaded already: a copy costs a millisecond, executing our file again more than ten.
public final class Spare: Sendable {
    /// Which of the two goes on.
    public enum Side: Sendable {
        case original(Spare)
        /// The copy, once it was told; these are its words, and all else is as if our file had been executed with them.
        case copy([String])
    }

    private let channel: Mutex<FileChannel?>
    private let pid: Int32

    private init(_ pid: Int32, _ channel: FileChannel) {
        self.pid = pid
        self.channel = Mutex(channel)
    }

    /// Splits this process, which must have one thread. The copy ends where the original has gone before it was used.
    public static func make() throws(SystemError) -> Side {
        switch try split() {
        case .original(let spare): return .original(spare)
        case .copy(let file):
            // Nothing of what the original was started with is to stand in the memory of a copy.
            ProcessIdentity.replaceEnvironment([])
            let words = wait(on: FileChannel(file))
            closeOthers()
            return .copy(words)
        }
    }

    /// Work for a process that may be a copy, which ends with it. The language's locks go by the number that each thread
    /// had when it first used one, and for a copy's first thread that is the original's: two threads with a lock between
    /// them would wait for ever. So that thread does nothing.
    public static func work(_ body: @escaping @Sendable () async -> Int32) -> Never {
        do throws(SystemError) {
            try BlockingThread.start {
                Task.detached { Namespaces.exit(await body()) }
            }
        } catch { Namespaces.exit(126) }
        while true { clinux_pause() }
    }

    /// What a program starts with is open, and nothing else.
    public static func closeOthers() { clinux_close_others() }

    private enum Half {
        case original(Spare)
        case copy(SharedFile)
    }

    /// Our end is closed in the copy when this returns.
    private static func split() throws(SystemError) -> Half {
        let ends = try FileChannel.pair()
        let pid = try SystemError.check(clinux_copy(), "fork")
        return pid == 0 ? .copy(ends.theirs) : .original(Spare(pid, ends.ours))
    }

    private static func wait(on channel: FileChannel) -> [String] {
        guard let message = try? channel.receive(), message.files.count == 3,
            let orders = Orders(parsing: message.bytes)
        else { Namespaces.exit(0) }
        let files = message.files.map(\.rawDescriptor)
        var how = unsafe clinux_inner()
        unsafe how.files = (files[0], files[1], files[2])
        let settled = unsafe clinux_settle_inside(&how, orders.folder)
        withExtendedLifetime(message) {}
        guard settled == 0 else { Namespaces.exit(126) }
        ProcessIdentity.replaceEnvironment(orders.environment)
        return orders.words
    }

    /// Makes the copy what `command` says, whose program is this one. Nil where it was used already, or has gone.
    func become(_ command: ChildCommand) throws(SpawnError) -> ChildProcess? {
        guard !command.newSession, let channel = channel.withLock({ $0.take() }) else { return nil }
        var plan = try StreamPlan(command)
        let variables = command.environment.map { "\($0.key)=\($0.value)" }.sorted()
        let orders = Orders(
            words: Array(command.arguments.dropFirst()),
            environment: variables,
            folder: command.workingDirectory
        )
        do throws(SystemError) { try channel.send(orders.bytes, files: plan.files()) } catch { return nil }
        plan.closeTheirs()
        return try ChildProcess.adopt(pid, plan.ours)
    }
}

extension Spare {
    /// Texts with zero bytes between, of which none has one: folder, how many words, words, variables.
    private struct Orders {
        var words: [String]
        var environment: [String]
        var folder: String?

        init(words: [String], environment: [String], folder: String?) {
            self.words = words
            self.environment = environment
            self.folder = folder
        }

        init?(parsing bytes: [UInt8]) {
            let texts = bytes.split(separator: 0, omittingEmptySubsequences: false).map {
                String(decoding: $0, as: UTF8.self)
            }
            guard texts.count >= 2, let count = Int(texts[1]), count >= 0, texts.count >= count + 2 else { return nil }
            folder = texts[0].isEmpty ? nil : texts[0]
            words = Array(texts[2..<count + 2])
            environment = Array(texts[(count + 2)...])
        }

        var bytes: [UInt8] {
            Array(([folder ?? "", "\(words.count)"] + words + environment).joined(separator: "\0").utf8)
        }
    }
}

/// This program, to be begun once more for something else: by a spare copy of it, or else from its file.
public struct OwnProgram: Sendable {
    public let file: String
    private let spare: Spare?

    public init(_ file: String, spare: Spare? = nil) {
        self.file = file
        self.spare = spare
    }

    /// What `begin` takes.
    public func command(_ words: [String], environment: [String: String], folder: String? = nil) -> ChildCommand {
        ChildCommand([file] + words, environment: environment, workingDirectory: folder)
    }

    public func begin(_ command: ChildCommand) throws(SpawnError) -> ChildProcess {
        if let child = try spare?.become(command) { return child }
        return try ChildProcess.spawn(command)
    }
}
