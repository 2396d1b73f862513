import Core
import Kernel
import Manifest
import TestKit
import Testing

/// `--isolation seal`: a command that can reach nothing but the agent.
@Suite(
    "A sealed command",
    .serialized,
    .enabled(if: Seals.areAllowed, "user namespaces are not allowed here"),
    .enabled(if: Client.isHere("python3", "curl"), "python3 or curl is not on PATH")
)
struct SealTests {
    private let sealed = ["--isolation", "seal"]
    /// Nothing of the session's settings.
    private let bare = "env -i PATH=\"$PATH\" HOME=\"$HOME\""

    @Test func `A client that was told nothing is intercepted, and the record says it is complete`() async throws {
        let shop = try await Workshop.open()
        let (demo, _) = PythonProject.demo(on: shop.fake)
        let ending = try await shop.run("\(bare) curl -sS --noproxy '*' -o demo.whl \(demo.url("1.0"))", sealed)
        #expect(ending.status == 0, "\(ending.text)")
        #expect(try shop.purls() == ["pkg:pypi/demo@1.0"])
        #expect(try shop.manifest().gaps.isEmpty)
        let report = try shop.read("purser-run.json")
        #expect(report.contains("\"tier\": \"seal\"") && report.contains("\"complete\": true"), "\(ending.errors)")
        #expect(ending.errors.contains("covered   everything"))
        let fetch = try RunReport(parsing: try shop.scratch.read("job/purser-run.json")).fetches.first
        #expect(fetch?.asked.command?.hasPrefix("curl ") == true && fetch?.asked.pid ?? 0 > 1)
    }

    @Test func `Python finds the certificate without a variable, over TLS and in clear`() async throws {
        let shop = try await Workshop.open()
        let (demo, _) = PythonProject.demo(on: shop.fake)
        try shop.write(
            "import sys, urllib.request as u\nfor a in sys.argv[1:]: print(u.urlopen(a).status)\n",
            "ask.py"
        )
        let ending = try await shop.run("\(bare) python3 ask.py \(demo.url("1.0"))", sealed)
        #expect(ending.status == 0 && ending.output == "200\n", "\(ending.text)")
        try AptTests().prepare(shop)
        let clear = try await shop.run(
            "\(bare) python3 ask.py http://deb.debian.org/debian/dists/stable/InRelease",
            sealed
        )
        #expect(clear.status == 0 && clear.output == "200\n", "\(clear.text)")
    }

    @Test(
        .enabled(if: ProcessIdentity.effectiveUID == 0, "only root renews certificates"),
        .enabled(if: Client.isHere("update-ca-certificates"), "update-ca-certificates is not on PATH")
    )
    func `Who renews the certificates inside keeps the session's`() async throws {
        let shop = try await Workshop.open()
        let (demo, _) = PythonProject.demo(on: shop.fake)
        let ending = try await shop.run(
            "update-ca-certificates --fresh >/dev/null && \(bare) curl -sS --noproxy '*' -o demo.whl \(demo.url("1.0"))",
            sealed
        )
        #expect(ending.status == 0, "\(ending.text)")
        #expect(!Files.exists("/usr/local/share/ca-certificates/purser-session.crt"))
    }

    @Test(.enabled(if: Client.isHere("pip3"), "pip is not on PATH"))
    func `Clients that follow their settings do so inside too`() async throws {
        let shop = try await Workshop.open()
        _ = PythonProject.demo(on: shop.fake)
        let ending = try await shop.run(
            "python3 -m pip install --disable-pip-version-check --no-cache-dir --target out demo",
            sealed
        )
        #expect(ending.status == 0, "\(ending.text)")
        #expect(try shop.purls() == ["pkg:pypi/demo@1.0", "pkg:pypi/leaf@0.5"])
    }

    @Test(.enabled(if: Client.isHere("npm", "node"), "npm is not on PATH"))
    func `npm installs inside`() async throws {
        let shop = try await Workshop.open()
        _ = NodePackage.demo(on: shop.fake)
        try shop.write("{\"name\":\"job\",\"version\":\"1.0.0\"}", "package.json")
        let ending = try await shop.run("npm install demo", sealed)
        #expect(ending.status == 0, "\(ending.text)")
        #expect(try shop.purls().contains("pkg:npm/demo@1.0.0"))
    }

    @Test(.enabled(if: Client.isHere("apt-get", "dpkg"), "apt is not on PATH"))
    func `apt fetches, and root's dpkg unpacks with owners of its own`() async throws {
        let shop = try await Workshop.open()
        try AptTests().prepare(shop)
        let owners =
            ProcessIdentity.effectiveUID == 0
            ? "&& chown 1234:4321 root/marker && stat -c %u:%g root/marker | grep -qx 1234:4321" : ""
        let ending = try await shop.run(
            "sh apt update && sh apt download tool && mkdir root && dpkg-deb -x tool_*.deb root && touch root/marker "
                + owners,
            sealed
        )
        #expect(ending.status == 0, "\(ending.text)")
        #expect(try shop.purls() == ["pkg:deb/debian/tool@1:2.0~rc1%2Bb1-1?arch=all"])
    }

