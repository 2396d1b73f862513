import Foundation
import Testing
import Transfer

/// TLS against `openssl s_server` with certificates made for the test.
@Suite struct TrustTests {
    @Test func trustsOnlyWhatItIsTold() async throws {
        let scratch = try Scratch()
        let server = try TLSServer(in: scratch, name: "registry.example")
        let request = TransferRequest(url: "https://registry.example:\(server.port)/")
        let stranger = try makeEngine { $0.connectTo = [server.route] }
        guard case .tls(_, .untrusted) = await stranger.failure(request).error else {
            Issue.record("a stranger was trusted")
            return
        }
        let friend = try makeEngine {
            $0.connectTo = [server.route]
            $0.caFile = server.certificate
        }
        let (head, body) = try await friend.fetch(request)
        #expect(head.status == 200 && !body.isEmpty)
        let elsewhere = TransferRequest(url: "https://other.example:\(server.port)/")
        let error = await friend.failure(elsewhere).error
        guard case .tls(_, .wrongHost) = error else {
            Issue.record("a wrong name was answered by \(String(describing: error))")
            return
        }
    }

    @Test func tellsAPeerWithoutTLS() async throws {
        let plain = try FakeServer { connection in
            connection.send("HTTP/1.1 400 Bad Request\r\n\r\n")
            connection.waitForPeer()
        }
        let request = TransferRequest(url: "https://127.0.0.1:\(plain.port)/")
        guard case .tls(_, .handshake) = await (try makeEngine()).failure(request).error else {
            Issue.record("plain bytes were taken for TLS")
            return
        }
    }

    @Test func tellsATrustFileThatIsMissingOrEmpty() async throws {
        #expect(throws: TransferError.self) { try makeEngine { $0.caFile = "/nowhere/ca.pem" } }
        let scratch = try Scratch()
        let server = try TLSServer(in: scratch, name: "registry.example")
        let empty = try scratch.write("empty.pem", [])
        let engine = try makeEngine {
            $0.connectTo = [server.route]
            $0.caFile = empty
        }
        guard
            case .tls(_, .trustStore) = await engine.failure(
                TransferRequest(url: "https://registry.example:\(server.port)/")
            ).error
        else {
            Issue.record("an empty trust store was used")
            return
        }
    }
}

/// An `openssl s_server` with a certificate of its own for one name; ends as it is let go.
private final class TLSServer {
    let port: Int
    let certificate: String
    private let process = Process()

    var route: String { "::127.0.0.1:\(port)" }

    init(in scratch: Scratch, name: String) throws {
        certificate = scratch.path + "/cert.pem"
        let key = scratch.path + "/key.pem"
        let making = Process()
        making.executableURL = URL(filePath: "/usr/bin/env")
        making.arguments =
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
            + ["-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=\(name)"]
            + ["-addext", "subjectAltName=DNS:\(name)"]
        making.standardError = FileHandle.nullDevice
        try making.run()
        making.waitUntilExit()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", certificate, "-key", key, "-www",
        ]
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        // "ACCEPT 127.0.0.1:PORT" is the line that says it listens.
        var text = ""
        while !text.contains("ACCEPT") || !text.hasSuffix("\n") {
            let more = output.fileHandleForReading.availableData
            if more.isEmpty { throw POSIXError(.ECHILD) }
            text += String(decoding: more, as: UTF8.self)
        }
        let digits = text.split(separator: "\n").last { $0.contains("ACCEPT") }?.split(separator: ":").last ?? ""
        port = Int(digits) ?? 0
    }

    deinit { process.terminate() }
}
