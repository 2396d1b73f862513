import Core
import Gateway
import TestKit
import Testing
import Upstream

/// What an origin says of a file beside its bytes reaches the client, of which some can do nothing without it.
@Suite struct FileLabelTests {
    private static let date = "Wed, 21 Oct 2015 07:28:00 GMT"
    private static let name = "attachment; filename=\"tool-1.0.tar.gz\""

    private static func serve(_ package: Package, on scene: Scene) async throws {
        package.serve(
            on: scene.fake,
            package.answer.with("Content-Disposition", name).with("Last-Modified", date).with("X-Other", "1")
        )
        try await scene.announce(package)
    }

    private static func check(_ taken: Taken) {
        #expect(taken.headers.values("Content-Disposition") == [name])
        #expect(taken.headers.values("Last-Modified") == [date])
        #expect(taken.headers.values("Content-Type").count == 1)
        #expect(taken.headers.first("X-Other") == nil)
    }

    @Test(arguments: [Package.Kind.pypi, .npm, .pinned, .unpinned])
    func typeNameAndDateOfAFileAreThoseOfItsOrigin(_ kind: Package.Kind) async throws {
        try await Scene.with { scene async throws in
            let package = Package.make(kind)
            try await Self.serve(package, on: scene)
            let taken = try await scene.ask(package.url)
            #expect(taken.isComplete)
            Self.check(taken)
        }
    }

    @Test func aPageIsCalledOne() async throws {
        try await Scene.with { scene async throws in
            let url = "https://files.test/links.html"
            scene.fake.serve("/links.html", FakeAnswer("<a href=x>x</a>", type: "text/html; charset=utf-8"))
            let taken = try await scene.ask(url)
            #expect(taken.headers.first("Content-Type") == "text/html; charset=utf-8")
        }
    }

    @Test func aFileFromTheCacheIsStillCalledSo() async throws {
        let scratch = try Scratch()
        let package = Package.make(.pypi)
        for _ in 0..<2 {
            try await Scene.with(scratch: scratch) { scene async throws in
                try await Self.serve(package, on: scene)
                Self.check(try await scene.ask(package.url))
                Self.check(try await scene.ask(package.url, method: "HEAD"))
            }
        }
    }

    @Test func aDateThatTheClientHasIsComparedWhereNoTagIs() async throws {
        try await Scene.with { scene async throws in
            let package = Package.make(.pypi)
            try await Self.serve(package, on: scene)
            _ = try await scene.ask(package.url)
            func status(_ fields: HeaderField...) async throws -> Int {
                try await scene.ask(package.url, fields).status
            }
            let same = HeaderField("If-Modified-Since", Self.date)
            #expect(try await status(same) == 304)
            #expect(try await status(HeaderField("If-Modified-Since", "Tue, 20 Oct 2015 07:28:00 GMT")) == 200)
            #expect(try await status(HeaderField("If-Modified-Since", "yesterday")) == 200)
            #expect(try await status(same, HeaderField("If-None-Match", "\"other\"")) == 200)
        }
    }
}
