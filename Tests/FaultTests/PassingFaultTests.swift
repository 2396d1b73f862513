import Core
import Gateway
import TestKit
import Testing

/// Faults that are gone at the next try, which no client may notice: go and mvn never ask twice.
@Suite struct PassingFaultTests {
    static let once: [Fault] = [.status(503), .status(500), .busy("0"), .reset, .truncate, .badChunk, .resetInBody]

    @Test(arguments: once, Package.Kind.allCases)
    func areInvisibleOnFiles(_ fault: Fault, _ kind: Package.Kind) async throws {
        try await Scene.with { scene async throws in
            let package = Package.make(kind)
            package.serve(on: scene.fake, package.answer.with(fault), package.answer)
            try await scene.announce(package)
            let taken = try await scene.ask(package.url)
            #expect(taken.isComplete && taken.body == package.bytes)
            #expect(scene.recorder.refusals.isEmpty)
            // A connection that was used before is renewed below us.
            if fault != .reset { #expect(scene.recorder.fetched.first?.attempts == 2) }
        }
    }

    @Test(arguments: once + [.empty, .html, .unasked304], [Package.Kind.pypi, .npm])
    func areInvisibleOnIndexes(_ fault: Fault, _ kind: Package.Kind) async throws {
        try await Scene.with { scene async throws in
            let package = Package.make(kind)
            scene.fake.serve(package.indexPath, package.indexAnswer.with(fault), package.indexAnswer)
            let taken = try await scene.ask(package.index ?? "", accept: package.accept)
            #expect(taken.isComplete)
            #expect(taken.text.contains(package.file))
        }
    }

    @Test(arguments: [Fault.truncate, .badChunk, .resetInBody, .chunkedTruncate])
    func areInvisibleOnWhatIsPassedThrough(_ fault: Fault) async throws {
        try await Scene.with { scene async throws in
            let page = FakeAnswer("<a href=x>x</a>", type: "text/html")
            scene.fake.serve("/folder/", page.with(fault), page)
            let taken = try await scene.ask("https://files.test/folder/")
            #expect(taken.isComplete && taken.text == "<a href=x>x</a>")
            #expect(scene.fake.count("/folder/") == 2)
        }
    }

    @Test func aWrongIndexIsNotKeptForTheNextJob() async throws {
        let scratch = try Scratch()
        let package = Package.make(.pypi)
        try await Scene.with(scratch: scratch) { scene async throws in
            let broken = FakeAnswer("{", type: package.accept).with("Cache-Control", "max-age=600")
            scene.fake.serve(package.indexPath, broken)
            let taken = try await scene.ask(package.index ?? "", accept: package.accept)
            #expect(taken.status == 502 && taken.code == "integrity.mismatch")
        }
        try await Scene.with(scratch: scratch) { scene async throws in
            package.serve(on: scene.fake)
            #expect(try await scene.announce(package)?.isComplete == true)
        }
    }

    @Test func aLongWaitIsNotWaited() async throws {
        try await Scene.with { scene async throws in
            let package = Package.make(.pypi)
            package.serve(on: scene.fake, package.answer.with(.busy("86400")))
            try await scene.announce(package)
            let taken = try await scene.ask(package.url)
            #expect(taken.status == 502 && taken.code == "upstream.refused")
            #expect(scene.recorder.refusals.first?.problem.summary.contains("86400 seconds") == true)
            #expect(scene.fake.count(package.path) == 1)
        }
    }

    @Test(arguments: ["soon", "-5", "99999999999999999999"])
    func aNonsensicalWaitIsAShortOne(_ text: String) async throws {
        try await Scene.with { scene async throws in
            let package = Package.make(.pypi)
            package.serve(on: scene.fake, package.answer.with(.busy(text)), package.answer)
            try await scene.announce(package)
            #expect(try await scene.ask(package.url).isComplete)
        }
    }

    @Test(arguments: [Fault.hang, .stall])
    func silenceEndsInAnError(_ fault: Fault) async throws {
        let setting = Scene.Setting {
            $0.silence = 0.3
            $0.tries = 2
        }
        try await Scene.with(setting) { scene async throws in
            let package = Package.make(.pypi)
            package.serve(on: scene.fake, package.answer.with(fault))
            try await scene.announce(package)
            let taken = try await scene.ask(package.url)
            #expect(taken.status == 502 && taken.code == "upstream.unreachable")
        }
    }

    @Test func anUpstreamThatIsDownIsAnErrorThatSaysSo() async throws {
        try await Scene.with { scene async throws in
            await scene.fake.stop()
            let taken = try await scene.ask("https://pypi.org/simple/demo/")
            #expect(taken.status == 502 && taken.code == "upstream.unreachable")
        }
    }

    @Test func aGzipBombEndsAtTheLimit() async throws {
        try await Scene.with { scene async throws in
            let package = Package.make(.pypi)
            scene.fake.serve(package.indexPath, package.indexAnswer.with(.gzipBomb(200)))
            let taken = try await scene.ask(package.index ?? "", accept: package.accept)
            #expect(taken.code == "too-large")
        }
    }

    @Test func stackedCodingsAreRefused() async throws {
        try await Scene.with { scene async throws in
            let package = Package.make(.pypi)
            scene.fake.serve(package.indexPath, package.indexAnswer.with("Content-Encoding", "br, gzip, gzip"))
            let taken = try await scene.ask(package.index ?? "", accept: package.accept)
            #expect(taken.status == 502 && taken.code == "integrity.mismatch")
        }
    }
}
