internal import CCurl
internal import Synchronization

/// Runs any number of transfers on one thread of its own, sharing connections between them.
///
/// The thread ends at `shutdown()`, which cancels what is under way, or when the engine and all its transfers are let go.
public final class TransferEngine: Sendable {
    private let configuration: TransferConfiguration
    private let mailbox: EngineMailbox
    private let lastNumber = Atomic<UInt64>(0)

    public init(_ configuration: TransferConfiguration) throws(TransferError) {
        guard Self.isLibraryReady else { throw .failed(code: 2, "libcurl cannot start") }
        if let file = configuration.caFile, !Self.canRead(file) {
            throw .tls("the certificate authority file \(file) cannot be opened", .trustStore)
        }
        let multi = MultiHandle()
        self.configuration = configuration
        mailbox = EngineMailbox(multi: multi)
        let loop = EngineLoop(multi: multi, mailbox: mailbox, configuration: configuration)
        // The thread takes over this reference and gives it up as it ends.
        let context = unsafe Unmanaged.passRetained(loop).toOpaque()
        let status = unsafe ccurl_start_thread(runEngineLoop, context)
        guard status == 0 else {
            unsafe Unmanaged<EngineLoop>.fromOpaque(context).release()
            throw .failed(code: Int(status), "no thread can be started")
        }
    }

    deinit { shutdown() }

    /// Starts at once; a request that cannot be sent shows its error when the transfer is read.
    public func start(_ request: TransferRequest) -> Transfer {
        let number = lastNumber.wrappingAdd(1, ordering: .relaxed).newValue
        let channel = TransferChannel(capacity: configuration.bufferBytes)
        do throws(TransferError) {
            try request.check()
            let departure = EngineMailbox.Departure(
                number: number,
                request: request,
                url: try RequestURL(request.url),
                channel: channel
            )
            if !mailbox.post(.start(departure)) { throw .cancelled }
        } catch {
            channel.finish(.failed(error))
        }
        return Transfer(number: number, channel: channel, mailbox: mailbox, engine: self)
    }

    /// Cancels what is under way and ends the thread; does not wait for it.
    public func shutdown() { mailbox.post(.stop) }

    private static let isLibraryReady: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    private static func canRead(_ path: String) -> Bool {
        let descriptor = unsafe ccurl_open_file(path)
        guard descriptor >= 0 else { return false }
        close(descriptor)
        return true
    }
}

private func runEngineLoop(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context = unsafe context else { return nil }
    unsafe Unmanaged<EngineLoop>.fromOpaque(context).takeRetainedValue().run()
    return nil
}
