public import Core
internal import Gateway
internal import Hummingbird
internal import HummingbirdCore
internal import Kernel
internal import Logging
internal import NIOCore
internal import ServiceLifecycle
internal import Synchronization
internal import UnixSignals

/// A registry that answers.
public struct ReadyRegistry: Sendable {
    /// Such as `http://127.0.0.1:8080`.
    public let address: String
    public let port: Int
    /// The first administration token, where this start made the data directory. Show it once and keep it nowhere.
    public let firstToken: Secret?
}

/// Runs the registry from its lock to its last answer.
public enum RegistryServer {
    private static func ready(_ configuration: RegistryConfiguration, _ bound: Int?, _ token: Secret?) -> ReadyRegistry
    {
        let port = bound ?? configuration.port
        let name = configuration.host.contains(":") ? "[\(configuration.host)]" : configuration.host
        return ReadyRegistry(address: "http://\(name):\(port)", port: port, firstToken: token)
    }

    /// Serves until it is told to stop: by SIGTERM or SIGINT, or by cancelling the task. Requests that are under way
    /// then get the configured time to end.
    public static func serve(
        _ configuration: RegistryConfiguration,
        stopsOnSignals: Bool = true,
        isVerbose: Bool = false,
        onReady: @escaping @Sendable (ReadyRegistry) async -> Void
    ) async throws(Problem) {
        var logger = Logger(label: "purser-registry") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = isVerbose ? .info : .warning
        let folder = try await StateFolder.open(configuration.data, now: configuration.now())
        // Tasks of the server may outlive it for a moment and hold the folder, but not the lock.
        defer { folder.release() }
        do {
            try Signals.ignoreBrokenPipes()
            try folder.uploads.sweep(now: configuration.now())
        } catch { throw StateFolder.problem(error, configuration.data) }
        let rules = try configuration.policy.map { path throws(Problem) in try OwnPolicy.read(path) } ?? .builtIn
        let gateway = try gateway(configuration, folder, rules)
        let front = Front(folder, configuration, (gateway, rules), logger: logger)
        let sweep = front.sweep
        let limits = configuration.limits
        let channel = channel(limits)
        let application = Application(
            responder: Listener(front: front),
            server: HTTPServerBuilder { responder in
                StatusLineChannel(base: HTTP1Channel(responder: responder, configuration: channel), limits: limits)
            },
            configuration: listening(configuration),
            onServerRunning: { channel in
                await onReady(ready(configuration, channel.localAddress?.port, folder.firstToken?.text))
            },
            logger: logger
        )
        var group = ServiceGroupConfiguration(
            services: [application] + (gateway == nil ? [] : [Sweeper(sweep: sweep, logger: logger)]),
            gracefulShutdownSignals: stopsOnSignals ? [.sigterm, .sigint] : [],
            logger: logger
        )
        group.maximumGracefulShutdownDuration = .seconds(configuration.limits.drainSeconds)
        do {
            try await ServiceGroup(configuration: group).run()
            await (gateway as? PublicGateway)?.end()
        } catch {
            if Task.isCancelled { return }
            throw problem(error, configuration)
        }
    }

    private static func gateway(
        _ configuration: RegistryConfiguration,
        _ folder: StateFolder,
        _ rules: OwnPolicy
    ) throws(Problem) -> (any Responder)? {
        switch configuration.source {
        case .nobody: nil
        case .custom(let responder): responder
        case .publicIndexes(let outside):
            try PublicGateway(folder, configuration, outside, rules)
        }
    }

    /// Where connections are taken, and as many as files may be open for, with some left for the files themselves.
    private static func listening(_ configuration: RegistryConfiguration) -> ApplicationConfiguration {
        let wanted = configuration.limits.connections
        let files = OpenFiles.raiseLimit(to: wanted * 2 + 256) ?? wanted * 2
        return ApplicationConfiguration(
            address: .hostname(configuration.host, port: configuration.port),
            availableConnectionsDelegate: MaximumAvailableConnections(max(1, min(wanted, files / 2)))
        )
    }

    private static func channel(_ limits: RegistryConfiguration.Limits) -> HTTP1Channel.Configuration {
        HTTP1Channel.Configuration(
            // The clock of our own also runs while an answer is not taken.
            idleTimeout: nil,
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: limits.headerBytes,
                maxHeaderListSize: limits.headerBytes,
                maxHeaderFieldCount: limits.headerCount
            )
        )
    }

    private static func problem(_ error: any Error, _ configuration: RegistryConfiguration) -> Problem {
        let address = "\(configuration.host):\(configuration.port)"
        if let error = error as? IOError {
            return Problem(
                .usageInvalid,
                subject: address,
                summary: "cannot be listened on: \(error.localReason)",
                remedy: "Stop the program that has the port, or name another address with --listen."
            )
        }
        return Problem(.bug, subject: address, summary: "\(error)", remedy: "Report this.")
    }
}

extension IOError {
    /// What the system says, without the call that it happened in.
    fileprivate var localReason: String { SystemError(call: "bind", errno: errnoCode).description }
}
