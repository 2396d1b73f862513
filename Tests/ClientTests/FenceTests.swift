import Core
import Kernel
import Manifest
import TestKit
import Testing

/// `--isolation fence`: a command that reaches loopback and nothing else, without namespaces and without rights.
@Suite(
    "A fenced command",
    .serialized,
    .enabled(if: Fences.areAllowed, "calls cannot be watched here, or Landlock does not rule the network"),
    .enabled(if: Client.isHere("python3", "curl"), "python3 or curl is not on PATH")
)
struct FenceTests {
    private let fenced = ["--isolation", "fence"]

    @Test func `Clients that follow their settings work, and the record says what it is`() async throws {
        let shop = try await Workshop.open()
        let (demo, _) = PythonProject.demo(on: shop.fake)
        let ending = try await shop.run("curl -sS -o demo.whl \(demo.url("1.0"))", fenced)
        #expect(ending.status == 0, "\(ending.text)")
        #expect(try shop.purls() == ["pkg:pypi/demo@1.0"])
        let report = try RunReport(parsing: try shop.scratch.read("job/purser-run.json"))
        #expect(report.isolation.tier == "fence" && !report.isolation.isComplete)
        #expect(report.attempts.isEmpty, "\(report.attempts)")
        #expect(report.fetches.first?.asked.command?.hasPrefix("curl ") == true)
    }

    @Test func `A client that was told nothing reaches nothing, and what it tried is told`() async throws {
        let shop = try await Workshop.open()
        let ending = try await shop.run(
            "env -i PATH=\"$PATH\" curl -sS --noproxy '*' --max-time 5 http://1.1.1.1/; echo $?",
            fenced
        )
        #expect(ending.output == "7\n", "\(ending.text)")
        let report = try RunReport(parsing: try shop.scratch.read("job/purser-run.json"))
        let attempt = try #require(report.attempts.first)
        #expect(attempt.what == "connect" && attempt.destination == "1.1.1.1:80" && attempt.count == 1)
        #expect(attempt.asked.command?.hasPrefix("curl ") == true && attempt.asked.pid ?? 0 > 1)
        #expect(ending.errors.contains("held back connect to 1.1.1.1:80 by curl"), "\(ending.errors)")
    }

    @Test(arguments: Seals.users) func `The ways that a fence promises to stop are stopped`(_ user: String) async throws
    {
        try await Fences.expectNoWay(user, [], fenced)
    }

    @Test func `So they are in a container that lets nobody take files`() async throws {
        // The agent then puts sockets of its own where the command's were.
        try await Fences.expectNoWay(Seals.users[0], try Fences.container("take", "users"), ["--isolation", "auto"])
    }

    @Test func `Ordinary work goes on: servers on loopback, unix sockets, compilers, detached children`() async throws {
        let shop = try await Workshop.open()
        try shop.write("int main(void) { return 0; }\n", "a.c")
        try shop.write("all: a b c d\na b c d: a.c\n\t$(CC) -o $@ a.c\n", "Makefile")
        try shop.write("hello", "page.html")
        try shop.write(Fences.talk, "talk.py")
        let ending = try await shop.run(
            """
            set -e
            if command -v make cc >/dev/null; then make -s -j4 && ./d; fi
            python3 -u -m http.server --bind 127.0.0.1 0 >server.log 2>&1 & server=$!
            for n in 1 2 3 4 5 6 7 8 9; do port=$(sed -n 's/.*port \\([0-9]*\\).*/\\1/p' server.log); test -n "$port" && break; sleep 0.3; done
            curl -sSf --noproxy '*' http://localhost:$port/page.html
            kill $server
            python3 -c 'import multiprocessing as m; print(m.Pool(2).map(abs, [-1, -2]))'
            python3 talk.py
            (setsid sh -c 'sleep 2; touch late' &)
            """,
            fenced
        )
        #expect(ending.status == 0, "\(ending.text)")
        #expect(ending.output == "hello[1, 2]\npath name\n", "\(ending.text)")
        try await Task.sleep(for: .seconds(3))
        #expect(!shop.exists("late"))
    }

    @Test func `The command's end is ours, and a signal to us reaches it`() async throws {
        let shop = try await Workshop.open()
        #expect(try await shop.run("exit 7", fenced).status == 7)
        #expect(try await shop.run("kill -KILL $$", fenced).status == 137)
        let ending = try await shop.run(
            "trap 'echo heard; exit 9' TERM; touch ready; while :; do sleep 0.1; done",
            fenced,
            agent: [
                "sh", "-c", "(while ! test -e ready; do sleep 0.1; done; kill -TERM $$) & exec \"$0\" \"$@\"",
                try Agent.path(),
            ]
        )
        #expect(ending.status == 9 && ending.output == "heard\n", "\(ending.text)")
    }

