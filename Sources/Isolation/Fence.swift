public import Kernel

/// A filter on system calls, and Landlock below it where the kernel has it: commands reach loopback and what is
/// declared, and nothing else. Needs no rights and no namespaces.
public final class Fence: Sendable {
    public let link: WardenLink

    private init(_ link: WardenLink) { self.link = link }

    /// What everything inside descends from.
    public var process: Int32 { link.warden.pid }

    /// Starts the process that fences itself and what it starts.
    public static func begin(_ program: OwnProgram, _ environment: [String: String]) throws(ConfinementError) -> Fence {
        Fence(try WardenLink(program, ["__enter", "fence"], environment))
    }

    /// What a closed fence gives.
    public struct Ready: Sendable {
        /// `fence`, or `fence-port` where nobody can look at connects.
        public let tier: Tier
        /// Asked about each connect; nil under `fence-port`.
        public let watch: SharedFile?
        /// What this machine did not allow.
        public let weaknesses: [String]
    }

    /// Closes it. By Landlock alone, TCP may go to `ports`.
    public func prepare(ports: [UInt16]) async throws(ConfinementError) -> Ready {
        var orders = Fields()
        orders.add("fence", as: "order")
        orders.add(ports.map(String.init), as: "port")
        orders.add("yes", as: "watched")
        try await link.send(orders, [])
        let (fields, files) = try await link.answer("ready")
        let open = fields.list("open").map { "Landlock does not rule the network here (\($0))" }
        let why = fields["unwatched"].isEmpty ? "no answer" : fields["unwatched"]
        if let watch = files.first { return Ready(tier: .fence, watch: watch, weaknesses: open) }
        guard open.isEmpty else {
            throw ConfinementError("connects cannot be watched (\(why)), and \(open[0])")
        }
        return Ready(tier: .fencePort, watch: nil, weaknesses: ["connects cannot be watched (\(why))"])
    }

    /// Why no fence can be had on this machine, or only the weaker one; both nil where all is well.
    public static func obstacle(
        _ program: OwnProgram,
        _ environment: [String: String]
    ) async -> (tier: Tier, reason: String?) {
        do throws(ConfinementError) {
            let fence = try begin(program, environment)
            let ready = try await fence.prepare(ports: [1])
            await fence.link.end()
            return (ready.tier, ready.weaknesses.first)
        } catch { return (.none, "\(error)") }
    }
}

/// What a fenced command may reach, beside loopback.
public struct FenceRules: Sendable {
    /// A declared service, which we lead on from a port of ours.
    public struct Service: Hashable, Sendable {
        public var addresses: [UInt32]
        public var port: UInt16
        /// At 127.0.0.1.
        public var door: UInt16

        public init(addresses: [UInt32], port: UInt16, door: UInt16) {
            self.addresses = addresses
            self.port = port
            self.door = door
        }
    }

    public var services: [Service]
    /// The process that everything inside descends from.
    public var root: Int32
    /// Unix sockets that something outside answered when the fence was closed: by path and by name.
    public var sockets: [String]
    public var names: Set<String>
    /// Ports of this machine that something outside, but for us, listened on when the fence was closed.
    public var listeners: Set<UInt16>

    public init(
        services: [Service],
        root: Int32,
        sockets: [String],
        names: Set<String>,
        listeners: Set<UInt16> = []
    ) {
        self.services = services
        self.root = root
        self.sockets = sockets
        self.names = names
        self.listeners = listeners
    }
}
