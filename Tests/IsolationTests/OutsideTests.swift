import Testing

@testable import Isolation

/// What of the machine is kept from a sealed command.
@Suite struct OutsideTests {
    @Test func `Sockets with a file are found, whatever their name`() {
        let table = """
            Num       RefCount Protocol Flags    Type St Inode Path
            0000000000000000: 00000002 00000000 00010000 0001 01 11527 /run/docker.sock
            0000000000000000: 00000002 00000000 00010000 0001 01 11528 @abstract
            0000000000000000: 00000003 00000000 00000000 0001 03 11529
            0000000000000000: 00000002 00000000 00010000 0001 01 11530 /tmp/a socket with spaces

            """
        #expect(Outside.bound(table) == ["/run/docker.sock", "/tmp/a socket with spaces"])
    }

    @Test func `Ports that something listens on are found`() {
        let table = """
              sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
               0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
               1: 0100007F:1F91 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 2 1 0 100 0 0 10 0
               2: 00000000000000000000000000000000:0016 00000000000000000000000000000000:0000 0A 0:0 00:0 0 0 0 3

            """
        #expect(Outside.listening(table) == [8080, 22])
    }

    @Test func `Variables name sockets too`() {
        let named = Outside.named([
            "DOCKER_HOST": "unix:///home/me/docker.sock", "SSH_AUTH_SOCK": "/tmp/ssh-x/agent.1",
            "DBUS_SESSION_BUS_ADDRESS": "unix:path=/tmp/bus,guid=1;unix:path=/tmp/other", "HOME": "/home/me",
        ])
        for path in ["/home/me/docker.sock", "/tmp/ssh-x/agent.1", "/tmp/bus", "/tmp/other"] {
            #expect(named.contains(path))
        }
    }

    @Test func `Names that a file leads out by are asked of us`() {
        let text = "127.0.0.1 localhost\n10.0.0.5 registry.corp\n127.0.1.1 box box.corp # own\n127.9.9.9 farm\n#::1 x\n"
        let hosts = Outside.hosts(text, hostName: "runner")
        #expect(hosts.contains("127.0.1.1 box box.corp"))
        #expect(hosts.contains("127.0.0.1 runner"))
        #expect(!hosts.contains("registry.corp") && !hosts.contains("farm"))
    }

    @Test func `Orders come through as they were given`() {
        var orders = SealOrders(session: "/tmp/s", clients: "/tmp/s/clients", folder: "/a=b")
        orders.hidden = ["/x", "/y"]
        orders.sockets = ["/tmp/a socket"]
        orders.resolver = "nameserver 127.0.0.53\n"
        orders.proxyPort = 4_711
        orders.addresses = [0x0A00_0005]
        #expect(SealOrders(Fields(orders.fields.bytes)) == orders)
    }
}
