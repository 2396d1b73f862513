import Core
import Foundation
import JSONText
import Storage
import Testing

@testable import Registry

/// A registry whose disk is full, read-only or broken: it says so, keeps what it acknowledged, reads on, and heals.
@Suite(.serialized) struct FailingDiskTests {
    /// A server with a mount namespace of its own, in which its folder may be another file system.
    private func withServer(
        mounting script: String = "true",
        _ body: (ServerProcess, RegistryScratch) async throws -> Void
    ) async throws {
        let program = try #require(ServerProcess.program)
        let folder = FileManager.default.temporaryDirectory.path + "/purser-disk-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let shell = ["/usr/bin/unshare", "-m", "/bin/sh", "-c", "\(script) && exec \"$@\"", folder]
        let server = try ServerProcess(program, data: folder, under: DiskFaults.mayMount ? shell : [])
        defer { server.kill() }
        let token = try #require(server.firstToken)
        let client = try RegistryScratch.client(of: folder, server.address, server.port, admin: token)
        try await body(server, client)
        server.terminate()
        #expect(server.status() == 0)
    }

    private static let isPossible = ServerProcess.program != nil && DiskFaults.mayMount
    private static let isTraceable = ServerProcess.program != nil && DiskFaults.mayTrace

    /// Refused for the disk's sake, in a form that a program reads.
    private func expectRefused(_ answer: RegistryScratch.Answer, _ code: String) {
        #expect([503, 507].contains(answer.status))
        #expect(answer.header("Content-Type") == "application/problem+json")
        #expect(answer.json?["code"]?.string == code)
        #expect(answer.json?["remedy"]?.string?.isEmpty == false)
    }

    /// Everything of the build is pushed, whatever of it had come before.
    private func expectHealed(_ client: RegistryScratch, _ build: SampleBuild) async throws {
        // It is remembered for some seconds that the disk was not well.
        var readiness = 0
        for _ in 0..<1_000 where readiness != 200 {
            readiness = try await client.get("/readyz").status
            if readiness != 200 { try await Task.sleep(for: .milliseconds(20)) }
        }
        #expect(readiness == 200)
        for blob in build.blobs {
            let digest = Digest.sha256(of: blob)
            let state = try await client.get("/api/v1/uploads/sha256/\(digest.hex)", token: client.admin)
            let offset = Int(state.header("Upload-Offset") ?? "") ?? 0
            let rest = Array(blob[offset...])
            let answer = try await client.patch(digest, rest, at: offset, of: blob.count, token: client.admin)
            #expect(answer.status == 201)
        }
        let pushed = try await client.post("/api/v1/builds", build.push, token: client.admin)
        #expect([200, 201].contains(pushed.status))
        try await expectReadable(client, build)
    }

    private func expectReadable(_ client: RegistryScratch, _ build: SampleBuild) async throws {
        #expect(try await client.get("/healthz").status == 200)
        for blob in build.blobs {
            let hex = Digest.sha256(of: blob).hex
            #expect(try await client.get("/api/v1/blobs/sha256/\(hex)", token: client.admin).body == blob)
        }
        let page = try await client.get("/main/dev/pypi/simple/app/", token: client.admin)
        #expect(page.text.contains(build.file))
    }

    @Test(.enabled(if: isPossible, "needs root and mount namespaces"))
    func aFullDiskIsSaidAndNothingIsTorn() async throws {
        try await withServer(mounting: "mount -t tmpfs -o size=24m purser \"$0\"") { server, client in
            let build = try SampleBuild("app", "1.0")
            #expect(try await client.push(build, token: client.admin).status == 201)
            let filler = "/proc/\(server.identifier)/root\(client.folder)/filler"
            #expect(!DiskFaults.succeeds(["/bin/dd", "if=/dev/zero", "of=\(filler)", "bs=4k"]))
            let bytes = [UInt8](repeating: 0x62, count: 1 << 20)
            let digest = Digest.sha256(of: bytes)
            let upload = try await client.patch(digest, bytes, at: 0, of: bytes.count, token: client.admin)
            expectRefused(upload, "storage.full")
            let next = try SampleBuild("app", "1.1", content: String(repeating: "print(1)\n", count: 1_000))
            var form = UploadForm("app", "1.1", content: next.wheelBytes)
            form.fields.removeAll { $0.name == "sha256_digest" }
            let twine = try await client.upload(form, token: client.admin)
            #expect(twine.status == 507)
            #expect(twine.header("Purser-Problem") == "storage.full")
            #expect(try await client.get("/readyz").status == 503)
            try await expectReadable(client, build)
            try FileManager.default.removeItem(atPath: filler)
            let state = try await client.get("/api/v1/uploads/sha256/\(digest.hex)", token: client.admin)
            let offset = Int(state.header("Upload-Offset") ?? "") ?? 0
            let rest = Array(bytes[offset...])
            let again = try await client.patch(digest, rest, at: offset, of: bytes.count, token: client.admin)
            #expect(again.status == 201)
            #expect(try await client.get("/api/v1/blobs/sha256/\(digest.hex)", token: client.admin).body == bytes)
            try await expectHealed(client, next)
        }
    }

    @Test(.enabled(if: isPossible, "needs root and mount namespaces"))
    func aDiskThatBecameReadOnlyIsSaidAndHeals() async throws {
        try await withServer { server, client in
            let build = try SampleBuild("app", "1.0")
            #expect(try await client.push(build, token: client.admin).status == 201)
            let enter = ["/usr/bin/nsenter", "-m", "-t", "\(server.identifier)", "/bin/sh", "-c"]
            let freeze = """
                for f in blobs uploads; do mount --bind "$0/$f" "$0/$f" && mount -o remount,bind,ro "$0/$f" || exit 1; done
                """
            #expect(DiskFaults.succeeds(enter + [freeze, client.folder]))
            let next = try SampleBuild("app", "1.1", content: "print(2)\n")
            // What is there already may be said to be there.
            for blob in next.blobs where !build.blobs.contains(blob) {
                let digest = Digest.sha256(of: blob)
                let answer = try await client.patch(digest, blob, at: 0, of: blob.count, token: client.admin)
                expectRefused(answer, "storage.damaged")
            }
            let twine = try await client.upload(UploadForm("other", "1.0"), token: client.admin)
            #expect(twine.status == 507)
            #expect(try await client.get("/readyz").status == 503)
            try await expectReadable(client, build)
            #expect(DiskFaults.succeeds(enter + ["umount \"$0/blobs\" \"$0/uploads\"", client.folder]))
            try await expectHealed(client, next)
        }
    }

    @Test(.enabled(if: isTraceable, "needs strace"), arguments: 1...8)
    func aFailedSyncIsNeverAcknowledged(count: Int) async throws {
        try await withServer { server, client in
            let first = try SampleBuild("app", "1.0")
            #expect(try await client.push(first, token: client.admin).status == 201)
            let next = try SampleBuild("app", "1.1", content: "print(\(count))\n")
            let log = client.folder + "-calls"
            defer { try? FileManager.default.removeItem(atPath: log) }
            let tracer = try #require(
                try server.inject("error=EIO:when=\(count)", into: "fsync,fdatasync", log: log)
            )
            var refusals = 0
            for blob in next.blobs {
                let digest = Digest.sha256(of: blob)
                let answer = try await client.patch(digest, blob, at: 0, of: blob.count, token: client.admin)
                if answer.status == 201 { continue }
                expectRefused(answer, "storage.damaged")
                refusals += 1
            }
            if refusals == 0 {
                let answer = try await client.post("/api/v1/builds", next.push, token: client.admin)
                if answer.status != 201 {
                    expectRefused(answer, "storage.damaged")
                    refusals += 1
                }
            }
            DiskFaults.end(tracer)
            // Threads are counted one by one: more of them than one may have met the n-th call.
            let injected = try String(contentsOfFile: log, encoding: .utf8).split(separator: "(INJECTED)").count - 1
            #expect((injected > 0) == (refusals > 0), "\(injected) syncs failed, \(refusals) requests were refused")
            try await expectReadable(client, first)
            try await expectHealed(client, next)
        }
    }

    @Test(
        .enabled(if: isTraceable, "needs strace"),
        arguments: [("ENOSPC", "storage.full"), ("EIO", "storage.damaged"), ("EROFS", "storage.damaged")]
    )
    func recordsThatCannotBeWrittenChangeNothing(error: String, code: String) async throws {
        try await withServer { server, client in
            let first = try SampleBuild("app", "1.0")
            #expect(try await client.push(first, token: client.admin).status == 201)
            let next = try SampleBuild("app", "1.1", content: "print(2)\n")
            for blob in next.blobs { try await client.upload(blob, token: client.admin) }
            // Only the database writes at places; blobs are appended.
            let tracer = try #require(try server.inject("error=\(error)", into: "pwrite64"))
            expectRefused(try await client.post("/api/v1/builds", next.push, token: client.admin), code)
            let digest = Digest.sha256(of: [1, 2, 3])
            let upload = try await client.patch(digest, [1, 2, 3], at: 0, of: 3, token: client.admin)
            expectRefused(upload, code)
            #expect(try await client.get("/readyz").status == 503)
            try await expectReadable(client, first)
            let page = try await client.get("/main/dev/pypi/simple/app/", token: client.admin)
            #expect(!page.text.contains(next.file))
            DiskFaults.end(tracer)
            try await expectHealed(client, next)
        }
    }
}
