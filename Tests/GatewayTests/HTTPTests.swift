import Core
import Gateway
import TestKit
import Testing
import Upstream

/// Conditions, ranges and HEAD (RFC 9110 §13, §14), and which header fields go where.
@Suite struct HTTPTests {
    private static func cached(_ body: (Scene, Package, String) async throws -> Void) async throws {
        try await Scene.with { scene async throws in
            let package = Package.make(.pypi, size: 5_000)
            package.serve(on: scene.fake)
            try await scene.announce(package)
            #expect(try await scene.ask(package.url).isComplete)
            try await body(scene, package, "\"sha256-\(package.digest.hex)\"")
        }
    }

    @Test(arguments: [
        ("bytes=0-0", 0..<1), ("bytes=0-99", 0..<100), ("bytes=100-", 100..<5_000), ("bytes=-7", -7..<0),
        ("bytes=10-999999999", 10..<5_000), ("bytes=-999999999", 0..<5_000),
    ])
    func oneRangeIsCutFromTheWhole(_ range: String, _ expected: Range<Int>) async throws {
        try await Self.cached { scene, package, _ in
            let size = package.bytes.count
            let lower = expected.lowerBound < 0 ? size + expected.lowerBound : expected.lowerBound
            let upper = expected.upperBound <= 0 || expected.upperBound == 5_000 ? size : expected.upperBound
            let taken = try await scene.ask(package.url, [HeaderField("Range", range)])
            #expect(taken.status == 206)
            #expect(taken.body == Array(package.bytes[lower..<upper]))
            #expect(taken.headers.first("Content-Range") == "bytes \(lower)-\(upper - 1)/\(size)")
        }
    }

    @Test(arguments: ["bytes=0-1,5-9", "lines=1-2", "bytes=9-1", "bytes=a-b", "bytes=", "bytes=-", "0-5", "bytes=--5"])
    func otherRangesMeanTheWhole(_ range: String) async throws {
        try await Self.cached { scene, package, _ in
            let taken = try await scene.ask(package.url, [HeaderField("Range", range)])
            #expect(taken.status == 200 && taken.body == package.bytes)
        }
    }

    @Test(arguments: ["bytes=99999999-", "bytes=-0"])
    func aRangeOutsideIs416(_ range: String) async throws {
        try await Self.cached { scene, package, _ in
            let taken = try await scene.ask(package.url, [HeaderField("Range", range)])
            #expect(taken.status == 416)
            #expect(taken.headers.first("Content-Range") == "bytes */\(package.bytes.count)")
        }
    }

    @Test func aRangeHoldsOnlyForTheSameFile() async throws {
        try await Self.cached { scene, package, etag in
            let range = HeaderField("Range", "bytes=0-9")
            #expect(try await scene.ask(package.url, [range, HeaderField("If-Range", etag)]).status == 206)
            let other = try await scene.ask(package.url, [range, HeaderField("If-Range", "\"other\"")])
            #expect(other.status == 200 && other.body == package.bytes)
            let date = try await scene.ask(
                package.url,
                [range, HeaderField("If-Range", "Sat, 21 Nov 2026 00:00:00 GMT")]
            )
            #expect(date.status == 200)
        }
    }

    @Test func whatTheClientHasIsNotSentAgain() async throws {
        try await Self.cached { scene, package, etag in
            for tag in [etag, "W/\(etag)", "*", "\"x\", \(etag)"] {
                let taken = try await scene.ask(package.url, [HeaderField("If-None-Match", tag)])
                #expect(taken.status == 304 && taken.body.isEmpty, "\(tag)")
                #expect(taken.headers.first("ETag") == etag)
            }
            #expect(try await scene.ask(package.url, [HeaderField("If-None-Match", "\"x\"")]).status == 200)
        }
    }

    @Test func anIndexHasATagOfItsOwn() async throws {
        try await Scene.with { scene async throws in
            let package = Package.make(.pypi)
            scene.fake.serve(package.indexPath, package.indexAnswer.with("ETag", "\"theirs\""))
            let index = try #require(try await scene.announce(package))
            let etag = try #require(index.headers.first("ETag"))
            #expect(etag.hasPrefix("\"sha256-"))
            let again = try await scene.ask(
                package.index ?? "",
                accept: package.accept,
                [HeaderField("If-None-Match", etag)]
            )
            #expect(again.status == 304 && again.body.isEmpty)
        }
    }

