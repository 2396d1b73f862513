internal import NIOCore

extension ConnectionHandler {
    /// One timer per connection, moved lazily: it looks at the deadline when it fires instead of being replaced with
    /// every request.
    func setDeadline(seconds: Int64?) {
        guard let seconds else {
            deadline = nil
            return
        }
        setDeadline(.now() + .seconds(seconds))
    }

    func setDeadline(_ time: NIODeadline) {
        deadline = time
        guard timer == nil || time < timerDeadline else { return }
        schedule(time)
    }

    func shortenDeadline(seconds: Int64) {
        let time = NIODeadline.now() + .seconds(seconds)
        guard let deadline, deadline <= time else {
            setDeadline(seconds: seconds)
            return
        }
    }

    private func schedule(_ time: NIODeadline) {
        guard let loop = context?.eventLoop else { return }
        timer?.cancel()
        timerDeadline = time
        timer = loop.assumeIsolated().scheduleTask(deadline: time) { [weak self] in self?.timerFired() }
    }

    private func timerFired() {
        timer = nil
        timerDeadline = .distantFuture
        guard let deadline else { return }
        guard deadline <= .now() else { return schedule(deadline) }
        self.deadline = nil
        expire()
    }

    private func expire() {
        switch phase {
        case .head where !heads.hasBegun && inbound.readableBytes == 0:
            context?.close(promise: nil)
        case .head, .gathering:
            refuse(Refusal(408, "deadline.exceeded: the request did not come in time"))
        case .answering:
            abort()
        case .draining, .over:
            context?.close(promise: nil)
        }
    }
}
