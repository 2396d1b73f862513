internal import Gateway
internal import Logging
internal import ServiceLifecycle

/// Sweeps the cache at the start and from time to time, until the server stops.
struct Sweeper: Service {
    let sweep: CacheSweep
    let logger: Logger
    private static let pause = Duration.seconds(600)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    let plan = try await sweep.run()
                    if !plan.doomed.isEmpty {
                        logger.notice("dropped \(plan.doomed.count) cached entries, \(plan.doomedBytes) bytes")
                    }
                } catch is CancellationError { return } catch { logger.error("the cache was not swept: \(error)") }
                do { try await Task.sleep(for: Sweeper.pause) } catch { return }
            }
        }
    }
}
