internal import CLinux

/// The kernel's means to keep a process, and all below it, from the network without namespaces and without root.
public enum Fencing {
    /// The version of Landlock that runs here; `nil` where there is none.
    public static var landlockVersion: Int? {
        let version = clinux_landlock_version()
        return version < 0 ? nil : Int(version)
    }

    /// The first version that knows of TCP.
    public static let leastVersion = 4

    /// Nothing below gains rights by starting a program: what follows may then be done by anybody.
    public static func refusePrivileges() throws(SystemError) {
        try SystemError.check(clinux_no_new_privileges(), "prctl")
    }

    /// Takes what root could get round us with from this process and all below it.
    public static func dropPowers() { clinux_drop_powers() }

    /// Lets TCP connect to these ports alone; tells the version of Landlock that does it.
    @discardableResult
    public static func restrict(toPorts ports: [UInt16]) throws(SystemError) -> Int {
        let answer = unsafe ports.withUnsafeBufferPointer { space in
            unsafe clinux_landlock_ports(space.baseAddress, Int32(space.count))
        }
        return Int(try SystemError.check(answer, "landlock"))
    }

    /// Refuses all sockets but TCP's and unix streams. Watched, each connect waits for an answer over the file.
    public static func filter(isWatched: Bool) throws(SystemError) -> SharedFile? {
        let answer = try SystemError.check(clinux_filter_fence(isWatched ? 1 : 0), "seccomp")
        return isWatched ? SharedFile(adopting: answer) : nil
    }

    /// Whoever loses its parent below us becomes our child, so that nothing gets away from us.
    public static func adoptOrphans() throws(SystemError) {
        try SystemError.check(clinux_adopt_orphans(), "prctl")
    }

    /// Ends everything below this process, which has adopted all orphans.
    public static func endBelow() {
        for _ in 0..<500 {
            while (try? InnerChild.reap()) != nil {}
            guard clinux_has_children(0) != 0 else { return }
            for process in ChildProcess.descendants(of: getpid()) { _ = clinux_kill(process, SIGKILL) }
            _ = clinux_has_children(2)
        }
    }

    /// Whether a stream to an address may be begun from here: nil where it may, else what the kernel said.
    public static func refusal(of address: UInt32, port: UInt16) -> SystemError? {
        do throws(SystemError) {
            try SystemError.check(clinux_may_connect(address, port), "connect")
            return nil
        } catch { return error }
    }
}
