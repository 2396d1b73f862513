import Core
import Foundation
import Storage
import Testing

@testable import Registry

/// What only shows on the wire: cut uploads, bodies that nobody reads, clients that wait to be asked.
@Suite(.serialized) struct WireTests {
    private static let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }

    private func head(_ method: String, _ path: String, _ fields: [String]) -> String {
        (["\(method) \(path) HTTP/1.1", "Host: x"] + fields).joined(separator: "\r\n") + "\r\n\r\n"
    }

    @Test func aClientThatWaitsToBeAskedIsAsked() async throws {
        try await RegistryScratch.with { scratch in
            let connection = try RawConnection(port: scratch.port)
            let fields = [
                "Authorization: Bearer \(scratch.admin)", "Expect: 100-continue", "Upload-Offset: 0",
                "Upload-Length: 5", "Content-Length: 5",
            ]
            let digest = Digest.sha256(of: Array("hello".utf8))
            connection.send(Array(head("PATCH", "/api/v1/uploads/sha256/\(digest.hex)", fields).utf8))
            let first = await connection.reading { $0.receive(until: "\r\n\r\n") }
            #expect(first == "HTTP/1.1 100 Continue\r\n\r\n")
            connection.send(Array("hello".utf8))
            let second = await connection.reading { $0.receive(until: "\r\n\r\n") }
            #expect(second.hasPrefix("HTTP/1.1 201 "))
        }
    }

    @Test(arguments: [
        ("POST", "/main/dev/pypi/legacy/"), ("PATCH", "/api/v1/uploads/sha256/" + String(repeating: "a", count: 64)),
        ("POST", "/api/v1/builds"),
    ])
    func aBodyThatIsFarTooLargeIsRefusedUnreadAndTheConnectionEnds(method: String, path: String) async throws {
        try await RegistryScratch.with { scratch in
            let connection = try RawConnection(port: scratch.port)
            let fields = [
                "Authorization: Bearer \(scratch.admin)", "Expect: 100-continue", "Upload-Offset: 0",
                "Upload-Length: 10737418240", "Content-Length: 10737418240",
                "Content-Type: multipart/form-data; boundary=b",
            ]
            let answer = await connection.exchange(head(method, path, fields))
            #expect(answer.hasPrefix("HTTP/1.1 413 "))
            #expect(answer.lowercased().contains("\r\nconnection: close\r\n"))
            #expect(answer.contains("limit") || answer.contains("larger than"))
        }
    }

    @Test func aStrangersBodyIsNotReadEither() async throws {
        try await RegistryScratch.with { scratch in
            let connection = try RawConnection(port: scratch.port)
            let fields = ["Content-Length: 10737418240", "Content-Type: multipart/form-data; boundary=b"]
            let answer = await connection.exchange(head("POST", "/main/dev/pypi/legacy/", fields))
            #expect(answer.hasPrefix("HTTP/1.1 401 "))
        }
    }

    @Test(arguments: 1...9)
    func anUploadThatWasCutIsTakenUpByAnotherClient(tenths: Int) async throws {
        try await RegistryScratch.with { scratch in
            let (bytes, cut) = (Self.bytes, Self.bytes.count * tenths / 10)
            let digest = Digest.sha256(of: bytes)
            try sendPart(of: bytes, until: cut, to: scratch)
            let publisher = try await scratch.token(.publish, .read)
            var status = 0
            for _ in 0..<500 where status != 201 {
                let path = "/api/v1/uploads/sha256/\(digest.hex)"
                let state = try await scratch.get(path, token: scratch.admin)
                let offset = Int(state.header("Upload-Offset") ?? "") ?? 0
                #expect(offset <= cut)
                guard offset == cut else {
                    try await Task.sleep(for: .milliseconds(10))
                    continue
                }
                let rest = Array(bytes[offset...])
                status = try await scratch.patch(digest, rest, at: offset, of: bytes.count, token: scratch.admin).status
            }
            #expect(status == 201)
            // Another token has no part in it, and cannot see it either.
            let other = try await scratch.get("/api/v1/uploads/sha256/\(digest.hex)", token: publisher)
            #expect(other.header("Upload-Offset") == "0")
            let blob = try await scratch.get("/api/v1/blobs/sha256/\(digest.hex)", token: scratch.admin)
            #expect(blob.body == bytes)
        }
    }

    /// Sends a part of what was announced, and leaves.
    private func sendPart(of bytes: [UInt8], until cut: Int, to scratch: RegistryScratch) throws {
        let connection = try RawConnection(port: scratch.port)
        let fields = [
            "Authorization: Bearer \(scratch.admin)", "Upload-Offset: 0", "Upload-Length: \(bytes.count)",
            "Content-Length: \(bytes.count)",
        ]
        let path = "/api/v1/uploads/sha256/\(Digest.sha256(of: bytes).hex)"
        connection.send(Array(head("PATCH", path, fields).utf8) + bytes[..<cut])
    }
}