    @Test(arguments: Seals.users) func `No way leads round the agent`(_ user: String) async throws {
        let shop = try await Workshop.open()
        let outside = try await FakeUpstream.start()
        let sealed = try await Seals.room(shop, user)
        let path = shop.scratch("tmp/outside.sock")
        let helper = try Seals.helper(path, "outside-\(outside.port)")
        defer { helper.closeInput() }
        let ending = try await shop.run(
            "python3 attempts.py $(cat agent.pid) outside-\(outside.port) \(path) ${PURSER_SESSION%/*} "
                + "\(outside.port) \(shop.scratch("cache"))",
            self.sealed,
            agent: sealed
        )
        let lines = ending.output.split(separator: "\n")
        #expect(lines.count == 38, "\(ending.text)")
        #expect(lines.filter { !$0.hasPrefix("closed ") } == [], "\(user): \(ending.text)")
        let report = try RunReport(parsing: try shop.scratch.read("job/purser-run.json"))
        #expect(report.isolation.isComplete)
        let told = Set(report.attempts.map { "\($0.what) \($0.destination)" })
        let wanted = [
            "connect 1.1.1.1:443", "connect 169.254.169.254:80", "connect [2606:4700:4700::1111]:443",
            "datagram 8.8.8.8:53", "raw socket ", "vsock socket ", "connect \(path)",
            "connect @outside-\(outside.port)",
        ]
        #expect(wanted.filter { !told.contains($0) } == [], "\(told.sorted())")
        #expect(report.attempts.allSatisfy { $0.asked.command?.contains("attempts.py") ?? false })
        await outside.stop()
    }

    @Test func `Names are asked nowhere, and DNS over HTTPS is a request like others`() async throws {
        let shop = try await Workshop.open()
        let ending = try await shop.run(
            """
            getent ahostsv4 leak.tunnel.example | head -1 | cut -d. -f1-2
            \(bare) curl -s -o /dev/null -w '%{http_code}\\n' --noproxy '*' 'https://dns.example/dns-query?dns=AAAA'
            """,
            sealed + ["--offline"]
        )
        let lines = ending.output.split(separator: "\n")
        #expect(lines.count == 2 && lines.first == "127.1", "\(ending.text)")
        // An answer, and not a failure to connect.
        #expect(lines.last.flatMap { Int($0) } ?? 0 >= 400, "\(ending.text)")
    }

    @Test(.enabled(if: Client.isHere("cc"), "cc is not on PATH"))
    func `A preloaded library that hides the settings hides nothing`() async throws {
        let shop = try await Workshop.open()
        let (demo, _) = PythonProject.demo(on: shop.fake)
        try shop.write(Seals.hiding, "hide.c")
        let ask =
            "cc -shared -fPIC -o hide.so hide.c && LD_PRELOAD=$PWD/hide.so curl -sS -o demo.whl \(demo.url("1.0"))"
        let ending = try await shop.run(ask, sealed)
        #expect(ending.status == 0, "\(ending.text)")
        #expect(try shop.purls() == ["pkg:pypi/demo@1.0"])
    }

    @Test func `Ordinary work goes on: servers on loopback, links of processes, compilers`() async throws {
        let shop = try await Workshop.open()
        try shop.write("int main(void) { return 0; }\n", "a.c")
        try shop.write("all: a b c d\na b c d: a.c\n\t$(CC) -o $@ a.c\n", "Makefile")
        try shop.write("hello", "page.html")
        let ending = try await shop.run(
            """
            set -e
            if command -v make cc >/dev/null; then make -s -j4 && ./d; fi
            python3 -m http.server --bind 127.0.0.1 80 >/dev/null 2>&1 & server=$!
            for n in 1 2 3 4 5 6 7 8 9; do curl -sSf --retry 3 --retry-connrefused http://localhost/page.html && break || sleep 0.3; done
            kill $server
            python3 -c 'import multiprocessing as m; print(m.Pool(2).map(abs, [-1, -2]))'
            test -t 0 || echo done >/dev/null; echo x >/dev/null; test "$(id -u)" = \(ProcessIdentity.uid)
            if command -v git >/dev/null; then git init -q repo && git -C repo -c user.name=a -c user.email=b commit -q --allow-empty -m c; fi
            """,
            sealed
        )
        #expect(ending.status == 0, "\(ending.text)")
        #expect(ending.output == "hello[1, 2]\n", "\(ending.text)")
    }

    @Test func `The command's end is ours, by status and by signal, and takes what it left behind along`() async throws
    {
        let shop = try await Workshop.open()
        #expect(try await shop.run("exit 7", sealed).status == 7)
        #expect(try await shop.run("kill -KILL $$", sealed).status == 137)
        #expect(try await shop.run("kill -TERM 1; exit 3", sealed).status == 3)
        let detached = try await shop.run("(setsid sh -c 'sleep 2; touch late' &) ; exit 0", sealed)
        #expect(detached.status == 0)
        try await Task.sleep(for: .seconds(3))
        #expect(!shop.exists("late"))
        let absent = try await shop.run(
            "",
            sealed,
            agent: ["sh", "-c", "exec \"$0\" run --isolation seal -- gone", try Agent.path()]
        )
        #expect(absent.status == 127)
    }

