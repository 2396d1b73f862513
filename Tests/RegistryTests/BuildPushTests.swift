import Attestation
import Core
import Foundation
import JSONText
import Storage
import TestKit
import Testing

@testable import Registry

@Suite(.serialized) struct BuildPushTests {
    private func promote(_ scratch: RegistryScratch, _ build: SampleBuild, to channel: String) async throws
        -> RegistryScratch.Answer
    {
        try await scratch.post("/api/v1/builds/\(build.id)/promote", ["to": .string(channel)], token: scratch.admin)
    }

    private func gates(_ answer: RegistryScratch.Answer, _ step: Int = 0) -> [String: Bool] {
        let steps = answer.json?["promoted"]?.array ?? []
        let step = step < steps.count ? steps[step] : answer.json?["refused"]
        var verdicts: [String: Bool] = [:]
        for gate in step?["gates"]?.array ?? [] { verdicts[gate["gate"]?.string ?? ""] = gate["passed"]?.bool }
        return verdicts
    }

    @Test func aPushedBuildIsHostedInDevOnce() async throws {
        try await RegistryScratch.with { scratch in
            let build = try SampleBuild()
            let first = try await scratch.push(build, token: scratch.admin)
            #expect(first.status == 201, "\(first.text)")
            #expect(first.json?["build"]?.string == build.id)
            #expect(first.json?["channel"] == "dev")
            let again = try await scratch.push(build, token: scratch.admin)
            #expect(again.status == 200)
            let page = try await scratch.get("/main/dev/pypi/simple/app/", token: scratch.admin)
            #expect(page.text.contains(build.file))
            let kept = try await scratch.get("/api/v1/builds/\(build.id)", token: scratch.admin)
            #expect(kept.json?["manifest"]?.string == Digest.sha256(of: build.manifest).description)
            #expect(kept.json?["artifacts"]?.array?.first?["name"]?.string == build.file)
        }
    }

    @Test func anArchiveThatIsNoPackageIsKeptAndPromotedWithItsBuildAndHostedNowhere() async throws {
        try await RegistryScratch.with { scratch in
            let bytes = Archives.gzip(Archives.tar([("package/package.json", Array("{}".utf8))]))
            let build = try SampleBuild(archive: ("app-1.0.tgz", bytes))
            let answer = try await scratch.push(build, token: scratch.admin)
            #expect(answer.status == 201, "\(answer.text)")
            #expect(try await scratch.get("/main/dev/pypi/simple/app/", token: scratch.admin).status == 404)
            #expect(try await promote(scratch, build, to: "prod").status == 200)
            #expect(try await scratch.channels(of: build) == ["dev", "staging", "prod"])
        }
    }

    @Test(arguments: [
        "app-2.0-py3-none-any.whl", "other-1.0-py3-none-any.whl", "app.whl", "it's; drop table--.whl",
    ])
    func aWheelUnderAnotherNameThanItsOwnIsRefused(_ file: String) async throws {
        try await RegistryScratch.with { scratch in
            let build = try SampleBuild(archive: (file, wheel("app", "1.0")))
            let answer = try await scratch.push(build, token: scratch.admin)
            #expect(answer.status == 400 && answer.text.contains("its name does not say"), "\(answer.text)")
            #expect(try await scratch.get("/main/dev/pypi/simple/app/", token: scratch.admin).status == 404)
            #expect(try await scratch.channels(of: build).isEmpty)
        }
    }

    @Test func aNameMayBeSpelledOtherwise() async throws {
        try await RegistryScratch.with { scratch in
            let build = try SampleBuild(archive: ("App-1.0.0-py3-none-any.whl", wheel("app", "1.0")))
            #expect(try await scratch.push(build, token: scratch.admin).status == 201)
            let page = try await scratch.get("/main/dev/pypi/simple/app/", token: scratch.admin)
            #expect(page.text.contains("App-1.0.0-py3-none-any.whl"))
        }
    }

    @Test func aBuildWithAMissingBlobIsRefusedWhole() async throws {
        try await RegistryScratch.with { scratch in
            let build = try SampleBuild()
            for blob in build.blobs.dropFirst() { try await scratch.upload(blob, token: scratch.admin) }
            let answer = try await scratch.post("/api/v1/builds", build.push, token: scratch.admin)
            #expect(answer.status == 409)
            #expect(try await scratch.get("/api/v1/builds/\(build.id)", token: scratch.admin).status == 404)
            #expect(try await scratch.get("/main/dev/pypi/simple/app/", token: scratch.admin).status == 404)
        }
    }

    @Test func aStatementThatVouchesForOtherBytesIsRefused() async throws {
        try await RegistryScratch.with { scratch in
            let build = try SampleBuild(vouchesFor: [1, 2, 3])
            let answer = try await scratch.push(build, token: scratch.admin)
            #expect(answer.status == 422)
            #expect(answer.json?["code"] == "integrity.mismatch")
        }
    }

    @Test func aBlobOfSomebodyElseCannotBePushed() async throws {
        try await RegistryScratch.with { scratch in
            try await scratch.administration.createRepository("theirs", isPublic: false, pullsThrough: true)
            let build = try SampleBuild()
            try await scratch.push(build, token: scratch.admin)
            let thief = try await scratch.token(.publish, .read, on: ["theirs"])
            let answer = try await scratch.post("/api/v1/builds", build.push(to: "theirs"), token: thief)
            #expect(answer.status == 409)
            #expect(try await scratch.get("/api/v1/builds/\(build.id)", token: thief).status == 404)
        }
    }

