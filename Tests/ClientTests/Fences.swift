import Core
import Kernel
import Manifest
import TestKit
import Testing

/// What the tests of fences need of this machine.
enum Fences {
    /// Whether Landlock knows of TCP and calls can be watched.
    static let areAllowed = (Fencing.landlockVersion ?? 0) >= Fencing.leastVersion && canWatch

    private static let canWatch: Bool = {
        guard let words = try? container("watched") else { return false }
        var command = ChildCommand(words + ["true"], environment: ProcessIdentity.environment())
        command.standardError = .null
        guard let child = try? ChildProcess.spawn(command) else { return false }
        while child.exit == nil { _ = try? Files.stat("/") }
        return child.exit == .exited(0)
    }()

    private static let fixtures = "\(#filePath.dropLast("Fences.swift".utf8.count))Fixtures/seal"

    /// Before a program: it then runs with the limits that containers have.
    static func container(_ limits: String...) throws -> [String] {
        ["python3", "\(fixtures)/container.py"] + limits + ["--"]
    }

    /// An address of this machine that is not loopback.
    static let ownAddress: String? = {
        let table = (try? Files.readAll("/proc/net/fib_trie")).map { String(decoding: $0, as: UTF8.self) } ?? ""
        var last = ""
        for line in table.split(separator: "\n").map({ $0.drop { $0 == " " } }) {
            if line.hasPrefix("|-- ") { last = String(line.dropFirst(4)) }
            if line.hasPrefix("/32 host LOCAL"), !last.hasPrefix("127.") { return last }
        }
        return nil
    }()

    /// Every line of `fenced.py` says that the way is closed, and the report holds what was tried.
    static func expectNoWay(_ user: String, _ before: [String], _ options: [String]) async throws {
        let shop = try await Workshop.open()
        let (service, port) = try serve(at: "0.0.0.0")
        defer { service.closeInput() }
        try shop.write(String(decoding: try Files.readAll("\(fixtures)/fenced.py"), as: UTF8.self), "fenced.py")
        let agent = try await Seals.room(shop, user)
        let path = shop.scratch("tmp/outside.sock")
        let helper = try Seals.helper(path, "outside-\(port)")
        defer { helper.closeInput() }
        let ending = try await shop.run(
            "python3 fenced.py $(cat agent.pid) outside-\(port) \(path) \(port) "
                + (ownAddress ?? "192.0.2.1"),
            options,
            agent: before + agent
        )
        let lines = ending.output.split(separator: "\n")
        #expect(lines.count == 31, "\(ending.text)")
        #expect(lines.filter { !$0.hasPrefix("closed ") } == [], "\(user): \(ending.text)")
        let report = try RunReport(parsing: try shop.scratch.read("job/purser-run.json"))
        #expect(report.isolation.tier == "fence", "\(ending.text)")
        let told = Set(report.attempts.map { "\($0.what) \($0.destination)" })
        let wanted = [
            "connect 1.1.1.1:443", "connect 169.254.169.254:80", "connect [2606:4700:4700::1111]:443",
            "connect 127.0.0.53:53", "connect \(path)", "connect @outside-\(port)", "datagram socket ",
            "raw socket ", "fast open 1.1.1.1:443",
        ]
        #expect(wanted.filter { !told.contains($0) } == [], "\(told.sorted())")
    }

    /// A service outside, and its port.
    static func serve(at address: String, as user: String? = nil) throws -> (ChildProcess, String) {
        let before = user.map { ["setpriv", "--reuid", $0, "--regid", $0, "--clear-groups"] } ?? []
        var command = ChildCommand(
            before + ["python3", "-u", "-c", service, address],
            environment: ProcessIdentity.environment()
        )
        command.standardInput = .pipe
        command.standardOutput = .pipe
        let child = try ChildProcess.spawn(command)
        let said = try child.standardOutput?.readNext(upTo: 9) ?? []
        return (child, String(decoding: said.prefix { $0 != 10 }, as: UTF8.self))
    }

    /// Answers at an address until its input ends, and says its port.
    static let service = """
        import http.server, sys, threading

        class Answer(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Length", "4")
                self.end_headers()
                self.wfile.write(b"pong")

            def log_message(self, *words):
                pass

        server = http.server.ThreadingHTTPServer((sys.argv[1], 0), Answer)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(server.server_address[1])
        sys.stdin.read()

        """

    /// Two processes over a unix socket with a file, and over one without.
    static let talk = """
        import os, socket

        def talk(address, word):
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(address)
            listener.listen()
            if os.fork() == 0:
                client = socket.socket(socket.AF_UNIX)
                client.connect(address)
                client.sendall(word)
                os._exit(0)
            return listener.accept()[0].recv(9).decode()

        print(talk("own.sock", b"path"), talk("\\0own-%d" % os.getpid(), b"name"))

        """
}
