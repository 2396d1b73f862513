internal import CLinux

/// Sockets that belong to the network namespace they were made in, whoever holds them.
public enum InnerSocket {
    /// Brings the loopback device up.
    public static func raiseLoopback() throws(SystemError) { try SystemError.check(clinux_loopback_up(), "ioctl") }

    /// Gives the loopback device one more address; `number` tells it from its others.
    public static func addAddress(_ address: UInt32, number: Int) throws(SystemError) {
        try SystemError.check(clinux_loopback_alias(Int32(clamping: number), address), "ioctl")
    }

    /// A socket with no address yet.
    public static func make(isSix: Bool = false, isDatagram: Bool = false) throws(SystemError) -> SharedFile {
        SharedFile(adopting: try SystemError.check(clinux_socket(isSix ? 1 : 0, isDatagram ? 1 : 0), "socket"))
    }

    /// Binds to an IPv4 address, given as a number.
    public static func bind(_ socket: SharedFile, _ address: UInt32, port: UInt16) throws(SystemError) {
        try SystemError.check(clinux_bind_four(socket.rawDescriptor, address, port), "bind")
    }

    /// Binds to `::1`.
    public static func bindSix(_ socket: SharedFile, port: UInt16) throws(SystemError) {
        try SystemError.check(clinux_bind_six(socket.rawDescriptor, port), "bind")
    }

    /// Whether there is a way to an address from here; asking sends nothing.
    public static func hasWay(to address: UInt32) throws(SystemError) -> Bool {
        try SystemError.check(clinux_has_way(address), "connect") != 0
    }

    /// Takes connections from now on.
    public static func listen(_ socket: SharedFile) throws(SystemError) {
        try SystemError.check(clinux_listen(socket.rawDescriptor), "listen")
    }
}
