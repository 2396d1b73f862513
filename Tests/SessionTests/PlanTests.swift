import Core
import Kernel
import Testing

@testable import Session

@Suite("Plans and papers")
struct PlanTests {
    @Test func anUpstreamForATypeIsTakenOnceOnly() throws {
        let scratch = try Scratch()
        let plan = try scratch.plan(["upstream": ["pypi=http://a.test/", "pypi:files=http://b.test/"]])
        #expect(plan.upstreams.count == 2)
        let twice = problem { _ = try scratch.plan(["upstream": ["pypi=http://a.test/", "pypi=http://b.test/"]]) }
        #expect(twice?.code == .usageInvalid)
    }

    @Test func theRegistryMayNameItsRepository() throws {
        #expect(try RegistryAddress("http://h:8080/acme", token: nil).repository == "acme")
        #expect(try RegistryAddress("http://h:8080", token: nil).repository == "main")
        for text in ["http://h/a/b", "http://u:p@h/", "h", "http://h/?q"] {
            #expect(problem { _ = try RegistryAddress(text, token: nil) }?.code == .usageInvalid, "\(text)")
        }
    }

    @Test func theTokenComesFromItsFileWithoutTheLineEnd() throws {
        let scratch = try Scratch()
        try scratch.write("token", "psr_abc\n")
        let plan = try scratch.plan(["registry": ["http://h/"], "token-file": [scratch.path("token")]])
        #expect(plan.registry?.token?.reveal() == "psr_abc")
    }

    @Test func underLockedTheRunHasAFolderOfItsOwn() throws {
        let scratch = try Scratch()
        try scratch.write("purser.lock", #"{"gaps":[],"inputs":[],"purser":1,"tools":[]}"#)
        let files = PaperFiles(try scratch.plan(["locked": ["true"]]))
        #expect(files.manifest == scratch.path("purser-run.d/purser.lock"))
        #expect(files.statement == scratch.path("purser-run.d/purser.intoto.json"))
        #expect(files.report == scratch.path("purser-run.json"))
    }

    @Test func papersInTwoHandsAreLocked() async throws {
        let scratch = try Scratch()
        let first = try await PaperFiles.lock(scratch.path("lock"))
        do {
            _ = try await PaperFiles.lock(scratch.path("lock"), tries: 2)
            Issue.record("two hold one lock")
        } catch {
            #expect(error.code == .stateLocked)
            #expect(error.summary.contains("\(ProcessIdentity.pid)"))
        }
        withExtendedLifetime(first) {}
    }

    @Test func foldersOfKilledSessionsAreSweptAndOthersAreNot() throws {
        let scratch = try Scratch()
        let live = try SessionPaths.make(cache: "off", environment: ["TMPDIR": scratch.folder], level: "local")
        try scratch.write("purser-000000000000000000/lock", "1\n")
        try scratch.write("purser-notes/lock", "mine")
        SessionPaths.sweep(["TMPDIR": scratch.folder])
        #expect(Files.exists(live.session))
        #expect(Files.exists(scratch.path("purser-notes")))
        #expect(!Files.exists(scratch.path("purser-000000000000000000")))
        live.remove()
        #expect(!Files.exists(live.session))
    }

    @Test func aCanaryThatCannotStartFailsTheSession() {
        let found = problem { _ = try Canary.start("/gone/purser", [:]) }
        #expect(found?.code == .sessionCanaryFailed)
    }

    @Test func aCanaryWithoutTheSessionsCertificateGetsNoAnswer() async throws {
        let scratch = try Scratch()
        try scratch.write("ca.pem", "OWN")
        try scratch.write("bundle.pem", "SYSTEM")
        let environment = ["SSL_CERT_FILE": scratch.path("bundle.pem"), "PURSER_SESSION": scratch.folder]
        let (answer, error) = await Canary.ask("https://canary.purser.invalid/x", environment: environment)
        #expect(answer == nil)
        #expect(error.contains("certificate"))
    }
}
