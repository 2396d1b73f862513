import Foundation
import TestKit

/// Debian's nginx on loopback, speaking HTTP/2 inside TLS with a certificate made for it; ends as it is let go.
final class Nginx {
    static let program = ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    struct DidNotStart: Error { let log: String }

    let port: Int
    let name = "registry.example"
    private let scratch: Scratch
    private let process = Process()

    var certificate: String { scratch("cert.pem") }
    /// Leads every name here, as curl's `--connect-to`.
    var route: String { "::127.0.0.1:\(port)" }
    func url(_ path: String) -> String { "https://\(name)\(path)" }

    /// `server` stands in the server block of the configuration.
    init(_ program: String, in scratch: Scratch, server: String) throws {
        self.scratch = scratch
        port = try Nginx.freePort()
        try Nginx.run([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
            scratch("key.pem"), "-out", scratch("cert.pem"), "-days", "2", "-subj", "/CN=\(name)", "-addext",
            "subjectAltName=DNS:\(name)",
        ])
        let configuration = """
            daemon off; master_process off; pid nginx.pid; error_log error.log warn;
            events { worker_connections 512; }
            http {
                log_format streams '$connection $server_protocol $status $request_uri';
                access_log access.log streams;
                client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5;
                proxy_buffering off; proxy_http_version 1.1; proxy_set_header Connection "";
                server {
                    listen 127.0.0.1:\(port) ssl http2;
                    ssl_certificate cert.pem; ssl_certificate_key key.pem;
                    \(server)
                }
            }
            """
        try scratch.write(Array(configuration.utf8), to: "nginx.conf")
        process.executableURL = URL(filePath: program)
        process.arguments = ["-p", scratch.path + "/", "-c", scratch("nginx.conf"), "-e", scratch("error.log")]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        for _ in 0..<1_000 {
            if Nginx.answers(port) { return }
            guard process.isRunning else { break }
            usleep(10_000)
        }
        throw DidNotStart(log: log("error.log").joined(separator: "\n"))
    }

    deinit { stop() }

    /// Ends it at once, whatever is under way.
    func stop() {
        guard process.isRunning else { return }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// What was asked so far: connection, protocol, status and path of each.
    var streams: [[String]] { log("access.log").map { $0.split(separator: " ").map(String.init) } }

    private func log(_ name: String) -> [String] {
        String(decoding: (try? scratch.read(name)) ?? [], as: UTF8.self).split(separator: "\n").map(String.init)
    }

    private static func run(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
    }

    /// The kernel's choice; nobody else asks for it in the moment until nginx has it.
    private static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                unsafe bind(descriptor, raw, length) == 0 && getsockname(descriptor, raw, &length) == 0
            }
        }
        guard isBound else { throw POSIXError(.EADDRINUSE) }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    private static func answers(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = loopback(port)
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                unsafe connect(descriptor, raw, length) == 0
            }
        }
    }

    private static func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }
}
