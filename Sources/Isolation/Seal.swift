public import Kernel

/// Namespaces in which commands run and from which nothing leads out but us.
public final class Seal: Sendable {
    public let link: WardenLink

    private init(_ link: WardenLink) { self.link = link }

    /// Starts the helper, which makes the namespaces.
    public static func begin(_ program: OwnProgram, _ environment: [String: String]) throws(ConfinementError) -> Seal {
        Seal(try WardenLink(program, ["__enter"], environment))
    }

    /// The same by root's hand, for machines that forbid users their own namespaces; nil where `sudo` asks for a
    /// password or is not there. Commands run as the user all the same.
    public static func beginAsRoot(
        _ program: OwnProgram,
        _ environment: [String: String]
    ) throws(ConfinementError) -> Seal? {
        guard ProcessIdentity.effectiveUID != 0 else { return nil }
        let sudo = ChildCommand(["sudo"], environment: environment)
        guard let path = try? sudo.locate(), let user = try? InnerChild.User.current() else { return nil }
        return Seal(try WardenLink(program, ["__enter"], environment, sudo: (path, user)))
    }

    /// Enters a seal that another process holds, by its first process, for one command.
    public static func join(
        _ entrance: Int32,
        _ program: OwnProgram,
        _ environment: [String: String]
    ) async throws(ConfinementError) -> (seal: Seal, watch: SharedFile?) {
        let seal = Seal(try WardenLink(program, ["__enter", "join", "\(entrance)"], environment))
        let (_, files) = try await seal.link.answer("entered")
        return (seal, files.first)
    }

    /// Why no seal can be had on this machine; nil where one can.
    public static func obstacle(_ program: OwnProgram, _ environment: [String: String]) async -> ConfinementError? {
        do throws(ConfinementError) {
            let seal = try begin(program, environment)
            guard let message = try await seal.link.receive() else { return ConfinementError("the helper has gone") }
            await seal.link.end()
            return Fields(message.bytes).list("failed").first.map { ConfinementError($0) }
        } catch { return error }
    }

    /// What a seal that is ready gives.
    public struct Ready: Sendable {
        /// The first process inside, by which others enter.
        public let entrance: Int32
        public let sockets: SealedSockets
        /// What this machine did not allow.
        public let weaknesses: [String]
    }

    /// Covers what is to be covered and makes the sockets.
    public func prepare(_ orders: SealOrders) async throws(ConfinementError) -> Ready {
        var orders = orders
        orders.user = link.user?.uid
        try await link.send(orders.fields, [])
        let (fields, files) = try await link.answer("ready")
        guard let sockets = SealedSockets(fields.list("kind"), files) else {
            throw ConfinementError("the helper made no sockets")
        }
        return Ready(
            entrance: Int32(fields["entrance"]) ?? 0,
            sockets: sockets,
            weaknesses: fields.list("weakness")
        )
    }
}
