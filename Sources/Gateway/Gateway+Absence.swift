internal import Core
internal import JSONText
internal import Storage
internal import Upstream

/// What was not there. Clients probe for documents that need not be (Go for the parents of a path, Maven for checksums),
/// so a run without a network has to give the same answer; with one, it is always asked again.
extension Gateway {
    private func absence(of key: IndexKey) -> String { "absent\n\(key.text)\n\(configuration.answerScope)" }

    /// Losing the note costs an offline run, so a full disk is no error.
    func keepAbsence(_ reply: Reply, _ key: IndexKey, _ response: UpstreamResponse) {
        guard reply.status == 404 || reply.status == 410, response.credential == nil, !configuration.isReplay else {
            return
        }
        let bytes = if case .bytes(let bytes) = reply.body, bytes.count <= 4_096 { bytes } else { [UInt8]() }
        let note: JSON = [
            "status": .integer(Int64(reply.status)),
            "content-type": .string(reply.headers.first("Content-Type") ?? "text/plain"),
            "text": .string(String(validating: bytes, as: UTF8.self) ?? ""),
            "final-url": .string(response.finalURL.redacted),
        ]
        try? stores.answers?.keep(note, for: absence(of: key))
    }

    func knownAbsence(of key: IndexKey) -> (reply: Reply, finalURL: HTTPURL)? {
        guard let note = stores.answers?.note(absence(of: key)), let status = note["status"]?.integer,
            status == 404 || status == 410, let text = note["text"]?.string, let type = note["content-type"]?.string,
            let url = note["final-url"]?.string.flatMap({ try? HTTPURL($0) })
        else { return nil }
        let headers = [HeaderField("Content-Type", type)]
        let body: ReplyBody = text.isEmpty ? .none : .bytes(Array(text.utf8))
        return (Reply(status: Int(status), reason: nil, headers: headers, body: body), url)
    }
}
