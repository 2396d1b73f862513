internal import Core
internal import Kernel
internal import Storage
internal import Transfer

/// Proof that a client with the command's environment really comes through us: a child of ours asks for a nonce over
/// its proxy and CA settings, and must read it back. Nothing leaves the machine.
///
/// The child is started first and waits, so that loading it costs the session nothing; the environment comes over its
/// standard input when the listener is up.
final class Canary: Sendable {
    static let host = "canary.purser.invalid"
    private static let seconds = 10.0

    private let child: ChildProcess

    private init(_ child: ChildProcess) { self.child = child }

    /// Starts the child. Letting go of the canary closes its input, and that ends it. What it is to know of the
    /// command's variables comes with its orders.
    static func start(_ program: OwnProgram) throws(Problem) -> Canary {
        var command = program.command(["__canary"], environment: [:])
        command.standardInput = .pipe
        command.standardOutput = .pipe
        command.standardError = .pipe
        do throws(SpawnError) { return Canary(try program.begin(command)) } catch {
            throw failed("could not be started (\(error))")
        }
    }

    /// Asks. A guard that is silently off is the worst failure, so any doubt fails the session.
    func check(_ session: Session) async throws(Problem) {
        var orders = ["https://\(Canary.host)/\(session.canaryNonce)"]
        orders += session.clients.environment.map { "\($0.key)=\($0.value)" }
        do throws(SystemError) {
            try child.standardInput?.append(Array(orders.joined(separator: "\0").utf8))
        } catch { throw Canary.failed("does not take its orders (\(error))") }
        child.closeInput()
        // Ends with the child, or ends it.
        let limit = Task { [child] in
            try? await Task.sleep(for: .seconds(Canary.seconds))
            if !Task.isCancelled { _ = try? child.signal(9) }
        }
        let exit = await child.wait()
        limit.cancel()
        // What it says fits into the pipe, so that it can be read when the child has ended.
        let answer = Canary.text(child.standardOutput)
        guard exit == .exited(0), answer == session.canaryNonce[...] else {
            let why = Canary.text(child.standardError)
            throw Canary.failed(why.isEmpty ? "got another answer" : "got no answer: \(why)")
        }
    }

    private static func text(_ file: SharedFile?) -> Substring {
        String(decoding: (try? file?.readNext(upTo: 400)) ?? [], as: UTF8.self).trimmingEnd
    }

    /// The child: asks through the proxy and with the trust that the environment names, and prints the answer.
    static func ask(_ url: String, environment: [String: String]) async -> (answer: [UInt8]?, error: String) {
        guard let file = authority(environment) else {
            return (nil, "the CA file of the settings does not hold the session's certificate")
        }
        return await ask(url, environment: environment, trust: file)
    }

    private static func ask(
        _ url: String,
        environment: [String: String],
        trust: String
    ) async -> (answer: [UInt8]?, error: String) {
        do throws(TransferError) {
            var configuration = TransferConfiguration(userAgent: "purser-canary", environment: environment)
            configuration.caDirectory = nil
            configuration.caFile = trust
            let engine = try TransferEngine(configuration)
            let limits = TransferLimits(bodyBytes: 1_024, connectSeconds: 5, responseSeconds: 5, idleSeconds: 5)
            let transfer = engine.start(TransferRequest(url: url, limits: limits))
            let head = try await transfer.head()
            var body: [UInt8] = []
            while let chunk = try await transfer.next() { body += chunk }
            return head.status == 200 ? (body, "") : (nil, "status \(head.status) \(head.reason)")
        } catch { return (nil, "\(error)") }
    }

    /// The session's certificate alone, if the file that clients trust holds it: reading one instead of 150 saves a
    /// third of the start.
    private static func authority(_ environment: [String: String]) -> String? {
        guard let bundle = environment["SSL_CERT_FILE"], let folder = environment["PURSER_SESSION"],
            let all = try? Files.readAll(bundle, limit: 16 << 20),
            let own = try? Files.readAll("\(folder)/ca.pem", limit: 64 << 10), !own.isEmpty,
            all.count >= own.count, all.suffix(own.count).elementsEqual(own)
        else { return nil }
        return "\(folder)/ca.pem"
    }

    /// The same with no settings at all: by name, with the certificates that every program finds.
    static func askBare(_ url: String, environment: [String: String]) async -> (answer: [UInt8]?, error: String) {
        guard let folder = environment["PURSER_SESSION"] else { return (nil, "there is no session") }
        let own = (try? Files.readAll("\(folder)/ca.pem", limit: 64 << 10)) ?? []
        let isKnown = TrustBundle.systemBundles.contains { path in
            guard let all = try? Files.readAll(path, limit: 32 << 20) else { return false }
            return !own.isEmpty && all.suffix(own.count).elementsEqual(own)
        }
        guard isKnown else { return (nil, "the system's certificates do not hold the session's") }
        return await ask(url, environment: [:], trust: "\(folder)/ca.pem")
    }

    static func failed(_ what: String) -> Problem {
        Problem(
            .sessionCanaryFailed,
            subject: "the canary",
            summary: what,
            remedy: "The job would not be covered, so it was not started. See `purser explain session.canary-failed`."
        )
    }
}
