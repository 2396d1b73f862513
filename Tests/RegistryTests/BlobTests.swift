import Core
import Foundation
import JSONText
import Storage
import Testing

@testable import Registry

@Suite(.serialized) struct BlobTests {
    private let bytes = (0..<50_000).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 7) }

    /// Sends a part of an upload and leaves before its announced end.
    private func cut(_ scratch: RegistryScratch, _ digest: Digest, from offset: Int, after end: Int, _ token: String)
        throws
    {
        let head =
            "PATCH /api/v1/uploads/sha256/\(digest.hex) HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\n"
            + "Upload-Offset: \(offset)\r\nUpload-Length: \(bytes.count)\r\nContent-Length: \(bytes.count - offset)\r\n\r\n"
        let connection = try RawConnection(port: scratch.port)
        connection.send(Array(head.utf8) + bytes[offset..<end])
    }

    /// How far the server got, once it has taken what was sent to it.
    private func reached(_ scratch: RegistryScratch, _ digest: Digest, _ end: Int, _ token: String) async throws -> Int
    {
        for _ in 0..<400 {
            let answer = try await scratch.send("HEAD", "/api/v1/uploads/sha256/\(digest.hex)", token: token)
            if answer.header("Upload-Offset") == "\(end)" { return end }
            try await Task.sleep(for: .milliseconds(10))
        }
        return -1
    }

    @Test func anUploadCutAtEveryTenthGoesOnWhereItBrokeOff() async throws {
        try await RegistryScratch.with { scratch in
            let token = try await scratch.token(.publish, .read)
            let digest = Digest.sha256(of: bytes)
            var offset = 0
            for tenth in 1...9 {
                let end = bytes.count * tenth / 10
                try cut(scratch, digest, from: offset, after: end, token)
                #expect(try await reached(scratch, digest, end, token) == end)
                #expect(try await scratch.get("/api/v1/blobs/sha256/\(digest.hex)", token: token).status == 404)
                offset = end
            }
            var last = try await scratch.patch(
                digest,
                Array(bytes[offset...]),
                at: offset,
                of: bytes.count,
                token: token
            )
            for _ in 0..<100 where last.status == 409 {
                // The broken connection may still be on its way out.
                try await Task.sleep(for: .milliseconds(10))
                last = try await scratch.patch(
                    digest,
                    Array(bytes[offset...]),
                    at: offset,
                    of: bytes.count,
                    token: token
                )
            }
            #expect(last.status == 201)
            #expect(try await scratch.get("/api/v1/blobs/sha256/\(digest.hex)", token: token).body == bytes)
        }
    }

    @Test func bytesWithAnotherDigestAreNotKept() async throws {
        try await RegistryScratch.with { scratch in
            let digest = Digest.sha256(of: [1, 2, 3])
            let answer = try await scratch.patch(digest, [1, 2, 4], at: 0, of: 3, token: scratch.admin)
            #expect(answer.status == 400)
            #expect(answer.json?["code"] == "integrity.mismatch")
            #expect(try await scratch.get("/api/v1/blobs/sha256/\(digest.hex)", token: scratch.admin).status == 404)
            #expect(try await scratch.patch(digest, [1, 2, 3], at: 0, of: 3, token: scratch.admin).status == 201)
        }
    }

    @Test func aWrongOffsetIsAnsweredWithTheRightOne() async throws {
        try await RegistryScratch.with { scratch in
            let digest = Digest.sha256(of: bytes)
            let first = try await scratch.patch(
                digest,
                Array(bytes[..<100]),
                at: 0,
                of: bytes.count,
                token: scratch.admin
            )
            #expect(first.status == 204)
            #expect(first.header("Upload-Offset") == "100")
            let wrong = try await scratch.patch(digest, [0], at: 50, of: bytes.count, token: scratch.admin)
            #expect(wrong.status == 409)
            #expect(wrong.header("Upload-Offset") == "100")
        }
    }

    @Test func anUploadThatGrowsBeyondItsLengthIsDropped() async throws {
        try await RegistryScratch.with { scratch in
            let digest = Digest.sha256(of: [1])
            let answer = try await scratch.patch(digest, [1, 2], at: 0, of: 1, token: scratch.admin)
            #expect(answer.status == 413)
        }
    }

    @Test func aBlobLargerThanTheLimitIsRefusedUnseen() async throws {
        var limits = RegistryConfiguration.Limits()
        limits.blob = 10
        try await RegistryScratch.with(limits: limits) { scratch in
            let answer = try await scratch.patch(Digest.sha256(of: bytes), [], at: 0, of: 11, token: scratch.admin)
            #expect(answer.status == 413)
        }
    }

    @Test func anEmptyBlobIsABlob() async throws {
        try await RegistryScratch.with { scratch in
            let digest = try await scratch.upload([], token: scratch.admin)
            #expect(try await scratch.get("/api/v1/blobs/sha256/\(digest.hex)", token: scratch.admin).body.isEmpty)
        }
    }

    @Test(arguments: [
        ("bytes=0-9", 206, 0, 10), ("bytes=10-", 206, 10, 49_990), ("bytes=-5", 206, 49_995, 5),
        ("bytes=49999-99999", 206, 49_999, 1), ("bytes=0-1,5-6", 200, 0, 50_000), ("bytes=9-3", 200, 0, 50_000),
        ("lines=1-2", 200, 0, 50_000), ("bytes=99999999999999999999-", 200, 0, 50_000),
    ])
    func rangesAreServed(range: String, status: Int, start: Int, count: Int) async throws {
        try await RegistryScratch.with { scratch in
            let digest = try await scratch.upload(bytes, token: scratch.admin)
            let path = "/api/v1/blobs/sha256/\(digest.hex)"
            let answer = try await scratch.get(path, token: scratch.admin, headers: ["Range": range])
            #expect(answer.status == status)
            #expect(answer.body == Array(bytes[start..<start + count]))
        }
    }

    @Test func anUnsatisfiableRangeAndAKnownTagSendNoBytes() async throws {
        try await RegistryScratch.with { scratch in
            let digest = try await scratch.upload(bytes, token: scratch.admin)
            let path = "/api/v1/blobs/sha256/\(digest.hex)"
            let beyond = try await scratch.get(path, token: scratch.admin, headers: ["Range": "bytes=50000-"])
            #expect(beyond.status == 416)
            #expect(beyond.header("Content-Range") == "bytes */50000")
            let etag = "\"sha256-\(digest.hex)\""
            let known = try await scratch.get(path, token: scratch.admin, headers: ["If-None-Match": etag])
            #expect(known.status == 304)
            let head = try await scratch.send("HEAD", path, token: scratch.admin)
            #expect(head.header("Content-Length") == "50000")
        }
    }

    @Test func knowingADigestIsNotHavingTheBytes() async throws {
        try await RegistryScratch.with { scratch in
            let digest = try await scratch.upload(bytes, token: scratch.admin)
            let stranger = try await scratch.token(.read, .publish, on: ["other"])
            let missing = try await scratch.post(
                "/api/v1/blobs/missing",
                ["digests": [.string(digest.description)]],
                token: stranger
            )
            #expect(missing.json?["missing"] == [.string(digest.description)])
            #expect(try await scratch.get("/api/v1/blobs/sha256/\(digest.hex)", token: stranger).status == 404)
        }
    }

    @Test func asksOnlyForWhatIsMissing() async throws {
        try await RegistryScratch.with { scratch in
            let digest = try await scratch.upload(bytes, token: scratch.admin)
            let other = Digest.sha256(of: [9])
            let digests: JSON = [.string(digest.description), .string(other.description)]
            let answer = try await scratch.post("/api/v1/blobs/missing", ["digests": digests], token: scratch.admin)
            #expect(answer.json?["missing"] == [.string(other.description)])
        }
    }

    @Test(arguments: [
        "", "{", "[]", "{\"digests\":[1]}", "{\"digests\":[\"md5:00\"]}", "{\"digests\":{},\"digests\":[]}",
    ])
    func aMalformedQuestionIsRefused(body: String) async throws {
        try await RegistryScratch.with { scratch in
            let path = "/api/v1/blobs/missing"
            let answer = try await scratch.send("POST", path, token: scratch.admin, body: Array(body.utf8))
            #expect(answer.status == 400)
        }
    }
}
