internal import CCurl

extension Flight {
    /// The connection stands (new or reused) and the request goes out; called again when curl must send it anew.
    func noteConnected() {
        lastActivity = ccurl_milliseconds()
        stage = .sending
        if upload?.isExhausted ?? true { noteSent() }
    }

    func noteSent() {
        guard stage == .sending else { return }
        stage = .waiting
        waitingSince = ccurl_milliseconds()
    }

    func noteReceived(_ count: Int) {
        lastActivity = ccurl_milliseconds()
        if stage != .receiving {
            stage = .receiving
            restartPace()
        }
        paceBytes += Int64(count)
    }

    /// The reader caught up: the time it took was ours, not the peer's.
    func wasResumed() {
        isHeldBack = false
        lastActivity = ccurl_milliseconds()
        restartPace()
    }

    /// The error of a transfer whose time has run out. Connecting is watched by curl itself, which divides the time
    /// among the addresses of a host.
    func overdue(at now: Int64) -> TransferError? {
        let limits = request.limits
        let idle = Self.milliseconds(limits.idleSeconds)
        switch stage {
        case .connecting:
            return nil
        case .sending:
            return now - lastActivity > idle ? .timedOut(.upload) : nil
        case .waiting:
            return now - waitingSince > Self.milliseconds(limits.responseSeconds) ? .timedOut(.response) : nil
        case .receiving:
            guard !isHeldBack else { return nil }
            guard now - lastActivity <= idle else { return .timedOut(.body) }
            guard now - paceSince >= idle else { return nil }
            let least = limits.idleSeconds * Double(limits.minimumBytesPerSecond)
            defer { restartPace() }
            return Double(paceBytes) < least ? .timedOut(.pace) : nil
        }
    }

    private func restartPace() {
        paceSince = lastActivity
        paceBytes = 0
    }

    private static func milliseconds(_ seconds: Double) -> Int64 {
        Int64(max(0, min(seconds, 1e9)) * 1000)
    }
}
