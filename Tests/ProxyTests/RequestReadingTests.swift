import Foundation
import NIOCore
import Testing
import Upstream

@testable import Proxy

/// The reader of heads and bodies, fed without a connection.
@Suite struct RequestReadingTests {
    /// What a run of bytes was read as.
    struct Reading: Equatable {
        var requests: [String] = []
        var bodies: [String] = []
        var refusal: Int?
        /// Bytes that wait for more.
        var waits = false
    }

    /// Reads until nothing more can be read; `step` bytes come at a time.
    static func read(_ bytes: [UInt8], step: Int) -> Reading {
        var (reading, heads) = (Reading(), HeadReader(limits: RequestLimits()))
        var (buffer, body): (ByteBuffer, BodyReader?) = (ByteBuffer(), nil)
        do {
            for start in stride(from: 0, to: bytes.count, by: step) {
                buffer.writeBytes(bytes[start..<min(start + step, bytes.count)])
                while try advance(&reading, &heads, &body, &buffer) {}
            }
        } catch {
            reading.refusal = (error as? Refusal)?.status ?? -1
        }
        reading.waits = reading.refusal == nil && (heads.hasBegun || body != nil || buffer.readableBytes > 0)
        return reading
    }

    private static func advance(
        _ reading: inout Reading,
        _ heads: inout HeadReader,
        _ body: inout BodyReader?,
        _ buffer: inout ByteBuffer
    ) throws -> Bool {
        guard var current = body else {
            guard let head = try heads.read(from: &buffer) else { return false }
            reading.requests.append("\(head.method) \(head.target) \(head.fields.map { "\($0.name)=\($0.value)" })")
            reading.bodies.append("")
            body = try BodyReader(head.framing, limit: 1 << 20)
            return true
        }
        let step = try current.read(from: &buffer)
        body = current
        switch step {
        case .needsMore: return false
        case .bytes(let bytes): reading.bodies[reading.bodies.count - 1] += String(buffer: bytes)
        case .end: body = nil
        }
        return true
    }

    @Test func readsTheSameHoweverTheBytesAreCut() {
        for example in RawRequestTests.cases where example.bytes.count < 5_000 {
            let whole = RequestReadingTests.read(example.bytes, step: .max)
            for step in [1, 2, 7] {
                #expect(RequestReadingTests.read(example.bytes, step: step) == whole, "\(example.id) by \(step)")
            }
        }
    }

    @Test func neverTrapsOnNoise() {
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % max(bound, 1)
        }
        let samples = RawRequestTests.cases.map(\.bytes).filter { $0.count < 2_000 }
        for _ in 0..<4_000 {
            var bytes = samples[random(samples.count)]
            for _ in 0...random(4) where !bytes.isEmpty {
                switch random(3) {
                case 0: bytes[random(bytes.count)] = UInt8(random(256))
                case 1: bytes.remove(at: random(bytes.count))
                default: bytes.insert(UInt8(random(256)), at: random(bytes.count))
                }
            }
            let whole = RequestReadingTests.read(bytes, step: .max)
            #expect(RequestReadingTests.read(bytes, step: 1 + random(9)) == whole)
        }
    }

    @Test(arguments: [
        ("GET /\(String(repeating: "a", count: 8_192)) HTTP/1.1\r\nHost: a\r\n\r\n", 414),
        ("GET /\(String(repeating: "a", count: 70_000))", 414),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "a", count: 70_000))", 431),
        ("GET / HTTP/1.1\r\nHost: a\r\n\(String(repeating: "X: y\r\n", count: 100))\r\n", 431),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n", 413),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n100001\r\n", 413),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nConnection: Authorization\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: \u{00FF}\r\n\r\n", 0),
        ("TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 501),
        ("\u{16}\u{03}\u{01}", 400),
        ("GET / HTTP/3.0\r\n", 505),
    ])
    func keepsItsLimits(_ text: String, _ status: Int) {
        #expect(RequestReadingTests.read(Array(text.utf8), step: .max).refusal ?? 0 == status)
    }

    @Test func isNeverMoreLenientThanTheFieldsReader() throws {
        var counts = (read: 0, refused: 0, stricter: 0)
        for example in try LlhttpCase.all() {
            let reading = RequestReadingTests.read(example.bytes, step: .max)
            if example.isError {
                #expect(reading.refusal != nil || reading.waits, "\(example.name)")
                counts.refused += 1
            } else if reading.refusal == nil {
                counts.read += 1
            } else {
                counts.stricter += 1
            }
        }
        #expect(counts.refused > 40 && counts.read > 8, "\(counts)")
    }
}

/// One request of llhttp's own suite and whether llhttp, unlenient, refuses it.
struct LlhttpCase {
    let name: String
    let bytes: [UInt8]
    let isError: Bool

    static func all() throws -> [LlhttpCase] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/llhttp")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        return try files.filter { $0.pathExtension == "md" }.flatMap { file in
            let text = try String(contentsOf: file, encoding: .utf8)
            return text.components(separatedBy: "<!-- meta=").dropFirst().compactMap { part in
                LlhttpCase("\(file.lastPathComponent)", String(part))
            }
        }
    }

    private init?(_ file: String, _ part: String) {
        // Only what llhttp does without any leniency.
        let meta = part.prefix { $0 != ">" }.filter { $0 != " " }
        let isPlain = ["{\"type\":\"request\"}", "{\"type\":\"request\",\"noScan\":true}"].contains {
            meta.hasPrefix($0)
        }
        guard isPlain else { return nil }
        guard let raw = LlhttpCase.block("```http\n", in: part), let log = LlhttpCase.block("```log\n", in: part) else {
            return nil
        }
        isError = log.contains("error code=") && !log.contains("reason=\"Pause") && !log.contains("upgrade")
        var text = raw.replacingOccurrences(of: "\\\n", with: "").replacingOccurrences(of: "\n", with: "\r\n")
        for (code, byte) in [("\\r", "\r"), ("\\n", "\n"), ("\\t", "\t"), ("\\f", "\u{0C}")] {
            text = text.replacingOccurrences(of: code, with: byte)
        }
        name = "\(file): \(raw.prefix(60))"
        bytes = LlhttpCase.decoded(text)
    }

    private static func block(_ fence: String, in part: String) -> String? {
        guard let start = part.range(of: fence),
            let end = part.range(of: "\n```", range: start.upperBound..<part.endIndex)
        else { return nil }
        return String(part[start.upperBound..<end.lowerBound])
    }

    private static func decoded(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == 0x5C, rest.first == 0x78,
                let value = UInt8(String(decoding: rest.dropFirst().prefix(2), as: UTF8.self), radix: 16)
            else {
                bytes.append(byte)
                continue
            }
            bytes.append(value)
            rest = rest.dropFirst(3)
        }
        return bytes
    }
}
