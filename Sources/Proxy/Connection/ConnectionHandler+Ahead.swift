internal import Core
internal import Gateway
internal import NIOCore
internal import Upstream

/// A request that lies behind the one at work, and its answer in the making.
struct RequestAhead {
    let target: String
    let reply: Task<Reply, Never>
}

/// What a client sends before it has an answer (apt does) is begun at once, so that it waits for the slowest of some answers
/// and not for their sum. Answers go out in the order of the requests, and nothing more is read for this.
extension ConnectionHandler {
    private static let mostAhead = 8

    /// The answer that was begun for the request whose turn it is.
    func takeAhead(_ head: RequestHead) -> Task<Reply, Never>? {
        guard !ahead.isEmpty else { return nil }
        let first = ahead.removeFirst()
        guard first.target == head.target, head.isPlain else {
            first.reply.cancel()
            dropAhead()
            return nil
        }
        return first.reply
    }

    /// Begins what lies behind the request at work, as far as it is like it.
    func beginAhead() {
        guard let exchange, exchange.keepsAlive, exchange.head.isPlain, !isStream, !isStopping else { return }
        guard inbound.readableBytes > 0 else { return }
        // The same bytes are read again when it is their turn: no byte is acted upon that would not be then.
        var rest = inbound
        var place = 0
        while place < ConnectionHandler.mostAhead {
            var reader = HeadReader(limits: limits.request)
            guard let head = try? reader.read(from: &rest), head.isPlain, head.keepsAlive,
                head.host == exchange.head.host, head.proxyAuthorization == exchange.head.proxyAuthorization
            else { return }
            if place >= ahead.count {
                guard let route = try? desk.router.route(head, scope: scope, ends: { ends }), case .respond = route
                else { return }
                ahead.append(begin(head, route))
            }
            place += 1
        }
    }

    /// Nobody will take these answers any more.
    func dropAhead() {
        for request in ahead { request.reply.cancel() }
        ahead = []
    }

    private func begin(_ head: RequestHead, _ route: Router.Route) -> RequestAhead {
        let (desk, asker) = (desk, asker(head))
        let reply = Task {
            await Asker.$current.withValue(asker) { await desk.answer(head, route, body: .none).checked }
        }
        return RequestAhead(target: head.target, reply: reply)
    }
}

extension RequestHead {
    /// True for a question that may be asked before its turn: it changes nothing, and has no body.
    fileprivate var isPlain: Bool { method == "GET" && framing == .none && upgrade == nil && !expectsContinue }
}
