import Core
import Kernel
import Policy
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

    @Test func asOfIsTheLowestLayerOfPolicy() throws {
        let scratch = try Scratch()
        let plan = try scratch.plan(["as-of": ["2026-03-01"]])
        #expect(plan.policySource == "job --as-of")
        func value(_ plan: Plan) -> EffectiveValue? {
            plan.policyFile.effectiveValues().first { $0.key == "rules.as_of.time" }
        }
        #expect(value(plan)?.text == "2026-03-01T00:00:00Z")
        #expect(value(plan)?.source == "job: --as-of line 1")
        let fromVariable = try scratch.plan(environment: ["PURSER_AS_OF": "2026-03-01T12:00:00+01:00"])
        #expect(value(fromVariable)?.text == "2026-03-01T11:00:00Z")
        #expect(value(try scratch.plan(["as-of": ["30d"]]))?.text != nil)
        for text in ["yesterday", "d", "-3d", "2026-13-01", "999999d"] {
            #expect(problem { _ = try scratch.plan(["as-of": [text]]) }?.code == .usageInvalid, "\(text)")
        }
        // Earlier than the repository's time is tighter, later is looser.
        try scratch.write("purser.yml", "version: 1\nrules: { as_of: { time: 2026-02-01 } }\n")
        #expect(value(try scratch.plan(["as-of": ["2026-01-01"]]))?.text == "2026-01-01T00:00:00Z")
        let refused = problem { _ = try scratch.plan(["as-of": ["2026-03-01"]]) }
        #expect(refused?.summary.contains("purser.yml line 2") == true, "\(refused?.summary ?? "nothing")")
        // Not in the way of a repository that names none.
        try scratch.write("purser.yml", "version: 1\nmode: enforce\n")
        #expect(value(try scratch.plan(["as-of": ["2026-03-01"]]))?.layer == .job)
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

    /// The home of a service user, or of a container's user without a name.
    @Test func aHomeThatCannotBeWrittenIsNoReasonNotToRun() throws {
        let scratch = try Scratch()
        let environment = ["TMPDIR": scratch.folder, "HOME": "/dev/null/home"]
        let paths = try SessionPaths.make(cache: nil, environment: environment, level: "local")
        #expect(paths.cache == nil && paths.blobs == "\(paths.session)/blobs")
        #expect(paths.notice?.contains("/dev/null/home/.cache/purser/local") == true)
        let named = try SessionPaths.make(cache: "/dev/null/cache", environment: environment, level: "local")
        #expect(named.cache == "/dev/null/cache" && named.notice == nil)
        for paths in [paths, named] { paths.remove() }
    }

    @Test(arguments: [["HOME": ""], ["XDG_CACHE_HOME": "", "HOME": ""], ["XDG_CACHE_HOME": "here"], [:]])
    func aCacheIsNeverPutWhereNobodyNamedAFolder(_ environment: [String: String]) {
        #expect(SessionPaths.cacheFolder(nil, environment, "local") == nil)
    }

    @Test func aHomeCountsWhereTheCacheFolderIsNamedByNothing() {
        let environment = ["XDG_CACHE_HOME": "", "HOME": "/home/x"]
        #expect(SessionPaths.cacheFolder(nil, environment, "local") == "/home/x/.cache/purser/local")
    }

    @Test func aFolderThatIsNamedFromHereIsFoundFromEverywhere() throws {
        #expect(try SessionPaths.temporaryFolder(["TMPDIR": "."]).hasPrefix("/"))
    }

    @Test func aCanaryThatCannotStartFailsTheSession() {
        let found = problem { _ = try Canary.start(OwnProgram("/gone/purser")) }
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