    @Test func `A signal to us reaches the command`() async throws {
        let shop = try await Workshop.open()
        let ending = try await shop.run(
            "trap 'echo heard; exit 9' TERM; touch ready; while :; do sleep 0.1; done",
            sealed,
            agent: [
                "sh", "-c", "(while ! test -e ready; do sleep 0.1; done; kill -TERM $$) & exec \"$0\" \"$@\"",
                try Agent.path(),
            ]
        )
        #expect(ending.status == 9 && ending.output == "heard\n", "\(ending.text)")
    }

    @Test func `A declared service is reached, and each use is a gap`() async throws {
        let shop = try await Workshop.open()
        let service = try await FakeUpstream.start()
        service.serve("/ping", FakeAnswer("pong", type: "text/plain"))
        let ask = "\(bare) curl -sS --noproxy '*' \(service.origin)/ping"
        let ending = try await shop.run(ask, sealed + ["--reach", "127.0.0.1:\(service.port)"])
        #expect(ending.status == 0 && ending.output == "pong", "\(ending.text)")
        #expect(try shop.manifest().gaps.map(\.kind) == ["declared-service"])
        #expect(try await shop.run(ask, sealed).status == 7)
        await service.stop()
    }

    @Test func `Steps of a started session enter its seal`() async throws {
        let shop = try await Workshop.open()
        let agent = try Agent.path()
        let ending = try await shop.plain(
            """
            \(agent) start --isolation seal --cache off >/dev/null || exit 90
            \(agent) exec -- sh -c 'test -d /proc/self && ! test -d /proc/'$$ || exit 91
            \(agent) exec -- \(bare) curl -sS --noproxy '*' --max-time 5 http://1.1.1.1/ && exit 92
            \(agent) exec -- sh -c 'exit 6'; test $? = 6 || exit 93
            \(agent) finish
            """
        )
        #expect(ending.status == 0, "\(ending.text)")
        let report = try shop.read("purser-run.json")
        #expect(report.contains("\"tier\": \"seal\"") && report.contains("\"complete\": false"))
    }

    @Test func `Policy can demand it`() async throws {
        let shop = try await Workshop.open()
        try shop.policy("session: { isolation: seal }\n")
        #expect(try await shop.run("true", ["--isolation", "none"]).status == 3)
        #expect(try await shop.run("true").status == 0)
        #expect(try shop.read("purser-run.json").contains("\"tier\": \"seal\""))
    }
}

/// What the tests of seals need of this machine.
enum Seals {
    /// Whether this user may make the namespaces.
    static let areAllowed: Bool = {
        let words = ["unshare", "-Urnmpfi", "--mount-proc", "true"]
        var command = ChildCommand(words, environment: ProcessIdentity.environment())
        command.standardError = .null
        guard let child = try? ChildProcess.spawn(command) else { return false }
        while child.exit == nil { _ = try? Files.stat("/") }
        return child.exit == .exited(0)
    }()

    /// A library that has no variables.
    static let hiding = "char *getenv(const char *name) { (void)name; return 0; }\n"

    static var users: [String] {
        ProcessIdentity.effectiveUID == 0 && Client.isHere("setpriv") ? ["root", "an ordinary user"] : ["this user"]
    }

    private static let fixtures = "\(#filePath.dropLast("SealTests.swift".utf8.count))Fixtures/seal"

    /// Prepares the job's folder and tells how the agent is started: by this user or another, with a file open that
    /// nobody may inherit, and its number written down.
    static func room(_ shop: Workshop, _ user: String) async throws -> [String] {
        try shop.write(String(decoding: try Files.readAll("\(fixtures)/attempts.py"), as: UTF8.self), "attempts.py")
        let start = "echo $$ >agent.pid; exec 19</etc/passwd; exec \"$0\" \"$@\""
        guard user == "an ordinary user" else { return ["bash", "-c", start, try Agent.path()] }
        let own = shop.scratch("purser")
        let ready = try await shop.plain("cp \(try Agent.path()) \(own) && chmod -R a+rX .. && chown -R 4242:4242 ..")
        #expect(ready.status == 0, "\(ready.text)")
        return ["setpriv", "--reuid", "4242", "--regid", "4242", "--clear-groups", "bash", "-c", start, own]
    }

    /// A process outside that answers on a socket with a file and on one without.
    static func helper(_ path: String, _ name: String) throws -> ChildProcess {
        var command = ChildCommand(
            ["python3", "\(fixtures)/outside.py", path, name],
            environment: ProcessIdentity.environment()
        )
        command.standardInput = .pipe
        command.standardOutput = .pipe
        let child = try ChildProcess.spawn(command)
        // A word and the end of its line may come one after the other.
        var said: [UInt8] = []
        while said.last != UInt8(ascii: "\n"), let more = try child.standardOutput?.readNext(upTo: 100), !more.isEmpty {
            said += more
        }
        #expect(said == Array("ready\n".utf8))
        return child
    }
}
