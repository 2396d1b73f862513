import Core
import Ecosystems
import Kernel
import Testing

@testable import Session

@Suite("Java programs")
struct JavaTests {
    private let first: [UInt8] = [0x30, 0x03, 0x02, 0x01, 0x01]
    private let second: [UInt8] = [0x30, 0x03, 0x02, 0x01, 0x02]

    private func pem(_ certificates: [[UInt8]]) -> [UInt8] {
        Array(
            certificates.map {
                "# a name\n-----BEGIN CERTIFICATE-----\n\(Base64.encode($0))\n-----END CERTIFICATE-----\n"
            }.joined().utf8
        )
    }

    private func endpoint(_ scratch: Scratch, _ environment: [String: String]) -> Endpoint {
        Endpoint(
            mode: .intercept,
            host: "127.0.0.1",
            port: 4_711,
            secret: "hidden",
            folder: scratch.folder,
            environment: environment
        )
    }

    @Test func `A store is read back, each certificate once`() throws {
        let store = JavaTrustStore.write([first, second, first], password: "changeit")
        #expect(JavaTrustStore.read(store) == [first, second])
        #expect(JavaTrustStore.write([first, second], password: "changeit") == store)
        #expect(JavaTrustStore.certificates(inPEM: pem([first, second])) == [first, second])
    }

    @Test func `A store that is cut anywhere, or of another kind, is no store`() {
        let store = JavaTrustStore.write([first, second], password: "changeit")
        for count in 0..<(store.count - 1) where store.count - count != 0 {
            let cut = JavaTrustStore.read(Array(store.prefix(count)))
            #expect(cut == nil, "\(count)")
        }
        #expect(JavaTrustStore.read([0x30, 0x82] + Array(repeating: 0, count: 100)) == nil)
        #expect(JavaTrustStore.read([0xFE, 0xED, 0xFE, 0xED, 0, 0, 0, 2] + Array(repeating: 0xFF, count: 40)) == nil)
    }

    @Test func `A store with a private key gives its certificates alone`() {
        var store: [UInt8] = [0xFE, 0xED, 0xFE, 0xED, 0, 0, 0, 2, 0, 0, 0, 2]
        store += [0, 0, 0, 1, 0, 1, 0x61] + Array(repeating: 0, count: 8) + [0, 0, 0, 2, 9, 9, 0, 0, 0, 1]
        store += [0, 1, 0x58, 0, 0, 0, 5] + second
        store += [0, 0, 0, 2, 0, 1, 0x62] + Array(repeating: 0, count: 8) + [0, 1, 0x58, 0, 0, 0, 5] + first
        #expect(JavaTrustStore.read(store + Array(repeating: 0, count: 20)) == [first])
    }

    @Test(.enabled(if: Files.exists("/usr/bin/keytool"), "keytool is not installed"))
    func `Java's own tool reads the store and knows the password`() async throws {
        let scratch = try Scratch()
        let bundle = try TrustBundle.named(in: [:])
        let all = JavaTrustStore.certificates(inPEM: bundle)
        try scratch.write("store.jks", JavaTrustStore.write(all, password: "changeit"))
        let list = ["/usr/bin/keytool", "-list", "-storetype", "JKS", "-keystore", scratch.path("store.jks")]
        for (password, status) in [("changeit", Int32(0)), ("guessed", 1)] {
            let command = ChildCommand(list + ["-storepass", password], environment: ["PATH": "/usr/bin:/bin"])
            let report = try await ChildProcess.run(command, limits: RunLimits(seconds: 60))
            let text = String(decoding: report.output, as: UTF8.self)
            #expect(report.exit.status == status, "\(text)")
            if status == 0 { #expect(text.contains("contains \(Set(all).count) entries")) }
        }
    }

    @Test func `Options are added to what is there, and no secret is in them`() throws {
        let scratch = try Scratch()
        let set = try JavaClients.prepare(
            endpoint(scratch, ["JAVA_HOME": "/java", "JAVA_TOOL_OPTIONS": "-Xmx1g"]),
            trust: pem([first]),
            noProxy: "127.0.0.0/8,localhost,::1,.local,10.0.0.0/8,172.16.0.0/12,docker"
        )
        let options = try #require(set.environment["JAVA_TOOL_OPTIONS"])
        #expect(options.hasPrefix("-Xmx1g -Dhttp.proxyHost=127.0.0.1 -Dhttp.proxyPort=4711 -Dhttps.proxyHost="))
        #expect(options.contains(" -Dhttp.nonProxyHosts=localhost|127.*|[::1]|*.local|10.*|docker "))
        #expect(options.contains("-Djavax.net.ssl.trustStore=\(scratch.folder)/truststore.jks"))
        #expect(!options.contains("hidden"))
        #expect(set.environment.count == 1)
        #expect(JavaTrustStore.read(try Files.readAll(scratch.path("truststore.jks"))) == [first])
    }

    @Test func `The user's own store is merged, and options that are read later do not win`() throws {
        let scratch = try Scratch()
        try scratch.write("own.jks", JavaTrustStore.write([second], password: "other"))
        let own = "-Djavax.net.ssl.trustStore=\(scratch.path("own.jks"))"
        let set = try JavaClients.prepare(
            endpoint(scratch, ["JAVA_HOME": "/java", "MAVEN_OPTS": own, "GRADLE_OPTS": "-Xmx1g"]),
            trust: pem([first]),
            noProxy: ""
        )
        #expect(set.environment.keys.sorted() == ["JAVA_TOOL_OPTIONS", "MAVEN_OPTS"])
        #expect(set.environment["MAVEN_OPTS"]?.hasPrefix(own + " -Dhttp.proxyHost=") ?? false)
        #expect(JavaTrustStore.read(try Files.readAll(scratch.path("truststore.jks"))) == [first, second])
        #expect(set.notices.isEmpty)
    }

    @Test func `A store of another kind is told, not lost in silence`() throws {
        let scratch = try Scratch()
        try scratch.write("own.p12", "0123456789012345678901234567890123456789")
        let own = "-Djavax.net.ssl.trustStore=\(scratch.path("own.p12"))"
        let set = try JavaClients.prepare(
            endpoint(scratch, ["JAVA_HOME": "/java", "JAVA_TOOL_OPTIONS": own]),
            trust: pem([first]),
            noProxy: ""
        )
        #expect(set.notices.count == 1 && set.notices[0].contains("own.p12"))
    }

    @Test func `Without Java nothing is set and nothing written`() throws {
        let scratch = try Scratch()
        let set = try JavaClients.prepare(endpoint(scratch, ["PATH": scratch.folder]), trust: pem([first]), noProxy: "")
        #expect(set.environment.isEmpty)
        #expect(!Files.exists(scratch.path("truststore.jks")))
    }
}
