internal import Kernel

/// What can be made of a seal before there is a session: while that is set up, nobody waits for it.
struct SealedGround {
    let trust: SealedTrust
    /// Sockets without an address.
    let pool: [SharedFile]

    init() throws(SystemError) {
        try Mounts.makePrivate()
        trust = try SealedTrust()
        var pool: [SharedFile] = []
        for _ in 0..<SealOrders.pool { pool.append(try InnerSocket.make()) }
        self.pool = pool
    }
}

/// What a sealed command sees of the file system: everything, but for what leads out or belongs to the agent.
struct SealedView {
    private let orders: SealOrders
    private let ground: SealedGround
    private let isRoot = ProcessIdentity.effectiveUID == 0

    init(_ orders: SealOrders, on ground: SealedGround) {
        self.orders = orders
        self.ground = ground
    }

    /// Tells what this machine did not allow; with any of it the seal is not complete.
    func apply() throws(SystemError) -> [String] {
        let folder = try Mounts.hold(orders.folder)
        let clients = try Mounts.hold(orders.clients)
        let resolver = try? Files.realpath("/etc/resolv.conf")
        let authority = try Files.readAll(orders.authority, limit: 1 << 20)
        try processes()
        var missed = [attempt("/run", run)]
        if isRoot {
            missed.append(attempt("/dev", devices))
            missed.append(attempt("/sys") { () throws(SystemError) in try Mounts.makeReadOnly("/sys", isWhole: true) })
        } else if Files.isFolder("/dev/shm") {
            missed.append(
                attempt("/dev/shm") { () throws(SystemError) in
                    try Mounts.empty("/dev/shm", mode: "1777", isExecutable: true)
                }
            )
        }
        for folder in orders.hidden where Files.isFolder(folder) { try hide(folder) }
        try Mounts.empty(orders.session, mode: "0711")
        try Files.makeFolder(orders.clients)
        try Mounts.bind(clients, over: orders.clients)
        try Mounts.makeReadOnly(orders.clients)
        try names(resolver)
        try ground.trust.apply(orders, authority)
        missed += cover()
        try show(folder)
        try Mounts.makeReadOnly(orders.session)
        return missed.compactMap(\.self)
    }

    /// Another session's folder goes with it, at any moment.
    private func hide(_ folder: String) throws(SystemError) {
        do throws(SystemError) {
            try Mounts.empty(folder)
            try Mounts.makeReadOnly(folder)
        } catch {
            guard error.isMissing, !Files.exists(folder) else { throw error }
        }
    }

    /// A step without which the seal still holds the network back, but not all that it promises.
    private func attempt(_ what: String, _ step: () throws(SystemError) -> Void) -> String? {
        do throws(SystemError) { try step() } catch { return "\(what) could not be covered (\(error))" }
        return nil
    }

    /// Only the processes inside; for root, without the kernel's switches.
    private func processes() throws(SystemError) {
        try Mounts.new("proc", "/proc", options: "")
        guard isRoot else { return }
        for name in ["sys", "sysrq-trigger", "irq", "bus", "fs", "acpi", "scsi"] where Files.exists("/proc/\(name)") {
            try Mounts.bind("/proc/\(name)", over: "/proc/\(name)")
            try Mounts.makeReadOnly("/proc/\(name)")
        }
    }

    /// Where the machine's services have their sockets: docker, containerd, podman, the buses, agents for keys.
    private func run() throws(SystemError) {
        for place in ["/run", "/var/run"] where (try? Files.stat(place))?.isFolder == true {
            try Mounts.empty(place, isExecutable: true)
            try folder("\(place)/lock", 0o1777)
            // Open to all where root makes it for a user: everybody inside is the same.
            let user = orders.user ?? ProcessIdentity.uid
            try folder("\(place)/user/\(user)", orders.user == nil ? 0o700 : 0o777)
            try Files.chmod("\(place)/user", mode: 0o755)
        }
    }

    private func folder(_ path: String, _ mode: UInt32) throws(SystemError) {
        try Files.makeFolder(path)
        try Files.chmod(path, mode: mode)
    }

    /// The devices that programs need; a disk or a modem root could open is not among them.
    private func devices() throws(SystemError) {
        var held: [(name: String, place: SharedFile)] = []
        for name in ["null", "zero", "full", "random", "urandom", "tty", "fuse", "kvm"] {
            if let place = try? Mounts.hold("/dev/\(name)") { held.append((name, place)) }
        }
        try Mounts.empty("/dev")
        for (name, place) in held {
            _ = try Files.create("/dev/\(name)", mode: 0o666)
            try Mounts.bind(place, over: "/dev/\(name)")
        }
        try folder("/dev/pts", 0o755)
        try Mounts.new("devpts", "/dev/pts", options: "newinstance,ptmxmode=0666,mode=0620")
        try folder("/dev/shm", 0o755)
        try Mounts.empty("/dev/shm", mode: "1777", isExecutable: true)
        for (name, target) in [
            ("ptmx", "pts/ptmx"), ("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0"),
            ("stdout", "/proc/self/fd/1"), ("stderr", "/proc/self/fd/2"),
        ] {
            try Files.symlink("/dev/\(name)", to: target)
        }
    }

    /// Our name server, and no addresses by file but the machine's own.
    private func names(_ resolver: String?) throws(SystemError) {
        for (name, text, place) in [("resolver", orders.resolver, resolver), ("hosts", orders.hosts, "/etc/hosts")] {
            guard let place else { continue }
            let own = "\(orders.session)/\(name)"
            try Files.writeAtomically(own, Array(text.utf8), mode: 0o644, durably: false)
            if !Files.exists(place) {
                // A link into what was just covered.
                guard place != "/etc/hosts", let slash = place.lastIndex(of: "/") else { continue }
                try Files.makeFolder(String(place[..<slash]), mode: 0o755)
                _ = try Files.create(place, mode: 0o644)
            }
            try Mounts.bind(own, over: place)
        }
    }

    /// An empty file over every socket that answers outside.
    private func cover() -> [String?] {
        let nothing = "\(orders.session)/nothing"
        guard (try? Files.create(nothing, mode: 0o400)) != nil else { return ["no cover for sockets"] }
        return orders.sockets.map { socket in
            guard let found = try? Files.stat(socket, followLink: true), found.mode & 0o170000 == 0o140000 else {
                return nil
            }
            return attempt(socket) { () throws(SystemError) in try Mounts.bind(nothing, over: Files.realpath(socket)) }
        }
    }

    /// The working folder, should it lie in something that was covered.
    private func show(_ folder: SharedFile) throws(SystemError) {
        let seen = try? Files.stat(orders.folder, followLink: true)
        let held = try folder.stat()
        if let seen, seen.device == held.device, seen.inode == held.inode { return }
        try Files.makeFolder(orders.folder, mode: 0o755)
        try Mounts.bind(folder, over: orders.folder)
    }
}

extension Files {
    static func isFolder(_ path: String) -> Bool { (try? stat(path, followLink: true))?.isFolder ?? false }
}
