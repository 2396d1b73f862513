import Core
import Foundation
import JSONText
import Storage
import Testing

@testable import Registry

/// Walks every row of the route table with every kind of caller.
@Suite(.serialized) struct AccessMatrixTests {
    /// The callers, and the scopes that each has on `main`.
    private func callers(_ scratch: RegistryScratch) async throws -> [(
        name: String, token: String?, scopes: Set<Scope>
    )] {
        let revoked = try await scratch.token(.admin, on: ["*"])
        try await scratch.administration.revokeToken(String(revoked.split(separator: "_")[1]))
        let unknown = "psr_aaaaaaaaaa_" + String(repeating: "0", count: 64)
        let known = try await scratch.token(.admin, on: ["*"])
        let forged = String(known.dropLast(8)) + "00000000"
        return [
            ("nobody", nil, []), ("garbage", "not a token", []), ("unknown", unknown, []), ("forged", forged, []),
            ("revoked", revoked, []),
            ("reader", try await scratch.token(.read), [.read]),
            ("publisher", try await scratch.token(.publish), [.publish]),
            ("promoter", try await scratch.token(.promote), [.promote]),
            ("administrator", try await scratch.token(.admin), Set(Scope.allCases)),
            ("stranger", try await scratch.token(.admin, on: ["other-*"]), []),
        ]
    }

