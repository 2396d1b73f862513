internal import ArgumentParser
internal import Core
internal import Ecosystems
internal import Registry

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// `purser-registry serve`.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Starts the registry.",
        discussion: "Needs no configuration: an empty data directory is made ready, and its first token is shown once."
    )

    @OptionGroup var data: DataOptions

    @Option(help: "Address and port to listen on; port 0 takes any free one.")
    var listen = "127.0.0.1:8080"

    @Flag(help: "Log every request on stderr.")
    var verbose = false

    func run() async throws {
        try await reporting {
            let configuration = RegistryConfiguration(
                data: data.folder,
                listen: try Serve.address(listen),
                ecosystems: Catalog.all,
                now: currentTime
            )
            try await RegistryServer.serve(configuration, isVerbose: verbose) { ready in
                if let token = ready.firstToken {
                    print("first administration token (shown once): \(token.reveal())")
                }
                print("listening on \(ready.address)")
                fflush(nil)
            }
        }
    }

    /// `HOST:PORT`, with IPv6 in brackets.
    static func address(_ text: String) throws(Problem) -> (host: String, port: Int) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65_535).contains(port)
        else {
            throw Problem(
                .usageInvalid,
                subject: "--listen \(text)",
                summary: "is no address with a port",
                remedy: "Give HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080."
            )
        }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        return (host.isEmpty ? "127.0.0.1" : host, port)
    }
}
