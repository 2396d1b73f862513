internal import CLinux

/// A program to be started inside namespaces, by a process that has one thread and waits for its children itself.
public struct InnerChild: Sendable {
    /// Whom it runs as, where that is not whom we run as.
    public struct User: Hashable, Sendable {
        public var uid: UInt32
        public var gid: UInt32
        public var groups: [UInt32]

        public init(uid: UInt32, gid: UInt32, groups: [UInt32]) {
            self.uid = uid
            self.gid = gid
            self.groups = groups
        }

        /// Who this process runs as.
        public static func current() throws(SystemError) -> User {
            var groups = [gid_t](repeating: 0, count: 65_536)
            let count = try SystemError.check(
                unsafe groups.withUnsafeMutableBufferPointer { space in
                    unsafe clinux_groups(space.baseAddress, Int32(space.count))
                },
                "getgroups"
            )
            return User(uid: geteuid(), gid: getegid(), groups: Array(groups.prefix(Int(count))))
        }
    }

    public var path: String
    public var arguments: [String]
    public var environment: [String]
    public var folder: String
    public var user: User?
    /// In a user and mount namespace below ours: root there can undo none of our mounts.
    public var isNested = false

    public init(path: String, arguments: [String], environment: [String], folder: String) {
        self.path = path
        self.arguments = arguments
        self.environment = environment
        self.folder = folder
    }

    /// Starts it with these three streams and tells its number.
    public func spawn(_ streams: [SharedFile]) throws(SystemError) -> Int32 {
        guard streams.count == 3 else { throw SystemError(call: "clone", errno: EINVAL) }
        for text in arguments + environment + [path, folder] where text.utf8.contains(0) {
            throw SystemError(call: "execve", errno: EINVAL)
        }
        var gate: [Int32] = [-1, -1]
        let status = unsafe gate.withUnsafeMutableBufferPointer { unsafe clinux_pipe($0.baseAddress) }
        try SystemError.check(status, "pipe")
        let reading = SharedFile(adopting: gate[0])
        let writing = SharedFile(adopting: gate[1])
        let child = try start(streams, gate)
        // The child waits until we let go of the gate.
        defer { withExtendedLifetime((reading, writing)) {} }
        guard isNested else { return child }
        do throws(SystemError) {
            try Namespaces.map(child, Namespaces.wholeIdentity())
        } catch {
            _ = clinux_kill(child, SIGKILL)
            throw error
        }
        return child
    }

    /// Makes a copy of this process in the program's place: 0 in the copy, which has what the program would have had
    /// and leaves the rest to its caller. The process must have one thread.
    public func copy(_ streams: [SharedFile]) throws(SystemError) -> Int32 {
        guard streams.count == 3 else { throw SystemError(call: "fork", errno: EINVAL) }
        let child = try SystemError.check(clinux_copy(), "fork")
        guard child == 0 else { return child }
        let settled = unsafe settle(streams) { how in unsafe clinux_settle_inside(&how, folder) }
        guard settled == 0 else { Namespaces.exit(126) }
        ProcessIdentity.replaceEnvironment(environment)
        return 0
    }

    private func start(_ streams: [SharedFile], _ gate: [Int32]) throws(SystemError) -> Int32 {
        let words = CStrings(arguments)
        let variables = CStrings(environment)
        let answer = unsafe settle(streams) { how in
            unsafe gate.withUnsafeBufferPointer { gate in
                unsafe clinux_spawn_inside(path, words.pointers, variables.pointers, folder, &how, gate.baseAddress)
            }
        }
        return try SystemError.check(answer, "clone")
    }

    private func settle(_ streams: [SharedFile], _ body: (inout clinux_inner) -> Int32) -> Int32 {
        let groups = user?.groups ?? []
        return unsafe groups.withUnsafeBufferPointer { groups in
            var how = unsafe clinux_inner()
            unsafe how.nested = isNested ? 1 : 0
            unsafe how.changes_user = user == nil ? 0 : 1
            unsafe how.uid = user?.uid ?? 0
            unsafe how.gid = user?.gid ?? 0
            unsafe how.groups = groups.baseAddress
            unsafe how.group_count = Int32(groups.count)
            unsafe how.files = (streams[0].rawDescriptor, streams[1].rawDescriptor, streams[2].rawDescriptor)
            return unsafe body(&how)
        }
    }

    /// A child that has ended and how; `nil` when none has.
    public static func reap() throws(SystemError) -> (child: Int32, exit: ChildExit)? {
        var how: Int32 = 0
        let child = try SystemError.check(unsafe clinux_reap_any(&how), "waitpid")
        guard child != 0 else { return nil }
        return (child, how >= 1000 ? .signalled(how - 1000) : .exited(how))
    }

    /// Sends a signal to a child that was not reaped yet.
    public static func signal(_ child: Int32, _ number: Int32) { _ = clinux_kill(child, number) }
}