    @Test(.enabled(if: Fences.ownAddress != nil, "this machine has no address but loopback"))
    func `A declared service is reached, and each use is a gap`() async throws {
        let shop = try await Workshop.open()
        let address = try #require(Fences.ownAddress)
        let (service, port) = try Fences.serve(at: address)
        defer { service.closeInput() }
        let ask = "curl -sS --noproxy '*' --max-time 5 http://\(address):\(port)/"
        let ending = try await shop.run(ask, fenced + ["--reach", "\(address):\(port)"])
        #expect(ending.status == 0 && ending.output == "pong", "\(ending.text)")
        let gaps = try shop.manifest().gaps
        #expect(gaps.map(\.kind) == ["declared-service"] && gaps.map(\.host) == ["\(address):\(port)"])
        #expect(try await shop.run(ask, fenced).status == 7)
    }

    @Test func `Where calls are watched already, only auto goes on, with what is left and its name`() async throws {
        let shop = try await Workshop.open()
        let inner = try Fences.container("watched", "users") + [try Agent.path()]
        let refused = try await shop.run("touch started", fenced, agent: inner)
        #expect(refused.status == 2 && !shop.exists("started"), "\(refused.text)")
        #expect(refused.errors.contains("what is left is fence-port"), "\(refused.text)")
        let (demo, _) = PythonProject.demo(on: shop.fake)
        let ending = try await shop.run(
            "curl -sS -o demo.whl \(demo.url("1.0")) && ! curl -sS --noproxy '*' --max-time 5 http://1.1.1.1/",
            ["--isolation", "auto"],
            agent: inner
        )
        #expect(ending.status == 0, "\(ending.text)")
        #expect(try shop.read("purser-run.json").contains("\"tier\": \"fence-port\""))
        #expect(ending.errors.contains("isolation is not seal") && ending.errors.contains("fence-port, not fence"))
        try shop.policy("session: { isolation: fence }\n")
        #expect(try await shop.run("true", agent: inner).status == 3)
    }

    @Test func `Steps of a started session are fenced again, and one that is not is told`() async throws {
        let shop = try await Workshop.open()
        let agent = try Agent.path()
        let (demo, _) = PythonProject.demo(on: shop.fake)
        let upstream = "--upstream pypi=\(shop.fake.origin)/pypi --upstream pypi:files=\(shop.fake.origin)/files"
        let ask = "curl -sS --noproxy '*' --max-time 5 http://1.1.1.1/"
        let inside = try await shop.plain(
            """
            \(agent) start --isolation fence --cache off \(upstream) >/dev/null || exit 90
            \(agent) exec --mark reach -- \(ask) && exit 92
            \(agent) exec -- curl -sS -o demo.whl \(demo.url("1.0")) || exit 93
            \(agent) exec -- sh -c 'exit 6'; test $? = 6 || exit 94
            \(agent) finish
            """
        )
        #expect(inside.status == 0, "\(inside.text)")
        let report = try RunReport(parsing: try shop.scratch.read("job/purser-run.json"))
        #expect(report.isolation.tier == "fence" && report.gaps.isEmpty, "\(report.gaps)")
        let attempt = try #require(report.attempts.first)
        #expect(attempt.destination == "1.1.1.1:80" && attempt.asked.step == "reach")
        let outside = try await shop.plain(
            """
            eval "$(\(agent) start --isolation fence --cache off --format shell \(upstream))" || exit 90
            \(agent) exec -- true || exit 91
            curl -sS -o demo.whl \(demo.url("1.0")) || exit 92
            \(agent) finish
            """
        )
        #expect(outside.status == 0, "\(outside.text)")
        let second = try RunReport(parsing: try shop.scratch.read("job/purser-run.json"))
        #expect(second.isolation.tier == "none" && second.gaps.map(\.kind) == ["outside-session"], "\(second.gaps)")
    }
}

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

    private static let fixtures = "\(#filePath.dropLast("FenceTests.swift".utf8.count))Fixtures/seal"

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
    static func serve(at address: String) throws -> (ChildProcess, String) {
        var command = ChildCommand(
            ["python3", "-u", "-c", service, address],
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