    @Test func everyRowAsksForItsScope() async throws {
        try await RegistryScratch.with { scratch in
            let build = try SampleBuild()
            try await scratch.push(build, token: scratch.admin)
            for caller in try await callers(scratch) {
                for route in Route.table {
                    let answer = try await ask(route, build, scratch, caller.token)
                    let expected = expectation(route, caller.name, caller.scopes)
                    let row = "\(caller.name) at \(route.pattern): \(answer.status) \(answer.text.prefix(200))"
                    #expect(expected.contains(answer.status), "\(row)")
                    if answer.status == 401 { #expect(answer.header("WWW-Authenticate") != nil, "\(row)") }
                }
            }
        }
    }

    /// The statuses that a row may answer such a caller with.
    private func expectation(_ route: Route, _ caller: String, _ scopes: Set<Scope>) -> Set<Int> {
        let allowed: Set<Int> = [200, 201, 204, 400, 404, 409]
        let isStranger = caller == "stranger"
        switch route.need {
        case .nothing: return [200]
        case .somewhere(let scope):
            if scopes.isEmpty, !isStranger { return [401] }
            // A stranger's token is good elsewhere: what he may not read is then simply not there.
            return scopes.contains(scope) || isStranger ? allowed.union(route.action == .fetch ? [403] : []) : [403]
        case .here(let scope):
            if scopes.isEmpty, !isStranger { return [401] }
            if scopes.contains(scope) { return allowed }
            return route.pattern.contains("{build}") && !scopes.contains(.read) ? [404] : [403]
        }
    }

    private func ask(
        _ route: Route,
        _ build: SampleBuild,
        _ scratch: RegistryScratch,
        _ token: String?
    ) async throws -> RegistryScratch.Answer {
        let digest = Digest.sha256(of: build.wheelBytes)
        let path = route.pattern.replacing("{hex}", with: digest.hex).replacing("{build}", with: build.id)
            .replacing("{repository}", with: "main").replacing("{channel}", with: "dev")
            .replacing("{type}", with: "pypi").replacing("{file}", with: build.file)
            .replacing("{rest...}", with: "simple/app/").replacing("{data}", with: "osv")
        switch route.action {
        case .publishFile: return try await scratch.upload(UploadForm("b", "1.0"), to: path, token: token)
        case .upload: return try await scratch.patch(digest, [1], at: 0, of: 2, token: token ?? "")
        case .pushBuild: return try await scratch.post(path, build.push, token: token)
        case .missingBlobs: return try await scratch.post(path, ["digests": []], token: token)
        case .facts: return try await scratch.post(path, ["releases": []], token: token)
        case .verifyBuild: return try await scratch.post(path, ["verdict": "identical"], token: token)
        case .promoteBuild: return try await scratch.post(path, ["to": "nowhere"], token: token)
        case .fetch:
            return try await scratch.get(path + "?type=pypi&url=http%3A%2F%2F127.0.0.1%2F", token: token)
        case .listBuilds: return try await scratch.get(path + "?repository=main", token: token)
        default: return try await scratch.get(path, token: token)
        }
    }

    @Test func anExpiredTokenSaysWhatToDo() async throws {
        try await RegistryScratch.with { scratch in
            let past = Administration(data: scratch.folder) {
                Timestamp(seconds: RegistryScratch.now.seconds - 200_000)
            }
            let token = try await past.createToken("old", scopes: ["read"], repositories: ["main"], days: 1)
            let answer = try await scratch.get("/api/v1/builds", token: token.text.reveal())
            #expect(answer.status == 401)
            #expect(answer.json?["code"] == "auth.missing")
            #expect(answer.json?["title"] == "has expired")
            #expect(answer.json?["remedy"]?.string?.contains("purser-registry token create --scope read") == true)
        }
    }

    @Test func noTokenStandsInTheDataFolder() async throws {
        try await RegistryScratch.with { scratch in
            let token = try await scratch.token(.read, .publish)
            #expect(try await scratch.get("/api/v1/builds?repository=main", token: token).status == 200)
            _ = try await scratch.upload(UploadForm(), token: token)
            let secrets = [scratch.admin, token].map { Array($0.utf8.suffix(40)) }
            let files = FileManager.default.enumerator(atPath: scratch.folder)?.compactMap { $0 as? String } ?? []
            #expect(files.contains("records.sqlite"))
            for file in files {
                let bytes = (try? Data(contentsOf: URL(filePath: "\(scratch.folder)/\(file)"))) ?? Data()
                for secret in secrets { #expect(bytes.firstRange(of: secret) == nil, "\(file)") }
            }
        }
    }

    @Test func aTokenInTheURLIsRefusedAndHidden() async throws {
        try await RegistryScratch.with { scratch in
            let answer = try await scratch.get("/api/v1/builds?token=\(scratch.admin)")
            #expect(answer.status == 401)
            #expect(!answer.text.contains(scratch.admin))
        }
        #expect("/a?x=psr_abc_def&y=1".replacingTokens() == "/a?x=***&y=1")
    }

    @Test func takesATokenAsBasicPasswordOfAnyUser() async throws {
        try await RegistryScratch.with { scratch in
            let field = "Basic " + Base64.encode(Array("__token__:\(scratch.admin)".utf8))
            let answer = try await scratch.get("/api/v1/builds", headers: ["Authorization": field])
            #expect(answer.status == 200)
        }
    }

    @Test func nobodyLearnsWhetherARepositoryExists() async throws {
        try await RegistryScratch.with { scratch in
            try await scratch.administration.createRepository("hidden", isPublic: false, pullsThrough: true)
            let token = try await scratch.token(.read)
            let present = try await scratch.get("/hidden/dev/pypi/simple/", token: token)
            let absent = try await scratch.get("/absent/dev/pypi/simple/", token: token)
            #expect(present.status == 403)
            #expect(absent.status == 403)
            #expect(present.text.replacing("hidden", with: "absent") == absent.text)
        }
    }

    @Test func aPublicRepositoryIsReadWithoutATokenAndOnlyRead() async throws {
        try await RegistryScratch.with { scratch in
            try await scratch.administration.createRepository("open", isPublic: true, pullsThrough: false)
            #expect(try await scratch.get("/open/dev/pypi/simple/").status == 200)
            #expect(try await scratch.upload(UploadForm(), to: "/open/dev/pypi/legacy/", token: nil).status == 401)
        }
    }

    @Test(arguments: [
        "/main/dev/pypi/../../../etc/passwd", "/main/dev/pypi/%2e%2e/%2e%2e/x", "/main//dev/pypi/simple/",
        "/main/dev%2Fpypi/simple/", "/main/dev/pypi/files/..%2f..%2f/x", "/main/dev/pypi\\simple/", "/main;/dev/pypi/x",
        "/main./dev/pypi/simple/", "/api/v1/blobs/sha256/%00", "/api/v1/builds/..", "/MAIN/dev/pypi/simple/",
    ])
    func trickyPathsAreRefused(path: String) async throws {
        try await RegistryScratch.with { scratch in
            let line = "GET \(path) HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(scratch.admin)\r\n"
            let answer = try await RawConnection(port: scratch.port).exchange(line + "Connection: close\r\n\r\n")
            let status = answer.split(separator: " ").dropFirst().first.map(String.init) ?? ""
            #expect(["400", "403", "404"].contains(status), "\(answer.prefix(200))")
        }
    }

    @Test func aTokenThatMayReadNowhereIsToldWhichOneWouldDo() async throws {
        try await RegistryScratch.with { scratch in
            let token = try await scratch.token(.publish)
            let answer = try await scratch.get(
                "/api/v1/blobs/sha256/" + String(repeating: "0", count: 64),
                token: token
            )
            #expect(answer.status == 403)
            #expect(
                answer.text.contains("in any repository") && answer.text.contains("--scope read --repository NAME`")
            )
        }
    }

    @Test func anUnknownMethodNamesTheKnownOnes() async throws {
        try await RegistryScratch.with { scratch in
            let answer = try await scratch.send("DELETE", "/api/v1/builds", token: scratch.admin)
            #expect(answer.status == 405)
            #expect(answer.header("Allow") == "POST, GET, HEAD")
        }
    }
}
