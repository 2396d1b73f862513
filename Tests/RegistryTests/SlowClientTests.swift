import Core
import Foundation
import Gateway
import Storage
import Synchronization
import Testing

@testable import Registry

/// Clients that hold a connection and do nothing with it are cut; those that pause and go on are not.
@Suite(.serialized) struct SlowClientTests {
    private static func limits(_ change: (inout RegistryConfiguration.Limits) -> Void) -> RegistryConfiguration.Limits {
        var limits = RegistryConfiguration.Limits()
        change(&limits)
        return limits
    }

    private static func upload(_ bytes: [UInt8], _ token: String) -> String {
        """
        PATCH /api/v1/uploads/sha256/\(Digest.sha256(of: bytes).hex) HTTP/1.1\r
        Host: x\r
        Authorization: Bearer \(token)\r
        Upload-Offset: 0\r
        Upload-Length: \(bytes.count)\r
        Content-Length: \(bytes.count)\r
        \r\n
        """
    }

    @Test(arguments: ["", "GET /healthz HT", "GET /healthz HTTP/1.1\r\nHost: x\r\nA: b"])
    func aConnectionWithoutAWholeRequestIsClosed(beginning: String) async throws {
        let limits = Self.limits { $0.idleSeconds = 1 }
        try await RegistryScratch.with(limits: limits) { scratch in
            let connection = try RawConnection(port: scratch.port)
            #expect(await connection.exchange(beginning) == "")
            // The same behind an answer.
            let second = try RawConnection(port: scratch.port)
            let text = await second.exchange("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" + beginning)
            #expect(text.hasSuffix("ok\n"))
        }
    }

    @Test func headersThatComeByteByByteAreCut() async throws {
        let limits = Self.limits { $0.idleSeconds = 1 }
        try await RegistryScratch.with(limits: limits) { scratch in
            let connection = try RawConnection(port: scratch.port)
            connection.send(Array("GET /healthz HTTP/1.1\r\nX: ".utf8))
            let trickle = connection.trickling("a")
            #expect(await connection.reading { $0.receive() }.contains(" 200 ") == false)
            trickle.cancel()
        }
    }

    @Test func anUploadThatComesByteByByteIsCutAndKept() async throws {
        let limits = Self.limits {
            $0.stallSeconds = 1
            $0.stallBytes = 1_000
        }
        try await RegistryScratch.with(limits: limits) { scratch in
            let bytes = [UInt8](repeating: 0x61, count: 100_000)
            let connection = try RawConnection(port: scratch.port)
            connection.send(Array(Self.upload(bytes, scratch.admin).utf8))
            let trickle = connection.trickling("a")
            #expect(await connection.reading { $0.receive() }.contains(" 201 ") == false)
            trickle.cancel()
            // What came may be gone on from.
            let path = "/api/v1/uploads/sha256/\(Digest.sha256(of: bytes).hex)"
            var status = 0
            for _ in 0..<500 where status != 201 {
                let state = try await scratch.get(path, token: scratch.admin)
                let offset = Int(state.header("Upload-Offset") ?? "") ?? 0
                let rest = Array(bytes[offset...])
                let digest = Digest.sha256(of: bytes)
                status = try await scratch.patch(digest, rest, at: offset, of: bytes.count, token: scratch.admin).status
                if status != 201 { try await Task.sleep(for: .milliseconds(10)) }
            }
            #expect(status == 201)
        }
    }

    @Test func aClientThatPausesWithinTheLimitIsServed() async throws {
        let limits = Self.limits { $0.stallSeconds = 20 }
        try await RegistryScratch.with(limits: limits) { scratch in
            let bytes = (0..<(12 << 20)).map { UInt8(truncatingIfNeeded: 0x20 + $0 % 90) }
            let upload = try RawConnection(port: scratch.port)
            upload.send(Array(Self.upload(bytes, scratch.admin).utf8) + bytes[..<400_000])
            try await Task.sleep(for: .milliseconds(500))
            upload.send(Array(bytes[400_000...]))
            #expect(await upload.reading { $0.receive(until: "\r\n\r\n") }.hasPrefix("HTTP/1.1 201 "))
            let download = try RawConnection(port: scratch.port)
            let path = "/api/v1/blobs/sha256/\(Digest.sha256(of: bytes).hex)"
            let fields = "Host: x\r\nConnection: close\r\nAuthorization: Bearer \(scratch.admin)"
            download.send(Array("GET \(path) HTTP/1.1\r\n\(fields)\r\n\r\n".utf8))
            try await Task.sleep(for: .milliseconds(500))
            let text = await download.reading { $0.receive() }
            let head = try #require(text.firstRange(of: "\r\n\r\n"))
            #expect(text[head.upperBound...].utf8.count == bytes.count)
        }
    }

    @Test func aDownloadThatIsNotTakenIsCut() async throws {
        let isDropped = Dropping()
        let limits = Self.limits { $0.stallSeconds = 1 }
        try await RegistryScratch.with(gateway: Endless(isDropped), limits: limits) { scratch in
            let connection = try RawConnection(port: scratch.port)
            let path = "/main/dev/pypi/simple/endless/"
            connection.send(
                Array("GET \(path) HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(scratch.admin)\r\n\r\n".utf8)
            )
            for _ in 0..<2_000 where !isDropped.value { try await Task.sleep(for: .milliseconds(10)) }
            #expect(isDropped.value)
            connection.end()
        }
    }

    @Test func connectionsBeyondTheLimitWaitUntilOneIsFree() async throws {
        let limits = Self.limits {
            $0.connections = 2
            $0.idleSeconds = 1
        }
        try await RegistryScratch.with(limits: limits) { scratch in
            let silent = try (0..<6).map { _ in try RawConnection(port: scratch.port) }
            let connection = try RawConnection(port: scratch.port)
            let text = await connection.exchange("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            #expect(text.hasSuffix("ok\n"))
            for connection in silent { connection.end() }
        }
    }
}

/// Whether something was let go.
private final class Dropping: Sendable {
    private let state = Mutex(false)

    var value: Bool { state.withLock { $0 } }
    func set() { state.withLock { $0 = true } }
}

/// An answer without an end, which tells when nobody takes it any more.
private final class Endless: Responder {
    private final class Sentinel: Sendable {
        let dropping: Dropping
        init(_ dropping: Dropping) { self.dropping = dropping }
        deinit { dropping.set() }
        var part: [UInt8] { [UInt8](repeating: 0x61, count: 65_536) }
    }

    private let dropping: Dropping

    init(_ dropping: Dropping) { self.dropping = dropping }

    func respond(to request: ClientRequest) async -> Reply {
        let sentinel = Sentinel(dropping)
        let next: @Sendable () async throws(Problem) -> [UInt8]? = { () async throws(Problem) in sentinel.part }
        return Reply(status: 200, body: .stream(length: nil, next: next))
    }
}
