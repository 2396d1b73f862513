import Core
import Kernel
import Manifest
import TestKit
import Testing

/// `sudo apt-get` as an ordinary user who is asked for no password: the usual way to packages in CI.
@Suite(
    "sudo inside the job",
    .serialized,
    .enabled(
        if: Client.isHere("apt-get", "sudo", "useradd", "setpriv"),
        "apt, sudo, useradd or setpriv is not on PATH"
    ),
    .enabled(if: ProcessIdentity.effectiveUID == 0, "only root can make a user")
)
struct SudoTests {
    @Test func `What apt fetches as root is recorded, whatever way sudo was called`() async throws {
        let shop = try await UserWorkshop.open(rule: "ALL=(ALL) NOPASSWD: ALL")
        for call in ["sudo", "sudo -E", "sudo -n -H -u root", "sudo LC_ALL=C", "sudo -E --"] {
            let ending = try await shop.run(
                "$REAL rm -rf lists archives *.deb; \(call) sh apt update && \(call) sh apt download tool"
            )
            #expect(ending.status == 0, "\(call): \(ending.text)")
            #expect(try shop.purls() == ["pkg:deb/debian/tool@1:2.0~rc1%2Bb1-1?arch=all"], "\(call)")
        }
        #expect(shop.leftWithRoot.isEmpty)
    }

    @Test func `Root's apt is led to us without our variables too, for as long as the session lives`() async throws {
        let shop = try await UserWorkshop.open(rule: "ALL=(ALL) NOPASSWD: ALL")
        let look = "ls -l /etc/apt/apt.conf.d/99purser-* /etc/apt/purser-*.pem >seen"
        let ending = try await shop.run("\(look); $REAL sh apt update && $REAL sh apt download tool")
        #expect(ending.status == 0, "\(ending.text)")
        #expect(try shop.purls().count == 1)
        let seen = try shop.shop.read("seen")
        #expect(seen.contains("-rw-r----- 1 root") && seen.contains("-rw-r--r-- 1 root root"), "\(seen)")
        #expect(shop.leftWithRoot.isEmpty)
    }

    @Test(arguments: ["TERM", "KILL"])
    func `A session that is killed leaves nothing with root`(_ signal: String) async throws {
        let shop = try await UserWorkshop.open(rule: "ALL=(ALL) NOPASSWD: ALL")
        _ = try await shop.run("ls /etc/apt/apt.conf.d >seen; kill -\(signal) $PPID; sleep 1")
        #expect(try shop.shop.read("seen").contains("99purser-"))
        for _ in 0..<400 where !shop.leftWithRoot.isEmpty { try await Task.sleep(for: .milliseconds(10)) }
        #expect(shop.leftWithRoot.isEmpty)
    }

    @Test func `What a session left that was killed with its keeper goes at the next start`() async throws {
        let shop = try await UserWorkshop.open(rule: "ALL=(ALL) NOPASSWD: ALL")
        let left = "/etc/apt/apt.conf.d/99purser-0123456789abcdef01"
        let alive = "/etc/apt/apt.conf.d/99purser-0123456789abcdef02"
        try Files.writeAtomically(left, Array("// session /tmp/purser-gone\n".utf8), mode: 0o644)
        try Files.writeAtomically(alive, Array("// session /\n".utf8), mode: 0o644)
        defer { for path in [left, alive] { try? Files.unlink(path) } }
        #expect(try await shop.run("true").status == 0)
        #expect(!Files.exists(left))
        #expect(Files.exists(alive))
    }

    @Test func `A sudo that may not keep variables sets them behind itself`() async throws {
        let shop = try await UserWorkshop.open(rule: "ALL=(ALL) NOPASSWD: NOSETENV: ALL")
        let ending = try await shop.run("sudo sh apt update && sudo -n sh apt download tool")
        #expect(ending.status == 0, "\(ending.text)")
        #expect(try shop.purls().count == 1)
    }

    @Test func `A sudo that lets nothing through is a gap, in the record and for people`() async throws {
        let shop = try await UserWorkshop.open(rule: "ALL=(ALL) NOPASSWD: /usr/bin/id")
        let ending = try await shop.run("sudo -n id -u")
        #expect(ending.status == 0 && ending.output == "0\n", "\(ending.text)")
        #expect(try shop.shop.manifest().gaps.map(\.kind) == ["sudo"])
        #expect(ending.errors.contains("sudo was called where it keeps no variables"))
    }
}

/// A workshop whose jobs run as a user of its own, who is removed with it.
final class UserWorkshop: Sendable {
    let shop: Workshop
    private let user: String
    private let agent: String

    private init(_ shop: Workshop, _ user: String) {
        self.shop = shop
        self.user = user
        agent = shop.scratch("purser")
    }

    static func open(rule: String) async throws -> UserWorkshop {
        let shop = try await Workshop.open()
        let user = "purser-\(ProcessIdentity.monotonicNanoseconds() % 1_000_000_000)"
        let workshop = UserWorkshop(shop, user)
        try AptTests().prepare(shop)
        let folder = shop.folder
        // Nobody but root may see where this program was built.
        try Files.writeAtomically("/etc/sudoers.d/\(user)", Array("\(user) \(rule)\n".utf8), mode: 0o440)
        let ending = try await shop.plain(
            """
            set -e; useradd -M -s /bin/sh \(user); cp \(try Agent.path()) \(folder)/purser
            cp -r \(AptTests.repository)/archive-key.asc \(folder)/job/; chmod -R a+rX \(folder); chown -R \(user): \(folder)
            """
        )
        #expect(ending.status == 0, "\(ending.text)")
        try shop.write(
            "deb [signed-by=\(folder)/job/archive-key.asc] http://deb.debian.org/debian stable main\n",
            "sources.list"
        )
        return workshop
    }

    deinit {
        for path in ["/etc/sudoers.d/\(user)"] { try? Files.unlink(path) }
        // Tried again: another one may hold the lock of the users' file.
        let script = "for n in 1 2 3 4 5 6 7 8; do userdel -f \(user) 2>/dev/null && break; sleep 0.5; done"
        let command = ChildCommand(["sh", "-c", script], environment: ProcessIdentity.environment())
        _ = try? ChildProcess.spawn(command)
    }

    func run(_ script: String) async throws -> Workshop.Ending {
        let real = try #require(["/usr/bin/sudo", "/bin/sudo"].first { Files.exists($0) })
        return try await shop.run(
            script,
            environment: ["REAL": real],
            agent: ["setpriv", "--reuid", user, "--regid", user, "--init-groups", agent]
        )
    }

    func purls() throws -> [String] { try shop.purls() }

    /// Files of sessions of this user.
    var leftWithRoot: [String] {
        let folder = shop.folder
        return ((try? Files.list("/etc/apt/apt.conf.d")) ?? []).filter { name in
            guard name.hasPrefix("99purser-"), let bytes = try? Files.readAll("/etc/apt/apt.conf.d/\(name)") else {
                return false
            }
            return String(decoding: bytes, as: UTF8.self).contains(folder)
        }
    }
}

extension Workshop {
    fileprivate var folder: String { String(scratch("job").dropLast("/job".count)) }
}
