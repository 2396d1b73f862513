import Core
import Ecosystems
import Foundation
import JSONText
import Storage
import Testing

@testable import Registry

/// The program killed in the middle of pushes: nothing that it acknowledged is lost, nothing is half there.
@Suite(.serialized) struct KilledServerTests {
    /// `PURSER_KILL_POINTS=200` makes the long sweep; the short one fits in `make test`.
    private static let points = ProcessInfo.processInfo.environment["PURSER_KILL_POINTS"].flatMap(Int.init) ?? 16

    @Test(.enabled(if: ServerProcess.program != nil))
    func whateverIsKilledAPushIsWholeOrAbsent() async throws {
        let program = try #require(ServerProcess.program)
        let folder = FileManager.default.temporaryDirectory.path + "/purser-killed-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let administration = Administration(data: folder, now: { RegistryScratch.now })
        let token = try #require(try await administration.create()).reveal()
        var server = try ServerProcess(program, data: folder)
        var cuts = 0
        for point in 1...Self.points {
            let build = try SampleBuild("app", "1.\(point)", content: "print(\(point))\n")
            let tracer = try server.killAtCall(point)
            let client = try RegistryScratch.client(of: folder, server.address, server.port, admin: token)
            let acknowledged = await push(build, client, killing: tracer == nil && point % 2 == 0 ? server : nil)
            if !acknowledged.isPublished { cuts += 1 }
            server.kill()
            _ = server.status()
            tracer?.waitUntilExit()
            server = try ServerProcess(program, data: folder)
            let again = try RegistryScratch.client(of: folder, server.address, server.port, admin: token)
            try await check(build, again, acknowledged)
        }
        server.terminate()
        #expect(server.status() == 0)
        let report = try await administration.check()
        #expect(report.complaints.isEmpty)
        #expect(cuts >= Self.points / 2, "the program was hardly ever killed in the middle of a push")
    }

    /// What the server said was kept.
    private struct Acknowledged {
        var blobs: [[UInt8]] = []
        var isPublished = false
    }

    private func push(
        _ build: SampleBuild,
        _ client: RegistryScratch,
        killing server: ServerProcess?
    ) async -> Acknowledged {
        var acknowledged = Acknowledged()
        for blob in build.blobs {
            let digest = Digest.sha256(of: blob)
            let answer = try? await client.patch(digest, blob, at: 0, of: blob.count, token: client.admin)
            guard answer?.status == 201 else { return acknowledged }
            acknowledged.blobs.append(blob)
            if acknowledged.blobs.count == 3 { server?.kill() }
        }
        let answer = try? await client.post("/api/v1/builds", build.push, token: client.admin)
        acknowledged.isPublished = answer?.status == 201
        return acknowledged
    }

    private func check(_ build: SampleBuild, _ client: RegistryScratch, _ acknowledged: Acknowledged) async throws {
        for blob in acknowledged.blobs {
            let hex = Digest.sha256(of: blob).hex
            #expect(try await client.get("/api/v1/blobs/sha256/\(hex)", token: client.admin).body == blob)
        }
        let isThere = try await client.get("/api/v1/builds/\(build.id)", token: client.admin).status == 200
        #expect(isThere || !acknowledged.isPublished)
        #expect(try await isListed(build, client) == isThere)
        for blob in build.blobs {
            // What is there is taken for sent; an upload that was cut goes on.
            let digest = Digest.sha256(of: blob)
            let state = try await client.get("/api/v1/uploads/sha256/\(digest.hex)", token: client.admin)
            let offset = Int(state.header("Upload-Offset") ?? "") ?? 0
            let rest = Array(blob[offset...])
            #expect(try await client.patch(digest, rest, at: offset, of: blob.count, token: client.admin).status == 201)
        }
        let repeated = try await client.post("/api/v1/builds", build.push, token: client.admin)
        #expect(repeated.status == (isThere ? 200 : 201))
        #expect(try await isListed(build, client))
        let file = "/main/dev/pypi/files/\(Digest.sha256(of: build.wheelBytes).hex)/\(build.file)"
        #expect(try await client.get(file, token: client.admin).body == build.wheelBytes)
    }

    private func isListed(_ build: SampleBuild, _ client: RegistryScratch) async throws -> Bool {
        try await client.get("/main/dev/pypi/simple/app/", token: client.admin).text.contains(build.file)
    }

    @Test(.enabled(if: ServerProcess.program != nil))
    func aStoppedServerFinishesWhatIsUnderWayAndTakesNothingNew() async throws {
        let program = try #require(ServerProcess.program)
        let folder = FileManager.default.temporaryDirectory.path + "/purser-drained-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let administration = Administration(data: folder, now: { RegistryScratch.now })
        let token = try #require(try await administration.create()).reveal()
        let server = try ServerProcess(program, data: folder)
        let client = try RegistryScratch.client(of: folder, server.address, server.port, admin: token)
        let bytes = [UInt8](repeating: 0x61, count: 24 << 20)
        let digest = try await client.upload(bytes, token: token)
        let connection = try RawConnection(port: server.port)
        let field = "Authorization: Bearer \(token)"
        connection.send(Array("GET /api/v1/blobs/sha256/\(digest.hex) HTTP/1.1\r\nHost: x\r\n\(field)\r\n\r\n".utf8))
        let start = await connection.reading { $0.receive(until: "aaaa") }
        server.terminate()
        var isRefused = false
        for _ in 0..<200 where !isRefused {
            isRefused = (try? RawConnection(port: server.port)) == nil
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(isRefused)
        let rest = await connection.reading { $0.receive() }
        let head = try #require(start.firstRange(of: "\r\n\r\n"))
        #expect(start[head.upperBound...].utf8.count + rest.utf8.count == bytes.count)
        #expect(server.status() == 0)
    }
}
