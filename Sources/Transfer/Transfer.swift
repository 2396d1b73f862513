/// One transfer under way. Read its head, then its body chunk by chunk; letting go of it cancels it.
public final class Transfer: Sendable {
    private let number: UInt64
    private let channel: TransferChannel
    private let mailbox: EngineMailbox
    /// An engine that nobody else holds lives until its last transfer is let go.
    private let engine: TransferEngine

    init(number: UInt64, channel: TransferChannel, mailbox: EngineMailbox, engine: TransferEngine) {
        self.number = number
        self.channel = channel
        self.mailbox = mailbox
        self.engine = engine
    }

    deinit {
        if !channel.hasEnded { mailbox.post(.cancel(number)) }
    }

    /// The head of the final answer, as soon as it is known.
    public func head() async throws(TransferError) -> TransferHead {
        while true {
            if let head = try channel.peekHead() { return head }
            await waitForChange(forHead: true)
        }
    }

    /// The next bytes of the body, undecoded; `nil` only at an end that the peer told and that agrees with its head.
    public func next() async throws(TransferError) -> [UInt8]? {
        while true {
            switch try channel.take() {
            case .bytes(let bytes, let wasHeldBack):
                if wasHeldBack { mailbox.post(.resume(number)) }
                return bytes
            case .end:
                return nil
            case .nothingYet:
                await waitForChange(forHead: false)
            }
        }
    }

    /// Ends the transfer now; whoever waits for it sees `.cancelled`.
    public func cancel() {
        guard !channel.hasEnded else { return }
        channel.finish(.failed(.cancelled))
        mailbox.post(.cancel(number))
    }

    /// How many bytes were received and not yet taken: never much more than the configured buffer.
    public var bufferedBytes: Int { channel.bufferedBytes }

    private func waitForChange(forHead: Bool) async {
        await withTaskCancellationHandler {
            await channel.change(forHead: forHead)
        } onCancel: {
            cancel()
        }
    }
}
