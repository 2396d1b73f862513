internal import Core
internal import Gateway
internal import NIOCore

extension ConnectionHandler {
    /// The body as the responder pulls it; each pull reads from the socket only what it needs.
    func bodyPuller() -> @Sendable () async throws(Problem) -> [UInt8]? {
        guard let loop = context?.eventLoop else {
            return { () async throws(Problem) in throw ConnectionHandler.clientLeft }
        }
        let connection = NIOLoopBound(self, eventLoop: loop)
        let number = exchanges
        return { () async throws(Problem) in
            do {
                return try await loop.flatSubmit { connection.value.nextPart(of: number, on: loop) }.get()
            } catch let problem as Problem {
                throw problem
            } catch {
                throw ConnectionHandler.clientLeft
            }
        }
    }

    private func nextPart(of number: Int, on loop: any EventLoop) -> EventLoopFuture<[UInt8]?> {
        guard case .answering = phase, exchange?.number == number, bodyWaiter == nil, let context else {
            return loop.makeFailedFuture(ConnectionHandler.clientLeft)
        }
        payContinue()
        if let part = nextPartAtHand() { return loop.makeCompletedFuture(part) }
        let waiter = loop.makePromise(of: [UInt8]?.self)
        bodyWaiter = waiter
        setDeadline(pace.waiting(at: .now()))
        context.read()
        return waiter.futureResult
    }

    /// Nil while the next part has not come yet.
    func nextPartAtHand() -> Result<[UInt8]?, any Error>? {
        if !gathered.isEmpty {
            defer { gathered = [] }
            return .success(gathered)
        }
        do throws(Refusal) {
            switch try body?.read(from: &inbound) {
            case .needsMore: return nil
            case .bytes(let bytes):
                pace.took(bytes.readableBytes, at: .now())
                return .success(Array(bytes.readableBytesView))
            case .end, nil: return .success(nil)
            }
        } catch {
            // The connection is out of step; whatever is answered is its last answer.
            exchange?.keepsAlive = false
            let problem = Problem(
                .usageInvalid,
                subject: "the request body",
                summary: error.reason,
                remedy: "send a well-formed body",
                reason: "body"
            )
            return .failure(problem)
        }
    }
}
