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

    @Test func `Another user's port on loopback is open, and each that is used is a gap`() async throws {
        let shop = try await Workshop.open()
        let (service, port) = try Fences.serve(
            at: "127.0.0.1",
            as: Seals.users.last == "an ordinary user" ? "4243" : nil
        )
        defer { service.closeInput() }
        let ask = "curl -sS --noproxy '*' --max-time 5 http://127.0.0.1:\(port)/"
        let ending = try await shop.run("\(ask) && \(ask)", fenced)
        #expect(ending.status == 0 && ending.output == "pongpong", "\(ending.text)")
        let report = try RunReport(parsing: try shop.scratch.read("job/purser-run.json"))
        #expect(report.gaps.map(\.kind) == ["loopback-service"] && report.gaps.map(\.host) == ["127.0.0.1:\(port)"])
        #expect(!report.isolation.isComplete && report.isolation.reason?.contains("loopback") == true)
        try shop.policy("session: { gaps: block }\n")
        #expect(try await shop.run(ask, fenced).status == 125)
    }

    @Test(.enabled(if: Client.isHere("cc"), "cc is not on PATH"))
    func `A preloaded library that hides the settings leads nowhere`() async throws {
        let shop = try await Workshop.open()
        let (demo, _) = PythonProject.demo(on: shop.fake)
        try shop.write(Seals.hiding, "hide.c")
        #expect(try await shop.plain("cc -shared -fPIC -o hide.so hide.c").status == 0)
        let hidden = "LD_PRELOAD=$PWD/hide.so curl -sS --max-time 5"
        let ending = try await shop.run(
            "\(hidden) -o demo.whl \(demo.url("1.0")); echo $?; \(hidden) http://1.1.1.1/; echo $?",
            fenced
        )
        // No name resolves, and no address answers.
        #expect(ending.output == "6\n7\n", "\(ending.text)")
        #expect(!shop.exists("demo.whl"))
        #expect(try shop.purls() == [])
        let report = try RunReport(parsing: try shop.scratch.read("job/purser-run.json"))
        #expect(report.attempts.map(\.destination).contains("1.1.1.1:80"), "\(report.attempts)")
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

    @Test(arguments: [("isolation: fence", Int32(3)), ("gaps: block", 14)])
    func `A policy fails a job of which a step ran outside`(_ rule: String, _ refusal: Int32) async throws {
        let shop = try await Workshop.open()
        let agent = try Agent.path()
        let (demo, _) = PythonProject.demo(on: shop.fake)
        let upstream = "--upstream pypi=\(shop.fake.origin)/pypi --upstream pypi:files=\(shop.fake.origin)/files"
        try shop.policy("session: { \(rule) }\n")
        let fetch = "curl -sS -o demo.whl \(demo.url("1.0"))"
        for (step, status) in [("\(agent) exec -- \(fetch)", 0), ("\(agent) exec -- true; \(fetch)", refusal)] {
            let ending = try await shop.plain(
                """
                eval "$(\(agent) start --isolation fence --cache off --format shell \(upstream))" || exit 90
                \(step) || exit 91
                \(agent) finish
                """
            )
            #expect(ending.status == status, "\(step): \(ending.text)")
            let report = try RunReport(parsing: try shop.scratch.read("job/purser-run.json"))
            #expect(report.gaps.map(\.kind) == (status == 0 ? [] : ["outside-session"]), "\(report.gaps)")
            #expect(report.problems.isEmpty == (status == 0), "\(report.problems)")
        }
    }
}
