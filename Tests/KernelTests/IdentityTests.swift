import Glibc
import Kernel
import Testing

/// What the kernel says of us and of sockets.
@Suite struct IdentityTests {
    @Test func knowsItself() throws {
        #expect(ProcessIdentity.pid == getpid() && ProcessIdentity.parent == getppid())
        #expect(try Files.exists(ProcessIdentity.executablePath()))
        #expect(try !ProcessIdentity.hostName().isEmpty)
        let system = try ProcessIdentity.system()
        #expect(system.name == "Linux" && !system.release.isEmpty && !system.machine.isEmpty)
        #expect(ProcessIdentity.osRelease()?.contains("ID=") == true)
    }

    @Test func clocksGoOn() {
        let before = ProcessIdentity.monotonicNanoseconds()
        #expect(ProcessIdentity.monotonicNanoseconds() >= before)
        let wall = ProcessIdentity.wallClock()
        #expect(wall.seconds > 1_600_000_000 && 0..<1_000_000_000 ~= wall.nanoseconds)
    }

    @Test func randomBytesAreAsManyAsAsked() throws {
        let bytes = try ProcessIdentity.randomBytes(1000)
        #expect(bytes.count == 1000 && Set(bytes).count > 100)
        #expect(try ProcessIdentity.randomBytes(0).isEmpty)
    }

    @Test func wipesASecretInPlace() throws {
        _ = unsafe setenv("WIRE_SECRET", "hunter2", 1)
        let place = unsafe getenv("WIRE_SECRET")
        #expect(ProcessIdentity.environment()["WIRE_SECRET"] == "hunter2")
        #expect(try ProcessIdentity.overwriteEnvironmentValue("WIRE_SECRET"))
        let left = unsafe place.map { unsafe $0.pointee }
        #expect(left == 0)
        #expect(ProcessIdentity.environment()["WIRE_SECRET"] == nil)
        #expect(try !ProcessIdentity.overwriteEnvironmentValue("WIRE_SECRET"))
    }

    @Test func aPipeIsNoTerminal() throws {
        let file = try Files.open("/dev/null", followLink: true)
        #expect(!ProcessIdentity.isTerminal(file.rawDescriptor))
        #expect(ProcessIdentity.terminalWidth(file.rawDescriptor) == nil)
    }

    @Test func findsTheOwnerOfALoopbackSocket() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { for descriptor in [listener, client] { close(descriptor) } }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let local = unsafe named(listener, &address) { unsafe bind(listener, $0, $1) == 0 && listen(listener, 1) == 0 }
        address.sin_port = UInt16(local).bigEndian
        let peer = unsafe named(client, &address) { unsafe connect(client, $0, $1) == 0 }
        #expect(SocketOwner.uid(ofPeerPort: peer, localPort: local) == getuid())
        #expect(SocketOwner.uid(ofPeerPort: local, localPort: 1) == nil)
        #expect(SocketOwner.uid(ofPeerPort: 70_000, localPort: local) == nil)
    }

    /// The port the socket has after `action` was done with the address.
    private func named(
        _ descriptor: Int32,
        _ address: inout sockaddr_in,
        _ action: (UnsafeMutablePointer<sockaddr>, socklen_t) -> Bool
    ) -> Int {
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isDone = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                unsafe action(raw, length) && getsockname(descriptor, raw, &length) == 0
            }
        }
        #expect(isDone)
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
