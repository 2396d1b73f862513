internal import Core
internal import Kernel
internal import Transfer

/// Proof that a client with the command's environment really comes through us: a child of ours asks for a nonce over
/// its proxy and CA settings, and must read it back. Nothing leaves the machine.
enum Canary {
    static let host = "canary.purser.invalid"

    /// Runs the child. A guard that is silently off is the worst failure, so any doubt fails the session.
    static func check(_ session: Session, executable: String) async throws(Problem) {
        let url = "https://\(host)/\(session.canaryNonce)"
        let command = ChildCommand([executable, "__canary", url], environment: session.clients.environment)
        let report: ChildReport
        do throws(SpawnError) {
            report = try await ChildProcess.run(command, limits: RunLimits(outputBytes: 64 << 10, seconds: 10))
        } catch { throw failed("could not be started (\(error))") }
        let answer = String(decoding: report.output, as: UTF8.self).trimmingEnd
        guard report.exit == .exited(0), answer == session.canaryNonce[...] else {
            let why = String(decoding: report.errors.prefix(400), as: UTF8.self).trimmingEnd
            throw failed(why.isEmpty ? "got another answer" : "got no answer: \(why)")
        }
    }

    /// The child: asks through the proxy and with the trust that its environment names, and prints the answer.
    static func ask(_ url: String, environment: [String: String]) async -> (answer: [UInt8]?, error: String) {
        do throws(TransferError) {
            var configuration = TransferConfiguration(userAgent: "purser-canary", environment: environment)
            configuration.caDirectory = nil
            let engine = try TransferEngine(configuration)
            let limits = TransferLimits(bodyBytes: 1_024, connectSeconds: 5, responseSeconds: 5, idleSeconds: 5)
            let transfer = engine.start(TransferRequest(url: url, limits: limits))
            let head = try await transfer.head()
            var body: [UInt8] = []
            while let chunk = try await transfer.next() { body += chunk }
            return head.status == 200 ? (body, "") : (nil, "status \(head.status) \(head.reason)")
        } catch { return (nil, "\(error)") }
    }

    private static func failed(_ what: String) -> Problem {
        Problem(
            .sessionCanaryFailed,
            subject: "the canary",
            summary: what,
            remedy: "The job would not be covered, so it was not started. See `purser explain session.canary-failed`."
        )
    }
}