    @Test func headSaysWhatGetWouldAndBringsNothingIn() async throws {
        try await Scene.with { scene async throws in
            let package = Package.make(.pypi)
            package.serve(on: scene.fake)
            let index = try await scene.ask(package.index ?? "", method: "HEAD", accept: package.accept)
            #expect(index.status == 200 && index.body.isEmpty)
            let get = try await scene.ask(package.index ?? "", accept: package.accept)
            #expect(index.length == Int64(get.body.count))
            #expect(index.headers == get.headers)

            let cold = try await scene.ask(package.url, method: "HEAD")
            #expect(cold.status == 200 && cold.length == Int64(package.bytes.count) && cold.body.isEmpty)
            #expect(scene.fake.requests(for: package.path).map(\.method) == ["HEAD"])
            #expect(scene.recorder.fetched.isEmpty)
            #expect(scene.recorder.answers.map(\.request.method) == ["GET"])

            let file = try await scene.ask(package.url)
            let warm = try await scene.ask(package.url, method: "HEAD")
            #expect(warm.headers == file.headers)
            #expect(warm.length == cold.length)
            #expect(cold.headers.first("ETag") == file.headers.first("ETag"))
        }
    }

    @Test func aHeadOfACachedFileBringsNothingInEither() async throws {
        let scratch = try Scratch()
        try await Scene.with(scratch: scratch) { scene async throws in
            let package = Package.make(.pypi)
            package.serve(on: scene.fake)
            try await scene.announce(package)
            #expect(try await scene.ask(package.url).isComplete)
        }
        try await Scene.with(scratch: scratch) { scene async throws in
            let package = Package.make(.pypi)
            package.serve(on: scene.fake)
            try await scene.announce(package)
            let taken = try await scene.ask(package.url, method: "HEAD")
            #expect(taken.status == 200 && taken.length == Int64(package.bytes.count))
            #expect(scene.recorder.fetched.isEmpty)
        }
    }

    @Test func theUpstreamsFramingAndValidatorsStayWithUs() async throws {
        try await Scene.with { scene async throws in
            let package = Package.make(.pypi)
            let answer = package.indexAnswer.with("Connection", "X-Hop").with("X-Hop", "1").with("X-Kept", "1")
                .with("ETag", "\"theirs\"").with("Alt-Svc", "h3").with("Age", "5").with("Digest", "x")
                .with("Strict-Transport-Security", "max-age=1").with("Keep-Alive", "timeout=5")
            scene.fake.serve("/pypi/nothing/", answer)
            let taken = try await scene.ask("https://pypi.org/nothing/")
            #expect(taken.status == 200)
            #expect(Set(taken.headers.map { $0.name.lowercased() }) == ["content-type", "x-kept"])
        }
    }

    @Test func theClientsConditionsCodingsAndHopsStayWithUs() async throws {
        try await Scene.with { scene async throws in
            let package = Package.make(.pypi)
            package.serve(on: scene.fake)
            let fields = [
                "Range", "If-None-Match", "If-Modified-Since", "If-Range", "Accept-Encoding", "Proxy-Authorization",
                "TE",
                "Expect", "Upgrade", "Connection",
            ]
            try await scene.announce(package)
            let headers = fields.map { HeaderField($0, "x") } + [HeaderField("X-Client", "1")]
            #expect(try await scene.ask(package.url, headers).isComplete)
            let asked = try #require(scene.fake.requests(for: package.path).first)
            for name in fields where name != "Accept-Encoding" && name != "Connection" {
                #expect(asked.header(name) == nil, "\(name)")
            }
            #expect(asked.header("Accept-Encoding") == "identity")
        }
    }

    @Test(arguments: [201, 203, 204, 206, 226])
    func aSuccessOtherThan200IsNoWayRoundTheChecks(_ status: Int) async throws {
        try await Scene.with { scene async throws in
            let package = Package.make(.pypi)
            let strange = FakeAnswer(status: status, body: status == 204 ? "" : "bytes")
            package.serve(on: scene.fake, strange)
            try await scene.announce(package)
            let file = try await scene.ask(package.url)
            #expect(file.status == 502 && file.code == "integrity.mismatch")
            scene.fake.serve("/pypi/simple/other/", strange)
            #expect(try await scene.ask("https://pypi.org/simple/other/").status == 502)
        }
    }

    @Test func thatSomethingIsNotThereIsPassedOnAndRecorded() async throws {
        try await Scene.with { scene async throws in
            let index = try await scene.ask("https://pypi.org/simple/missing/")
            #expect(index.status == 404 && index.text == "nothing here\n")
            #expect(scene.recorder.answers.map(\.status) == [404])
        }
    }

    @Test func whatAQuestionByHEADSaysIsRecorded() async throws {
        try await Scene.with { scene async throws in
            let asked = try await scene.ask("https://registry.npmjs.org/-/ping", method: "HEAD")
            #expect(asked.status == 404)
            #expect(scene.recorder.answers.map(\.status) == [404])
        }
    }
}
