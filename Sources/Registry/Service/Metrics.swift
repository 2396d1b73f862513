internal import Core
internal import Gateway
internal import JSONText
internal import Storage
internal import Synchronization

/// What was counted since the start.
final class Metrics: Sendable {
    private struct Key: Hashable {
        let action: String
        let status: Int
    }

    private struct State {
        var requests: [Key: Int] = [:]
        var received: Int64 = 0
        var sent: Int64 = 0
    }

    private let state = Mutex(State())

    func count(_ action: Route.Action?, status: Int) {
        state.withLock { $0.requests[Key(action: action?.rawValue ?? "unknown", status: status), default: 0] += 1 }
    }

    func count(received bytes: Int) { state.withLock { $0.received += Int64(bytes) } }

    func count(sent bytes: Int) { state.withLock { $0.sent += Int64(bytes) } }

    /// The page in the text format of Prometheus.
    func page(rows: [String: Int]) -> String {
        let state = state.withLock { $0 }
        var lines = ["# TYPE purser_registry_up gauge", "purser_registry_up 1"]
        lines.append("# TYPE purser_registry_requests_total counter")
        for (key, count) in state.requests.sorted(by: {
            ($0.key.action, $0.key.status) < ($1.key.action, $1.key.status)
        }) {
            lines.append(
                "purser_registry_requests_total{route=\"\(key.action)\",status=\"\(key.status)\"} \(count)"
            )
        }
        lines += [
            "# TYPE purser_registry_received_bytes_total counter",
            "purser_registry_received_bytes_total \(state.received)",
            "# TYPE purser_registry_sent_bytes_total counter",
            "purser_registry_sent_bytes_total \(state.sent)",
            "# TYPE purser_registry_rows gauge",
        ]
        lines += rows.sorted { $0.key < $1.key }.map { "purser_registry_rows{table=\"\($0.key)\"} \($0.value)" }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension Front {
    /// 200 only while a record can be written, a blob kept and an upload begun, as it was found a few seconds ago.
    func readinessPage() async throws(Declined) -> Reply {
        let problem = await readiness.problem(at: configuration.now()) { [self] in
            do {
                try await records.checkWritable()
                try blobs.checkWritable()
                try folder.uploads.checkWritable()
                return nil
            } catch { return Declined(declined(error).problem, status: 503) }
        }
        if let problem { throw problem }
        return Replies.text("ready\n")
    }

    func metricsPage() async throws(Declined) -> Reply {
        do {
            let rows = try await records.counts()
            return Replies.text(metrics.page(rows: rows), type: "text/plain; version=0.0.4; charset=utf-8")
        } catch { throw Declined(error) }
    }

    /// The event log after a number, as far as the caller may read it.
    func events(_ call: Call, _ caller: Caller) async throws(Declined) -> Reply {
        let after = try number("after", call) ?? 0
        let limit = try number("limit", call) ?? 500
        do {
            var names: Set<String>?
            if !caller.isOperator {
                names = Set(try await records.repositories().filter { caller.may(.read, on: $0) }.map(\.name))
            }
            let events = try await records.events(after: after, limit: Int(clamping: limit), repositories: names)
            return Replies.json(["events": .array(events.map(Front.json))])
        } catch { throw Declined(error) }
    }

    private func number(_ name: String, _ call: Call) throws(Declined) -> Int64? {
        guard let text = try call.query(name) else { return nil }
        guard let number = Int64(text), number >= 0 else { throw .malformed(name, "is no whole number") }
        return number
    }

    private static func json(_ event: LoggedEvent) -> JSON {
        [
            "sequence": .integer(event.sequence), "time": .string(event.time.description),
            "kind": .string(event.kind), "actor": .string(event.actor), "repository": .string(event.repository),
            "subject": .string(event.subject), "details": .string(event.details),
            "hash": .string(event.hash.description),
        ]
    }
}