    @Test func aNameWithOtherBytesIsRefusedAndNothingOfItsBuildIsShown() async throws {
        try await RegistryScratch.with { scratch in
            try await scratch.push(try SampleBuild(), token: scratch.admin)
            let other = try SampleBuild(content: "print('other')\n")
            let answer = try await scratch.push(other, token: scratch.admin)
            #expect(answer.status == 409)
            #expect(answer.json?["code"] == "version.exists")
            #expect(try await scratch.get("/api/v1/builds/\(other.id)", token: scratch.admin).status == 404)
        }
    }

    @Test func promotionPassesThroughEveryChannelAndItsGates() async throws {
        try await RegistryScratch.with { scratch in
            let build = try SampleBuild()
            try await scratch.push(build, token: scratch.admin)
            let answer = try await promote(scratch, build, to: "prod")
            #expect(answer.status == 200, "\(answer.text)")
            #expect(answer.json?["promoted"]?.array?.compactMap { $0["channel"]?.string } == ["staging", "prod"])
            #expect(!gates(answer).values.contains(false))
            #expect(Set(gates(answer, 1).keys) == ["signed", "stored", "policy", "replayed", "version"])
            #expect(try await scratch.channels(of: build) == ["dev", "staging", "prod"])
            #expect(try await scratch.get("/main/prod/pypi/simple/app/", token: scratch.admin).status == 200)
            #expect(try await promote(scratch, build, to: "staging").status == 409)
        }
    }

    @Test func aDeniedRequestKeepsABuildInDev() async throws {
        try await RegistryScratch.with { scratch in
            let build = try SampleBuild(denied: 2)
            try await scratch.push(build, token: scratch.admin)
            let answer = try await promote(scratch, build, to: "prod")
            #expect(answer.status == 403)
            #expect(answer.json?["rule"] == "gate.policy")
            #expect(gates(answer)["policy"] == false)
            #expect(try await scratch.channels(of: build) == ["dev"])
        }
    }

    @Test func aDriftedReplayKeepsABuildInDevUntilAGoodOne() async throws {
        try await RegistryScratch.with { scratch in
            let build = try SampleBuild()
            try await scratch.push(build, token: scratch.admin)
            let path = "/api/v1/builds/\(build.id)/verifications"
            let told = try await scratch.post(path, ["verdict": "nondeterministic"], token: scratch.admin)
            #expect(told.status == 201)
            #expect(try await promote(scratch, build, to: "staging").status == 403)
            _ = try await scratch.post(path, ["verdict": "identical"], token: scratch.admin)
            #expect(try await promote(scratch, build, to: "staging").status == 200)
        }
    }

    @Test func aTrustFileMakesSignaturesCount() async throws {
        try await RegistryScratch.with { scratch in
            let key = SigningKey.generate(.ed25519)
            let trust = TrustFile(keys: [TrustFile.Key(key.publicKey)])
            try Data(trust.prettyBytes()).write(to: URL(filePath: scratch.folder + "/trust.json"))
            let unknown = try SampleBuild()
            try await scratch.push(unknown, token: scratch.admin)
            let refused = try await promote(scratch, unknown, to: "staging")
            #expect(refused.status == 403)
            #expect(gates(refused)["signed"] == false)
            let known = try SampleBuild("app", "2.0", key: key)
            try await scratch.push(known, token: scratch.admin)
            #expect(try await promote(scratch, known, to: "prod").status == 200)
        }
    }

    @Test func damagedBytesAreFoundBeforePromotion() async throws {
        try await RegistryScratch.with { scratch in
            let build = try SampleBuild()
            try await scratch.push(build, token: scratch.admin)
            let hex = Digest.sha256(of: build.wheelBytes).hex
            let path = scratch.folder + "/blobs/sha256/\(hex.prefix(2))/\(hex.dropFirst(2))"
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
            let handle = try #require(FileHandle(forUpdatingAtPath: path))
            try handle.write(contentsOf: Data([0]))
            try handle.close()
            let answer = try await promote(scratch, build, to: "staging")
            #expect(answer.status == 403)
            #expect(gates(answer)["stored"] == false)
        }
    }

    @Test func oneOfManyPromotersWins() async throws {
        try await RegistryScratch.with { scratch in
            let build = try SampleBuild()
            try await scratch.push(build, token: scratch.admin)
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<6 {
                    group.addTask {
                        let path = "/api/v1/builds/\(build.id)/promote"
                        return try await scratch.post(path, ["to": "staging"], token: scratch.admin).status
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.count { $0 == 200 } == 1)
            #expect(statuses.count { $0 == 409 } == 5)
        }
    }

    @Test(arguments: ["0", "-1", "1000000000", "x", ""])
    func absurdPagesAreClampedOrRefused(limit: String) async throws {
        try await RegistryScratch.with { scratch in
            let answer = try await scratch.get("/api/v1/builds?repository=main&limit=\(limit)", token: scratch.admin)
            #expect([200, 400].contains(answer.status))
            let events = try await scratch.get("/api/v1/events?after=\(limit)", token: scratch.admin)
            #expect([200, 400].contains(events.status))
        }
    }

    @Test func theEventLogTellsWhatHappenedAndToWhom() async throws {
        try await RegistryScratch.with { scratch in
            let build = try SampleBuild()
            try await scratch.push(build, token: scratch.admin)
            let answer = try await scratch.get("/api/v1/events", token: scratch.admin)
            let kinds = answer.json?["events"]?.array?.compactMap { $0["kind"]?.string } ?? []
            #expect(kinds == ["repository.created", "token.created", "build.published"])
            let reader = try await scratch.token(.read, on: ["other"])
            let none = try await scratch.get("/api/v1/events", token: reader)
            #expect(none.json?["events"]?.array?.isEmpty == true)
        }
    }
}
