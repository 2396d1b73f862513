import Core
import Foundation
import JSONText
import Storage
import Testing

@testable import Registry

@Suite(.serialized) struct HostingTests {
    private func files(_ scratch: RegistryScratch, _ project: String, channel: String = "dev") async throws -> [JSON] {
        let answer = try await scratch.get(
            "/main/\(channel)/pypi/simple/\(project)/",
            token: scratch.admin,
            headers: ["Accept": "application/vnd.pypi.simple.v1+json"]
        )
        return answer.json?["files"]?.array ?? []
    }

    @Test func anUploadedWheelIsListedAndServed() async throws {
        try await RegistryScratch.with { scratch in
            let form = UploadForm()
            #expect(try await scratch.upload(form, token: scratch.admin).status == 200)
            let file = try #require(try await files(scratch, "app").first)
            #expect(file["filename"]?.string == form.file)
            #expect(file["hashes"]?["sha256"]?.string == Digest.sha256(of: form.content).hex)
            #expect(file["requires-python"] == ">=3.9")
            let url = try #require(file["url"]?.string)
            #expect(url == "/main/dev/pypi/files/\(Digest.sha256(of: form.content).hex)/\(form.file)")
            #expect(try await scratch.get(url, token: scratch.admin).body == form.content)
            let page = try await scratch.get("/main/dev/pypi/simple/app/", token: scratch.admin)
            #expect(page.text.contains("href=\"\(url)#sha256="))
            let list = try await scratch.get("/main/dev/pypi/simple/", token: scratch.admin)
            #expect(list.text.contains("app"))
            #expect(try await files(scratch, "app", channel: "prod").isEmpty)
        }
    }

