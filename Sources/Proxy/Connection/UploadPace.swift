internal import NIOCore

/// How long a body that is being sent to us may still be waited for. The clock runs only while bytes are wanted, and is
/// set back by every so many of them: neither silence nor a byte a minute keeps a connection for ever.
struct UploadPace {
    private let patience: TimeAmount
    private let leastBytes: Int
    private var left: TimeAmount
    private var bytes = 0
    private var since: NIODeadline?

    init(_ limits: ProxyLimits) {
        patience = .seconds(limits.stallSeconds)
        leastBytes = limits.stallBytes
        left = patience
    }

    /// Bytes are wanted: until when.
    mutating func waiting(at now: NIODeadline) -> NIODeadline {
        let start = since ?? now
        since = start
        return start + left
    }

    /// Some came.
    mutating func took(_ count: Int, at now: NIODeadline) {
        if let since { left = left - (now - since) }
        since = nil
        bytes += count
        guard bytes >= leastBytes else { return }
        bytes = 0
        left = patience
    }
}
