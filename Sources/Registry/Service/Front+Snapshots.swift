internal import Core
internal import Gateway
internal import Kernel
internal import Upstream

/// Data snapshots that agents fetch: one file each, named by its digest.
extension Front {
    func readData(_ match: RouteMatch) throws(Declined) -> Reply {
        let shelf = SnapshotShelf(folder.path)
        do throws(SystemError) {
            guard let digest = try shelf.digest(of: match["data"]) else {
                throw SystemError(call: "open", errno: 2, path: match["data"])
            }
            let file = try Files.open(shelf.path(of: match["data"], digest))
            let size = try file.stat().size
            let headers = [
                HeaderField("Content-Type", "application/octet-stream"),
                HeaderField("ETag", "\"sha256-\(digest.hex)\""), HeaderField("Cache-Control", "no-cache"),
            ]
            return Reply(status: 200, headers: headers, body: .file(file, 0..<size))
        } catch {
            guard error.isMissing else { throw Declined(StateFolder.problem(error, folder.path)) }
            throw .notFound("the snapshot '\(match["data"])'")
        }
    }
}

/// Where snapshots lie in a data directory: the bytes under name and digest, and a small file that says which digest counts.
struct SnapshotShelf: Sendable {
    private let folder: String

    init(_ data: String) { folder = "\(data)/snapshots" }

    func path(of name: String, _ digest: Digest) -> String { "\(folder)/\(name)-\(digest.hex)" }

    /// Nil where there is no such snapshot.
    func digest(of name: String) throws(SystemError) -> Digest? {
        do throws(SystemError) {
            let bytes = try Files.readAll("\(folder)/\(name)", limit: 1_024)
            return Digest(String(decoding: bytes, as: UTF8.self))
        } catch {
            if error.isMissing { return nil }
            throw error
        }
    }

    /// The new one counts from one moment to the next; the old one's bytes go afterwards.
    func keep(_ bytes: [UInt8], _ digest: Digest, as name: String) throws(SystemError) {
        try Files.makeFolder(folder)
        let old = try self.digest(of: name)
        try Files.writeAtomically(path(of: name, digest), bytes)
        try Files.writeAtomically("\(folder)/\(name)", Array(digest.description.utf8))
        if let old, old != digest { try? Files.unlink(path(of: name, old)) }
    }
}
