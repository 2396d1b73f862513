public import Core
public import JSONText
internal import Kernel

/// Small notes under long keys (cached index answers, digest aliases), each a file named by the key's SHA-256.
///
/// The key's digest is stored with the note and compared when it is read, so a note can never answer for another key;
/// the key itself is not, since a URL may hold secrets. Losing a note is harmless; a note that does not read is treated
/// as lost.
public struct AnswerCache: Sendable {
    private let folder: String

    public init(folder: String) throws(StorageError) {
        self.folder = folder
        do throws(SystemError) { try Files.makeFolder(folder) } catch { throw StorageError(error, path: folder) }
    }

    public func note(_ key: String) -> JSON? {
        guard let bytes = try? Files.readAll(path(key), limit: 1 << 20), let note = try? JSON(parsing: bytes),
            note["key"]?.string == hash(key)
        else { return nil }
        return note["note"]
    }

    public func keep(_ note: JSON, for key: String) throws(StorageError) {
        let text = JSON.object(["key": .string(hash(key)), "note": note]).canonicalBytes()
        do throws(SystemError) { try Files.writeAtomically(path(key), text, durably: false) } catch {
            throw StorageError(error, path: folder)
        }
    }

    /// The blobs that the notes speak of: bodies of answers, and those that another digest stands for.
    public func bodies() throws(StorageError) -> Set<Digest> {
        let names: [String]
        do throws(SystemError) { names = try Files.list(folder) } catch { throw StorageError(error, path: folder) }
        var found: Set<Digest> = []
        for name in names where name.hasSuffix(".json") {
            // One that vanishes or does not read is lost, here too.
            guard let bytes = try? Files.readAll("\(folder)/\(name)", limit: 1 << 20),
                let note = try? JSON(parsing: bytes)["note"], let text = note.string ?? note["body"]?.string,
                let digest = Digest(text)
            else { continue }
            found.insert(digest)
        }
        return found
    }

    private func hash(_ key: String) -> String { Digest.sha256(of: Array(key.utf8)).hex }

    private func path(_ key: String) -> String { "\(folder)/\(hash(key)).json" }
}
