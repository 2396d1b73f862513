internal import Core
public import JSONText
internal import Kernel
internal import Synchronization

/// What a session saw, one line an event, appended and never edited.
///
/// Each line is `HASH JSON`, where HASH is the SHA-256 of the line before it and this line's JSON. A process killed at
/// any moment leaves whole lines and at most one torn one at the end; a line changed later breaks the chain behind it.
public final class Journal: Sendable {
    private let file: SharedFile
    private let path: String
    private let chain: Mutex<Chain>

    private struct Chain {
        var hash = ""
        var size: Int64 = 0
        /// Set when a torn line could not be taken back: whatever followed it could not be read.
        var failure: StorageError?
    }

    private init(file: SharedFile, path: String) {
        self.file = file
        self.path = path
        chain = Mutex(Chain())
    }

    /// Begins a journal. One that is there already is an error.
    public static func create(_ path: String) throws(StorageError) -> Journal {
        if Files.exists(path) { throw .failed(path: path, what: "a journal is there already") }
        do throws(SystemError) { return Journal(file: try Files.openAppending(path), path: path) } catch {
            throw StorageError(error, path: path)
        }
    }

    /// Adds an event; it is in the kernel's hands when this returns.
    public func append(_ event: JSON) throws(StorageError) {
        let text = event.canonicalBytes()
        let failure: StorageError? = chain.withLock { chain in
            if let failure = chain.failure { return failure }
            let hash = Journal.hash(chain.hash, text)
            let line = Array(hash.utf8) + [0x20] + text + [0x0A]
            do throws(SystemError) { try file.append(line) } catch {
                let failure = StorageError(error, path: path)
                // Half a line would hide every later one from readers.
                do throws(SystemError) { try file.truncate(to: chain.size) } catch { chain.failure = failure }
                return failure
            }
            chain.hash = hash
            chain.size += Int64(line.count)
            return nil
        }
        if let failure { throw failure }
    }

    /// Waits until every event is on the disk.
    public func sync() throws(StorageError) {
        do throws(SystemError) { try file.fsync() } catch { throw StorageError(error, path: path) }
    }

    /// What a journal holds: its events up to the first line that is torn or does not fit the chain.
    public struct Contents: Sendable {
        public let events: [JSON]
        /// False when something followed the last good line.
        public let isWhole: Bool
    }

    public static func read(_ path: String, limit: Int = 1 << 30) throws(StorageError) -> Contents {
        let bytes: [UInt8]
        do throws(SystemError) { bytes = try Files.readAll(path, limit: limit) } catch {
            throw StorageError(error, path: path)
        }
        return contents(of: bytes)
    }

    static func contents(of bytes: [UInt8]) -> Contents {
        var events: [JSON] = []
        var previous = ""
        var start = 0
        while let end = bytes[start...].firstIndex(of: 0x0A) {
            let line = bytes[start..<end]
            let text = Array(line.dropFirst(65))
            let hash = String(decoding: line.prefix(64), as: UTF8.self)
            guard line.count > 65, line[start + 64] == 0x20, hash == Journal.hash(previous, text),
                let event = try? JSON(parsing: text)
            else {
                break
            }
            events.append(event)
            previous = hash
            start = end + 1
        }
        return Contents(events: events, isWhole: start == bytes.count)
    }

    private static func hash(_ previous: String, _ text: [UInt8]) -> String {
        Digest.sha256(of: Array(previous.utf8) + text).hex
    }
}
