internal import Core
internal import Gateway
internal import Kernel
internal import Storage
internal import Upstream

/// The organisation's policy: signed elsewhere, kept and given out here byte for byte.
extension Front {
    func readPolicy(_ call: Call) throws(Declined) -> Reply {
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try Files.readAll(PolicyShelf.path(in: folder.path), limit: PolicyShelf.limit)
        } catch {
            guard error.isMissing else { throw Declined(StateFolder.problem(error, folder.path)) }
            throw .notFound("a policy of this registry")
        }
        let tag = "\"sha256-\(Digest.sha256(of: bytes).hex)\""
        let headers = [
            HeaderField("Content-Type", "application/vnd.dsse.envelope.v1+json"), HeaderField("ETag", tag),
            HeaderField("Cache-Control", "no-cache"),
        ]
        if call.headers.values("If-None-Match").contains(tag) {
            return Reply(status: 304, headers: headers, body: .none)
        }
        return Reply(status: 200, headers: headers, body: .bytes(bytes))
    }
}

/// Where the signed policy lies in a data directory.
enum PolicyShelf {
    static let limit = 8 << 20

    static func path(in folder: String) -> String { "\(folder)/policy.dsse.json" }
}
