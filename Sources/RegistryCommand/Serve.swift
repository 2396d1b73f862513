internal import ArgumentParser
internal import Core
internal import Ecosystems
internal import Foundation
internal import Registry

/// `purser-registry serve`.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Starts the registry.",
        discussion: "Needs no configuration: an empty data directory is made ready, and its first token is shown once."
    )

    @OptionGroup var data: FolderOptions

    @OptionGroup var cache: CacheOptions

    @Option(help: "Address and port to listen on; port 0 takes any free one.")
    var listen = "127.0.0.1:8080"

    @Option(
        name: .customLong("upstream"),
        help: "TYPE=URL: a mirror to fetch a type's packages from, such as pypi=URL."
    )
    var upstreams: [String] = []

    @OptionGroup var clients: ClientOptions

    @Option(help: "A policy file (the policy keys of purser.yml) for what is fetched from public indexes and hosted.")
    var policy: String?

    @Option(help: "URL that is told of what policy refuses; PURSER_WEBHOOK_SECRET signs what is sent.")
    var webhook: String?

    @Flag(help: "Never fetch from public indexes.")
    var hostedOnly = false

    @Flag(help: "Log every request on stderr.")
    var verbose = false

    func run() async throws {
        try await reporting {
            try refuseIdleOptions()
            var configuration = RegistryConfiguration(
                data: data.folder,
                listen: try Serve.address(listen),
                ecosystems: Catalog.all,
                now: currentTime
            )
            configuration.limits.cache = try cache.bytes
            try clients.apply(to: &configuration.limits)
            configuration.policy = policy
            if !hostedOnly {
                let environment = ProcessInfo.processInfo.environment
                var outside = RegistryConfiguration.Outside(
                    environment: environment,
                    upstreams: try Serve.upstreams(upstreams)
                )
                outside.webhook = try webhook.map { text in
                    (url: try Serve.target(text), secret: environment["PURSER_WEBHOOK_SECRET"].map { Secret($0) })
                }
                configuration.source = .publicIndexes(outside)
            }
            try await RegistryServer.serve(configuration, isVerbose: verbose) { ready in
                if let token = ready.firstToken {
                    print("first administration token (shown once): \(token.reveal())")
                }
                print("listening on \(ready.address)")
                fflush(nil)
            }
        }
    }

    /// An option that would say nothing is a misunderstanding.
    private func refuseIdleOptions() throws(Problem) {
        guard hostedOnly else { return }
        for (option, isGiven) in [("--upstream", !upstreams.isEmpty), ("--webhook", webhook != nil)] where isGiven {
            throw Problem(
                .usageInvalid,
                subject: option,
                summary: "is about what is fetched from public indexes, and --hosted-only fetches nothing",
                remedy: "Leave one of the two out."
            )
        }
    }

    private static func target(_ text: String) throws(Problem) -> HTTPURL {
        do { return try HTTPURL(text) } catch {
            throw Problem(
                .usageInvalid,
                subject: "--webhook",
                summary: "is no address: \(error)",
                remedy: "Give an absolute http or https URL without user and password."
            )
        }
    }

    /// `TYPE=URL` by type.
    private static func upstreams(_ options: [String]) throws(Problem) -> [String: HTTPURL] {
        var upstreams: [String: HTTPURL] = [:]
        for option in options {
            let parts = option.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, let url = try? HTTPURL(parts[1]),
                upstreams.updateValue(url, forKey: parts[0]) == nil
            else {
                throw Problem(
                    .usageInvalid,
                    subject: "--upstream",
                    summary: "is not TYPE=URL, or names a type twice",
                    remedy: "Give --upstream pypi=https://mirror.example/pypi, without user and password."
                )
            }
        }
        return upstreams
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
