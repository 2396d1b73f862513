internal import Core
internal import Isolation
internal import Kernel
internal import Synchronization

/// The proof that a seal leads to us and nowhere else: a child inside asks once with the command's settings, once with
/// none at all, and looks for a way to a public address, which there may not be. In a fence, where clients need their
/// settings, it asks once, and has to be refused what a fence refuses.
final class SealedCanary: Sendable {
    private let link: WardenLink
    private let input: Once<SharedFile>
    private let output: SharedFile
    private static let seconds = 10

    private init(_ link: WardenLink, input: SharedFile, output: SharedFile) {
        self.link = link
        self.input = Once(input)
        self.output = output
    }

    /// Starts the child before there is anything to ask; it waits for its orders.
    static func start(in link: WardenLink) async throws(ConfinementError) -> SealedCanary {
        do throws(SystemError) {
            let orders = try SharedFile.pipe()
            let answer = try SharedFile.pipe()
            try await started(link, [orders.reading, answer.writing, answer.writing])
            return SealedCanary(link, input: orders.writing, output: answer.reading)
        } catch { throw ConfinementError("\(error)") }
    }

    private static func started(
        _ link: WardenLink,
        _ streams: [SharedFile]
    ) async throws(SystemError) {
        do throws(ConfinementError) { try await link.startBeside(["__canary"], streams) } catch {
            throw SystemError(call: "\(error)", errno: 32)
        }
    }

    /// Any doubt fails the session. `word` is the tier that it is in.
    func check(_ session: Session, _ word: String) async throws(Problem) {
        var orders = ["\(word) https://\(Canary.host)/\(session.canaryNonce)"]
        orders += session.clients.environment.map { "\($0.key)=\($0.value)" }
        let link = link
        // Ends with the child, or ends it.
        let limit = Task {
            try? await Task.sleep(for: .seconds(SealedCanary.seconds))
            if !Task.isCancelled { await link.end() }
        }
        defer { limit.cancel() }
        let answer: [UInt8]
        do throws(SystemError) {
            try input.value?.append(Array(orders.joined(separator: "\0").utf8))
            input.clear()
            answer = try await Blocking.run { [output] () throws(SystemError) in
                var bytes: [UInt8] = []
                while bytes.count < 4_096 {
                    let more = try output.readNext(upTo: 4_096)
                    if more.isEmpty { break }
                    bytes += more
                }
                return bytes
            }
        } catch { throw Canary.failed("does not take its orders (\(error))") }
        let text = String(decoding: answer, as: UTF8.self).trimmingEnd
        guard text == session.canaryNonce[...] else {
            throw Canary.failed(text.isEmpty ? "got no answer inside" : "got no answer: \(text.prefix(400))")
        }
    }

    /// The child: the answer, or what is wrong.
    static func ask(
        _ url: String,
        environment: [String: String],
        in tier: Tier
    ) async -> (answer: [UInt8]?, error: String) {
        guard tier == .seal else {
            let first = await Canary.ask(url, environment: environment)
            return hole.map { (nil, $0) } ?? first
        }
        async let told = Canary.ask(url, environment: environment)
        let bare = await Canary.askBare(url, environment: environment)
        let first = await told
        guard let answer = first.answer else { return first }
        guard bare.answer == answer else {
            return (nil, bare.answer == nil ? "without settings: \(bare.error)" : "without settings: another answer")
        }
        do throws(SystemError) {
            // 1.1.1.1; nothing is sent.
            guard try !InnerSocket.hasWay(to: 0x0101_0101) else { return (nil, "there is a way to 1.1.1.1") }
        } catch { return (nil, "a way out could not be ruled out (\(error))") }
        return (answer, "")
    }
}

extension SealedCanary {
    /// What a fence should have refused; the address is one that belongs to nobody.
    private static var hole: String? {
        guard Fencing.refusal(of: 0xC000_0201, port: 9) != nil else { return "may connect to 192.0.2.1" }
        return (try? InnerSocket.make(isDatagram: true)) == nil ? nil : "may make a socket for datagrams"
    }
}

/// A value that is there, or not yet, or no more.
final class Once<Value: Sendable>: Sendable {
    private let place: Mutex<Value?>

    init(_ value: Value? = nil) { place = Mutex(value) }

    var value: Value? { place.withLock { $0 } }

    func set(_ value: Value) { place.withLock { $0 = value } }

    func clear() { place.withLock { $0 = nil } }
}
