internal import CLinux

/// Who owns a loopback TCP socket.
public enum SocketOwner {
    /// The uid that owns the other end of a loopback connection we accepted on `localPort` from `peerPort`; `nil` when
    /// nobody can tell.
    public static func uid(ofPeerPort peerPort: Int, localPort: Int) -> UInt32? {
        guard let peer = UInt16(exactly: peerPort), let local = UInt16(exactly: localPort) else { return nil }
        #if os(Linux)
            for family: Int32 in [0, 1] {
                var number: UInt32 = 0
                let answer = unsafe clinux_socket_owner(family, peer, local, &number)
                if answer >= 0 { return UInt32(exactly: answer) }
            }
            return uidInTables(peer: peer, local: local)
        #else
            return nil
        #endif
    }

    /// The number, among the files that processes have open, of the other end of such a connection; `nil` when nobody
    /// can tell.
    public static func number(ofPeerPort peerPort: Int, localPort: Int) -> UInt32? {
        #if os(Linux)
            guard let peer = UInt16(exactly: peerPort), let local = UInt16(exactly: localPort) else { return nil }
            for family: Int32 in [0, 1] {
                var number: UInt32 = 0
                if unsafe clinux_socket_owner(family, peer, local, &number) >= 0, number > 0 { return number }
            }
        #endif
        return nil
    }

    /// Over what is returned the kernel is asked for sockets of the network namespace that this process is in now.
    public static func inquiry() throws(SystemError) -> SharedFile {
        SharedFile(adopting: try SystemError.check(clinux_owner_inquiry(), "socket"))
    }

    /// The number of the other end of a connection in another namespace, from `peerPort` at 127.0.0.1 to a port at
    /// `address`. One question at a time.
    public static func number(
        ofPeerPort peerPort: Int,
        address: UInt32,
        localPort: Int,
        over inquiry: SharedFile
    ) -> UInt32? {
        guard let peer = UInt16(exactly: peerPort), let local = UInt16(exactly: localPort) else { return nil }
        var number: UInt32 = 0
        let answer = unsafe clinux_ask_owner(inquiry.rawDescriptor, 0, peer, address, local, &number)
        return answer >= 0 && number > 0 ? number : nil
    }

    /// The same from the kernel's text tables, for kernels without socket diagnostics.
    static func uidInTables(peer: UInt16, local: UInt16) -> UInt32? {
        var found: Set<UInt32> = []
        for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
            guard let bytes = try? Files.readAll(table) else { continue }
            for line in bytes.split(separator: 0x0a).dropFirst() {
                if let uid = owner(in: line, peer: peer, local: local) { found.insert(uid) }
            }
        }
        // Two owners of one pair of ports on different addresses: we cannot tell which one is meant.
        return found.count == 1 ? found.first : nil
    }

    /// `sl local_address rem_address st tx:rx tr:when retrnsmt uid …`, numbers in hexadecimal up to the uid.
    private static func owner(in line: ArraySlice<UInt8>, peer: UInt16, local: UInt16) -> UInt32? {
        let words = line.split(separator: 0x20, maxSplits: 8, omittingEmptySubsequences: true)
        guard words.count > 8, port(words[1]) == peer, port(words[2]) == local else { return nil }
        let state = String(decoding: words[3], as: UTF8.self)
        guard ["01", "04", "08"].contains(state) else { return nil }
        return UInt32(String(decoding: words[7], as: UTF8.self))
    }

    private static func port(_ address: ArraySlice<UInt8>) -> UInt16? {
        guard let colon = address.lastIndex(of: 0x3a) else { return nil }
        return UInt16(String(decoding: address[(colon + 1)...], as: UTF8.self), radix: 16)
    }
}
