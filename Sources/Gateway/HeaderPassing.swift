internal import Archive
internal import Core
internal import Storage
internal import Upstream

/// Which header fields go on in each direction, and content codings undone.
extension Gateway {
    /// Fields of the client that the upstream may see. Conditions, ranges and codings are ours to ask for.
    func forwardable(_ headers: [HeaderField]) -> [HeaderField] {
        headers.filter { field in !Gateway.keptFromUpstream.contains { field.isNamed($0) } }
    }

    /// Fields of the upstream that the client may see. Framing, codings and validators are ours to state.
    func passable(_ headers: [HeaderField]) -> [HeaderField] {
        // A sender names further fields that are for its neighbour alone.
        let connection = (headers.joined("Connection") ?? "").split(separator: ",").map { String($0.trimming()) }
        return headers.filter { field in
            !(Gateway.keptFromClient + connection).contains { field.isNamed($0) }
        }
    }

    /// The codings that the body came in, outermost last.
    static func codings(_ headers: [HeaderField]) -> [String] {
        (headers.joined("Content-Encoding") ?? "").split(separator: ",").map { $0.trimming().lowercased() }
            .filter { $0 != "identity" && !$0.isEmpty }
    }

    private static let keptFromUpstream = [
        "Host", "Accept", "User-Agent", "Accept-Encoding", "Range", "If-Range", "If-None-Match", "If-Modified-Since",
        "If-Match", "If-Unmodified-Since", "Content-Length", "Expect", "Cache-Control", "Pragma", "Connection",
        "Keep-Alive", "Proxy-Connection", "Proxy-Authorization", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
    ]
    private static let keptFromClient = [
        "Content-Length", "Content-Encoding", "Transfer-Encoding", "Connection", "Keep-Alive", "ETag", "Accept-Ranges",
        "Content-Range", "Alt-Svc", "Strict-Transport-Security", "Repr-Digest", "Content-Digest", "Digest",
        "Content-MD5", "Trailer", "Upgrade", "Proxy-Authenticate", "Proxy-Authentication-Info", "Proxy-Connection",
        "TE", "Age", "Via", "Purser-Problem",
    ]

    /// The body with the one content coding undone that we asked for. Stacked or unknown codings are refused.
    func decoded(_ bytes: [UInt8], _ headers: [HeaderField], _ subject: String) throws(Problem) -> [UInt8] {
        let codings = Gateway.codings(headers)
        guard !codings.isEmpty, !bytes.isEmpty else { return bytes }
        guard codings.count == 1, codings[0] == "gzip" || codings[0] == "x-gzip" else {
            throw undecodable(subject, "has the content coding '\(codings.joined(separator: ", "))'")
        }
        do {
            let staging = try stores.record.stage()
            try staging.append(bytes)
            var decoded: [UInt8] = []
            try ArchiveScan.gunzip(path: staging.inspectionPath, limit: Int64(Gateway.indexLimit)) { decoded += $0 }
            return decoded
        } catch let error as StorageError {
            throw error.problem
        } catch ArchiveError.tooLarge {
            throw Problem(
                .tooLarge,
                subject: subject,
                summary: "decodes to more than \(Gateway.indexLimit >> 20) MiB",
                remedy: "Ask the upstream's operator; nothing of it was kept."
            )
        } catch {
            throw undecodable(subject, "says that it is gzip but does not decode")
        }
    }

    func undecodable(_ subject: String, _ what: String) -> Problem {
        Problem(
            .integrityMismatch,
            subject: subject,
            summary: what,
            remedy: "Something between the upstream and this job changed the answer; look for a proxy in front.",
            reason: "encoding"
        )
    }
}

extension Substring {
    func trimming() -> Substring {
        var text = self
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}