    @Test func namesAreOneHoweverTheyAreSpelled() async throws {
        try await RegistryScratch.with { scratch in
            let form = UploadForm("Foo_Bar", "1.0")
            #expect(try await scratch.upload(form, token: scratch.admin).status == 200)
            for name in ["foo-bar", "Foo.Bar", "FOO_BAR"] { #expect(try await files(scratch, name).count == 1) }
            let close = try await scratch.upload(UploadForm("foobar", "1.0"), token: scratch.admin)
            #expect(close.status == 409)
            #expect(close.reason.contains("too similar"))
        }
    }

    @Test func sameBytesAgainAreFineAndOtherBytesAreNot() async throws {
        try await RegistryScratch.with { scratch in
            #expect(try await scratch.upload(UploadForm(), token: scratch.admin).status == 200)
            #expect(try await scratch.upload(UploadForm(), token: scratch.admin).status == 200)
            let other = UploadForm(content: wheel(content: "print('other')\n"))
            let answer = try await scratch.upload(other, token: scratch.admin)
            #expect(answer.status == 409)
            #expect(answer.reason.contains("File already exists"))
            #expect(answer.text.contains("File already exists"))
            let file = try #require(try await files(scratch, "app").first)
            #expect(file["hashes"]?["sha256"]?.string == Digest.sha256(of: wheel()).hex)
        }
    }

    @Test func oneOfManyPublishersWinsEveryRound() async throws {
        try await RegistryScratch.with { scratch in
            for round in 0..<25 {
                let statuses = try await withThrowingTaskGroup(of: (Int, String?).self) { group in
                    for racer in [0, 1, 2, 0] {
                        group.addTask {
                            let bytes = wheel("app", "1.\(round)", content: "print(\(racer))\n")
                            let form = UploadForm("app", "1.\(round)", content: bytes)
                            let answer = try await scratch.upload(form, token: scratch.admin)
                            return (answer.status, answer.header("Purser-Status"))
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(statuses.count { $0.1 == "added" } == 1)
                #expect(statuses.allSatisfy { $0.0 == 200 || $0.0 == 409 })
                #expect(statuses.count { $0.0 == 409 } >= 2)
            }
            #expect(try await files(scratch, "app").count == 25)
        }
    }

    @Test func aWheelThatIsAnotherPackageInsideIsRefused() async throws {
        try await RegistryScratch.with { scratch in
            let form = UploadForm(content: wheel(inside: ("evil", "1.0")))
            let answer = try await scratch.upload(form, token: scratch.admin)
            #expect(answer.status == 400)
            #expect(try await files(scratch, "app").isEmpty)
        }
    }

    @Test func aFileThatIsNoArchiveIsRefused() async throws {
        try await RegistryScratch.with { scratch in
            let answer = try await scratch.upload(UploadForm(content: Array("no zip".utf8)), token: scratch.admin)
            #expect(answer.status == 400)
            #expect(answer.reason.contains("Invalid distribution file"))
        }
    }

    @Test func aStatedDigestMustFit() async throws {
        try await RegistryScratch.with { scratch in
            var form = UploadForm()
            form.fields[form.fields.count - 1].value = String(repeating: "0", count: 64)
            let answer = try await scratch.upload(form, token: scratch.admin)
            #expect(answer.status == 400)
            #expect(answer.reason.contains("digest"))
        }
    }

    @Test(arguments: ["/etc/passwd", "..\\x.whl", "a/b-1.0-py3-none-any.whl", "app-1.0.exe", ""])
    func aFileNameThatIsNoneIsRefused(name: String) async throws {
        try await RegistryScratch.with { scratch in
            let answer = try await scratch.upload(UploadForm(file: name), token: scratch.admin)
            #expect(answer.status == 400)
        }
    }

    @Test func aFormThatIsCutLeavesNothing() async throws {
        try await RegistryScratch.with { scratch in
            let form = UploadForm()
            let body = Array(form.bytes.dropLast(20))
            let headers = ["Content-Type": form.contentType]
            let path = "/main/dev/pypi/legacy/"
            let answer = try await scratch.send("POST", path, token: scratch.admin, headers: headers, body: body)
            #expect(answer.status == 400)
            #expect(try await files(scratch, "app").isEmpty)
            let staged = try FileManager.default.contentsOfDirectory(atPath: scratch.folder + "/blobs/staged")
            #expect(staged.isEmpty)
        }
    }

    @Test func aDeletedFileIsGoneAndItsNameIsBurned() async throws {
        try await RegistryScratch.with { scratch in
            let form = UploadForm()
            let first = try await scratch.upload(form, token: scratch.admin)
            #expect(first.status == 200)
            try await scratch.administration.delete(form.file, type: "pypi", from: "main")
            #expect(try await files(scratch, "app").isEmpty)
            let hex = Digest.sha256(of: form.content).hex
            for suffix in ["", ".metadata"] {
                let path = "/main/dev/pypi/files/\(hex)/\(form.file)\(suffix)"
                #expect(try await scratch.get(path, token: scratch.admin).status == 404)
            }
            let again = try await scratch.upload(form, token: scratch.admin)
            #expect(again.status == 409)
            #expect(again.reason.contains("already been used"))
            let problem = await #expect(throws: Problem.self) {
                try await scratch.administration.delete(form.file, type: "pypi", from: "main")
            }
            #expect(problem?.code == .notFound)
        }
    }

    @Test func uploadsEnterAtTheFirstChannelOnly() async throws {
        try await RegistryScratch.with { scratch in
            let answer = try await scratch.upload(UploadForm(), to: "/main/prod/pypi/legacy/", token: scratch.admin)
            #expect(answer.status == 403)
        }
    }

    @Test func withoutATokenAnUploaderIsAskedForOne() async throws {
        try await RegistryScratch.with { scratch in
            let answer = try await scratch.upload(UploadForm(), token: nil)
            #expect(answer.status == 401)
            #expect(answer.header("WWW-Authenticate")?.hasPrefix("Basic") == true)
            #expect(answer.reason.hasPrefix("auth.missing"))
        }
    }

    @Test func aHostedNameNeverGoesUpstream() async throws {
        let upstream = CountingResponder()
        try await RegistryScratch.with(gateway: upstream) { scratch in
            #expect(try await scratch.upload(UploadForm("acme-core", "1.0"), token: scratch.admin).status == 200)
            for channel in ["dev", "staging", "prod"] {
                for path in [
                    "simple/acme-core/", "simple/Acme_Core/", "pypi/acme-core/json",
                    "-/https/files.pythonhosted.org/packages/aa/bb/acme_core-1.0-py3-none-any.whl",
                ] {
                    _ = try await scratch.get("/main/\(channel)/pypi/\(path)", token: scratch.admin)
                }
            }
            #expect(upstream.requests.isEmpty)
            _ = try await scratch.get("/main/prod/pypi/simple/requests/", token: scratch.admin)
            #expect(upstream.requests == ["https://pypi.org/simple/requests/"])
        }
    }

    @Test(arguments: ["-/http/127.0.0.1/x", "-/https/evil.example/a.whl", "-/https/files.pythonhosted.org:8443/a.whl"])
    func linksLeadToTheEcosystemsHostsOnly(path: String) async throws {
        let upstream = CountingResponder()
        try await RegistryScratch.with(gateway: upstream) { scratch in
            let answer = try await scratch.get("/main/dev/pypi/\(path)", token: scratch.admin)
            #expect(answer.status == 400)
            #expect(upstream.requests.isEmpty)
        }
    }

    @Test func aRepositoryOnItsOwnAsksNobody() async throws {
        let upstream = CountingResponder()
        try await RegistryScratch.with(gateway: upstream) { scratch in
            try await scratch.administration.createRepository("alone", isPublic: true, pullsThrough: false)
            #expect(try await scratch.get("/alone/dev/pypi/simple/requests/").status == 404)
            #expect(upstream.requests.isEmpty)
        }
    }

    @Test func fetchesForAgentsFromPublicHostsOnly() async throws {
        let upstream = CountingResponder()
        try await RegistryScratch.with(gateway: upstream) { scratch in
            func fetch(_ url: String) async throws -> RegistryScratch.Answer {
                let query = "type=pypi&accept=text%2Fhtml&url=" + PercentEncoding.encode(url)
                return try await scratch.get("/api/v1/fetch?\(query)", token: scratch.admin)
            }
            let good = try await fetch("https://pypi.org/simple/requests/")
            #expect(good.status == 200)
            #expect(good.header("Purser-Final-URL") == "https://pypi.org/simple/requests/")
            for url in ["http://169.254.169.254/latest", "https://pypi.org@evil/", "https://evil.example/simple/x/"] {
                #expect(try await [400, 403].contains(fetch(url).status))
            }
            #expect(upstream.requests.count == 1)
        }
    }
}
