import Foundation
import Transfer

func makeEngine(_ change: (inout TransferConfiguration) -> Void = { _ in }) throws -> TransferEngine {
    var configuration = TransferConfiguration(userAgent: "purser-test/1")
    change(&configuration)
    return try TransferEngine(configuration)
}

extension TransferEngine {
    func fetch(_ request: TransferRequest) async throws -> (head: TransferHead, body: [UInt8]) {
        let transfer = start(request)
        let head = try await transfer.head()
        var body: [UInt8] = []
        while let bytes = try await transfer.next() { body += bytes }
        return (head, body)
    }

    /// The error a transfer ends with, and the bytes before it.
    func failure(_ request: TransferRequest) async -> (error: TransferError?, body: [UInt8]) {
        let transfer = start(request)
        var body: [UInt8] = []
        do throws(TransferError) {
            while let bytes = try await transfer.next() { body += bytes }
            return (nil, body)
        } catch {
            return (error, body)
        }
    }
}

/// A folder of one test, gone with it.
final class Scratch {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "wire-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        let file = path + "/" + name
        try Data(bytes).write(to: URL(filePath: file))
        return file
    }
}
