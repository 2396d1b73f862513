import Core
import Ecosystems
import Testing

/// What git's smart protocol asks for, in each of its versions.
@Suite struct GitTests {
    private static let git = Git()
    private static let one = String(repeating: "1", count: 40)
    private static let two = String(repeating: "2", count: 40)

    private func request(_ target: String, method: String = "GET", _ body: String = "") throws -> Request {
        let url = try HTTPURL(origin: Origin(.https, "github.com"), target: target)
        return Request(method: method, url: url, body: Array(body.utf8))
    }

    private func line(_ text: String) -> String {
        let length = String(text.utf8.count + 4, radix: 16)
        return String(repeating: "0", count: 4 - length.count) + length + text
    }

    private func topic(_ body: String, of repository: String = "/Pkg/Errors.git") throws -> Topic {
        try Self.git.topic(of: try request("\(repository)/git-upload-pack", method: "POST", body))
    }

    @Test func lookUpsOfCommitsAtGitHubPass() throws {
        let git = Git()
        func intent(_ path: String) throws -> Intent? {
            try git.intent(of: Request(url: try HTTPURL("https://api.github.com\(path)")))
        }
        #expect(try intent("/repos/acme/demo/commits/v1") == .passThrough)
        #expect(try intent("/repos/acme/demo/zipball/v1") == nil)
        #expect(try intent("/repos/acme/demo/commits") == nil)
    }

    @Test func repositoriesAreNamedByTheirHostsRules() throws {
        let asked = [
            ("https://github.com/Pkg/Errors.git/info/refs?service=git-upload-pack", "pkg:github/pkg/errors"),
            ("https://github.com/pkg/errors/info/refs?service=git-upload-pack", "pkg:github/pkg/errors"),
            ("https://bitbucket.org/Team/Tool.git/info/refs?service=git-upload-pack", "pkg:bitbucket/team/tool"),
            ("https://git.example/a/b/C.git/info/refs?service=git-upload-pack", "pkg:git/git.example/a/b/C"),
            ("https://git.example:8443/C/info/refs?service=git-upload-pack", "pkg:git/git.example:8443/C"),
        ]
        for (address, purl) in asked {
            let request = Request(url: try HTTPURL(address))
            #expect(try Self.git.intent(of: request) == .conversation)
            #expect(try Self.git.topic(of: request) == .listing(try Purl(parsing: purl)), "\(address)")
        }
    }

    @Test(arguments: [
        "/a%2fb/c", "/a/b%2Fc", "/a/b/c", "/a", "/", "/a/b%252e", "/a/b%20c",
    ])
    func pathsThatNameNoRepositoryAreRefused(_ path: String) throws {
        let request = try request("\(path)/info/refs?service=git-upload-pack")
        #expect(throws: Malformed.self) { try Self.git.topic(of: request) }
    }

    @Test func pushesArePublicationsAndOtherPathsAreNotGit() throws {
        let repository = try Purl(parsing: "pkg:github/a/b")
        let push = try request("/a/b.git/info/refs?service=git-receive-pack")
        #expect(try Self.git.intent(of: push) == .publish(repository))
        #expect(try Self.git.intent(of: try request("/a/b/git-receive-pack", method: "POST")) == .publish(repository))
        #expect(try Self.git.intent(of: try request("/a/b/archive/v1.tar.gz")) == nil)
        #expect(try Self.git.intent(of: try request("/a/b.git/info/refs")) == .passThrough)
    }

    @Test func wantsOfEveryVersionAreReadAndThePackHasToStandAlone() throws {
        let second =
            line("command=fetch") + line("agent=git/2.39.5") + "0001" + line("thin-pack\n") + line("ofs-delta\n")
            + line("want \(Self.one)\n") + line("want \(Self.two)\n") + line("want \(Self.one)\n") + line("done\n")
            + "0000"
        guard case .objects(let wants, let body, clientHasSome: false) = try topic(second) else {
            Issue.record("no objects")
            return
        }
        #expect(wants.map(\.description) == ["pkg:github/pkg/errors@\(Self.one)", "pkg:github/pkg/errors@\(Self.two)"])
        let sent = String(decoding: body, as: UTF8.self)
        #expect(!sent.contains("thin-pack") && sent.contains(line("want \(Self.two)\n")) && sent.hasSuffix("0000"))

        let first =
            line("want \(Self.one) multi_ack_detailed thin-pack side-band-64k\n") + line("want \(Self.two)\n")
            + "0000" + line("done\n")
        guard case .objects(let others, let old, clientHasSome: false) = try topic(first) else {
            Issue.record("no objects")
            return
        }
        #expect(others.count == 2)
        let more = second.replacing(line("done\n"), with: line("have \(Self.two)\n") + line("done\n"))
        guard case .objects(_, _, clientHasSome: true) = try topic(more) else {
            Issue.record("what the client has was not seen")
            return
        }
        #expect(
            String(decoding: old, as: UTF8.self).hasPrefix(
                line("want \(Self.one) multi_ack_detailed side-band-64k\n")
            )
        )
    }

    @Test func namesOfReferencesAreAListing() throws {
        let body = line("command=ls-refs\n") + "0001" + line("peel\n") + "0000"
        #expect(try topic(body) == .listing(try Purl(parsing: "pkg:github/pkg/errors")))
    }

    @Test(arguments: [
        "", "0000", "zzzz", "0005", "0003", "ffff", "000bwant-re", "0014want nonsense!!!\n",
    ])
    func bodiesThatAreNoRequestAreRefused(_ body: String) throws {
        #expect(throws: Malformed.self) { try topic(body) }
    }

    @Test func whatIsWantedByReferenceCannotBeJudgedAndIsRefused() throws {
        let body = line("command=fetch") + "0001" + line("want-ref refs/heads/main\n") + "0000"
        #expect(throws: Malformed.self) { try topic(body) }
    }

    @Test func aRefusalIsARemoteErrorInTheProtocolsOwnFraming() throws {
        let problem = Problem(
            .policyDenied,
            subject: "pkg:github/a/b",
            summary: "is blocked",
            remedy: "ask",
            rule: "block"
        )
        let answer = Self.git.refusal(of: try request("/a/b/git-upload-pack", method: "POST"), for: problem)
        let text = String(decoding: answer.bytes, as: UTF8.self)
        #expect(answer.contentType == "application/x-git-upload-pack-result")
        #expect(text.dropFirst(4).hasPrefix("ERR policy.denied (rule block): pkg:github/a/b is blocked. ask"))
        #expect(Int(text.prefix(4), radix: 16) == text.utf8.count)
    }

    @Test func thePackIsTakenOutOfEveryFraming() throws {
        let pack = Array("PACK0123456789".utf8)
        func side(_ band: UInt8, _ bytes: [UInt8]) -> [UInt8] {
            Array(line(String(decoding: [band] + bytes, as: UTF8.self)).utf8)
        }
        let framed =
            Array(line("packfile\n").utf8) + side(2, Array("counting".utf8)) + side(1, pack) + Array("0000".utf8)
        let raw = Array(line("NAK\n").utf8) + pack
        for answer in [framed, raw] {
            var reader = GitPackReader()
            var taken: [UInt8] = []
            for byte in answer { taken += try reader.take([byte]) }
            #expect(taken == pack && reader.isWhole && reader.packBytes == 14 && reader.complaint == nil)
        }
        var cut = GitPackReader()
        _ = try cut.take(Array(framed.dropLast(6)))
        #expect(!cut.isWhole)
        var failed = GitPackReader()
        _ = try failed.take(side(3, Array("no such object".utf8)))
        #expect(failed.complaint == "no such object")
    }
}
