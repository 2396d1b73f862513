import Foundation
import Synchronization
import Testing
import Transfer

/// How a transfer is read: at the reader's pace, until it is let go.
@Suite struct ReadingTests {
    @Test func holdsThePeerBackWhileTheReaderIsSlow() async throws {
        let total = 64 << 20
        let sent = Atomic<Int>(0)
        let server = try FakeServer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(total)\r\n\r\n")
            let block = [UInt8](repeating: 5, count: 1 << 20)
            for _ in 0..<64 where connection.send(block) { sent.add(block.count, ordering: .relaxed) }
        }
        let transfer = try makeEngine { $0.bufferBytes = 1 << 20 }.start(TransferRequest(url: server.url()))
        var received = 0
        var most = 0
        var rounds = 0
        while let bytes = try await transfer.next() {
            received += bytes.count
            most = max(most, bytes.count, transfer.bufferedBytes)
            #expect(bytes.allSatisfy { $0 == 5 })
            rounds += 1
            if rounds < 6 { try await Task.sleep(for: .milliseconds(60)) }
            // What is neither read nor buffered by us sits in the two sockets.
            if rounds == 5 { #expect(sent.load(ordering: .relaxed) < received + (24 << 20)) }
        }
        #expect(received == total && most <= (1 << 20) + (16 << 10))
    }

    @Test func aReaderThatPausesIsNotTimedOut() async throws {
        let server = try FakeServer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(32 << 20)\r\n\r\n")
            connection.send([UInt8](repeating: 5, count: 32 << 20))
        }
        let limits = TransferLimits(idleSeconds: 0.3, minimumBytesPerSecond: 1000)
        let engine = try makeEngine { $0.bufferBytes = 64 << 10 }
        let transfer = engine.start(TransferRequest(url: server.url(), limits: limits))
        _ = try await transfer.head()
        try await Task.sleep(for: .seconds(1))
        var received = 0
        while let bytes = try await transfer.next() { received += bytes.count }
        #expect(received == 32 << 20)
    }

    @Test func aSlowReaderDoesNotHinderOthers() async throws {
        let server = try FakeServer { connection in
            while let request = connection.readRequest() {
                let size = request.line.contains("large") ? 16 << 20 : 3
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n")
                connection.send([UInt8](repeating: 5, count: size))
            }
        }
        let engine = try makeEngine { $0.bufferBytes = 64 << 10 }
        let slow = engine.start(TransferRequest(url: server.url("/large")))
        _ = try await slow.head()
        for _ in 0..<10 { #expect(try await engine.fetch(TransferRequest(url: server.url())).body.count == 3) }
        var received = 0
        while let bytes = try await slow.next() { received += bytes.count }
        #expect(received == 16 << 20)
    }

    /// A server that tells when its peer has gone.
    private func endless(_ gone: AsyncStream<Void>.Continuation) throws -> FakeServer {
        try FakeServer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\n\r\n")
            while connection.send([UInt8](repeating: 5, count: 10_000)) {}
            gone.yield()
        }
    }

    @Test func cancelEndsReaderAndPeer() async throws {
        let (stream, gone) = AsyncStream<Void>.makeStream()
        let server = try endless(gone)
        let engine = try makeEngine()
        let transfer = engine.start(TransferRequest(url: server.url()))
        _ = try await transfer.next()
        transfer.cancel()
        await #expect(throws: TransferError.cancelled) { try await transfer.next() }
        for await _ in stream { break }
    }

    @Test func lettingGoEndsThePeer() async throws {
        let (stream, gone) = AsyncStream<Void>.makeStream()
        let server = try endless(gone)
        let engine = try makeEngine()
        _ = try await engine.start(TransferRequest(url: server.url())).head()
        for await _ in stream { break }
    }

    @Test func cancellingTheTaskEndsTheTransfer() async throws {
        let server = try FakeServer { connection in
            _ = connection.readRequest()
            connection.waitForPeer()
        }
        let engine = try makeEngine()
        let url = server.url()
        let task = Task { await engine.failure(TransferRequest(url: url)).error }
        while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        task.cancel()
        #expect(await task.value == .cancelled)
    }

    @Test func shutdownCancelsWhatIsUnderWay() async throws {
        let server = try FakeServer { connection in
            _ = connection.readRequest()
            connection.waitForPeer()
        }
        let engine = try makeEngine()
        let transfer = engine.start(TransferRequest(url: server.url()))
        while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        engine.shutdown()
        await #expect(throws: TransferError.cancelled) { try await transfer.head() }
        while true {
            let error = await engine.failure(TransferRequest(url: server.url())).error
            #expect(error == .cancelled)
            break
        }
    }

    @Test func manyTransfersRunAtOnce() async throws {
        let server = try FakeServer { connection in
            while let request = connection.readRequest() { connection.answer(request.line) }
        }
        let engine = try makeEngine()
        let base = server.url()
        let count = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<400 {
                group.addTask {
                    let body = try await engine.fetch(TransferRequest(url: base + "\(number)")).body
                    return body == Array("GET /\(number) HTTP/1.1".utf8) ? 1 : 0
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(count == 400)
    }
}
