public import Core
internal import Kernel
internal import Synchronization

/// A set of OSV records as it lay on the disk when it was opened, found by package.
public struct AdvisorySnapshot: Sendable {
    /// What is read at most; beyond it loading fails, since half a list of malware is a false promise.
    public struct Limits: Sendable {
        public var fileBytes = 512 << 20
        public var totalBytes = 2 << 30
        public var files = 500_000
        public var records = 2_000_000
        /// Folders within folders.
        public var depth = 16

        public init() {}
    }

    /// SHA-256 of a file of records; of a folder, that of its sorted `name NUL digest` lines; of a snapshot file, that of its
    /// table, which holds the hashes of the rest.
    public let digest: Digest
    /// Records read, withdrawn ones included.
    public var recordCount: Int { table.recordCount }
    /// Records of malware that are in force.
    public var malwareCount: Int { table.malwareCount }

    /// When the youngest record was last changed, withdrawn ones included; nil where none says.
    public var newest: Timestamp? { table.newest == 0 ? nil : Timestamp(seconds: Int64(table.newest)) }

    private let table: SnapshotTable
    private let entries: Entries
    private let recent = RecentEntries()

    /// Where the entries lie.
    private enum Entries: Sendable {
        case memory([UInt8])
        case file(SharedFile, start: Int64)
    }

    /// Opens a snapshot file without reading the whole of it; reads an OSV file (one record, an array, or a record a line) or
    /// a folder of such files, with the folders in it. Any record that cannot be read fails the whole.
    public static func load(path: String, limits: Limits = Limits()) throws(Problem) -> AdvisorySnapshot {
        if let opened = try opened(path) { return opened }
        let (builder, digest) = try collected(path, limits)
        let (table, entries) = SnapshotTable.make(builder, source: digest)
        do throws(Malformed) {
            return AdvisorySnapshot(try SnapshotTable(table), .memory(entries), digest: digest)
        } catch { throw unreadable(path, "could not be read back: \(error.what)") }
    }

    /// The bytes of a snapshot file: all that verdicts need, in a form that is opened at once.
    public static func compiled(from path: String, limits: Limits = Limits()) throws(Problem) -> [UInt8] {
        let (builder, digest) = try collected(path, limits)
        let (table, entries) = SnapshotTable.make(builder, source: digest)
        return table + entries
    }

    /// The records in force that name this release, by id. A version that `compare` cannot put in order against a
    /// record's range counts as named. Nil where the file was damaged after it was opened.
    public func advisories(for release: Purl, compare: (String, String) -> Int?) -> [AdvisoryRecord]? {
        guard let candidates = affected(release.registryKey) else { return nil }
        var found: [AdvisoryRecord] = []
        for candidate in candidates where candidate.covers(release.version, of: release.type, compare) {
            let fixes = candidate.fixes(release.version, of: release.type, compare)
            if let last = found.indices.last, found[last].id == candidate.advisory.id {
                found[last].fixedIn += fixes.filter { !found[last].fixedIn.contains($0) }
                continue
            }
            var record = candidate.advisory
            record.fixedIn = fixes
            found.append(record)
        }
        return found
    }

    private init(_ table: SnapshotTable, _ entries: Entries, digest: Digest) {
        self.table = table
        self.entries = entries
        self.digest = digest
    }

    private func affected(_ key: String) -> [Affected]? {
        if let known = recent.entry(key) { return known }
        var all: [Affected] = []
        for row in table.rows(of: key) {
            guard let bytes = bytes(of: row), SnapshotTable.check(bytes)[...] == row.check else { return nil }
            var reader = EntryReader(bytes)
            do throws(Malformed) {
                let (named, affected) = try reader.entry()
                if named == key { all += affected }
            } catch { return nil }
        }
        recent.keep(all, key)
        return all
    }

    private func bytes(of row: SnapshotTable.Row) -> [UInt8]? {
        guard row.offset >= 0, row.length <= 256 << 20 else { return nil }
        switch entries {
        case .memory(let bytes):
            guard row.offset <= bytes.count, row.length <= bytes.count - row.offset else { return nil }
            return Array(bytes[row.offset..<(row.offset + row.length)])
        case .file(let file, let start):
            let (place, overflow) = start.addingReportingOverflow(Int64(row.offset))
            guard !overflow else { return nil }
            do throws(SystemError) {
                let bytes = try file.read(at: place, count: row.length)
                return bytes.count == row.length ? bytes : nil
            } catch { return nil }
        }
    }

    /// Nil for what is no snapshot file.
    private static func opened(_ path: String) throws(Problem) -> AdvisorySnapshot? {
        do {
            let file = try Files.open(path, followLink: true)
            guard try file.stat().isRegular else { return nil }
            let head = try file.read(at: 0, count: SnapshotTable.headCount)
            guard head.starts(with: SnapshotTable.magic) else { return nil }
            let length = try SnapshotTable.length(ofHead: head)
            let table = try SnapshotTable(try file.read(at: 0, count: length))
            return AdvisorySnapshot(table, .file(file, start: Int64(length)), digest: table.digest)
        } catch let error as Malformed {
            throw unreadable(path, "is a damaged snapshot: \(error.what)")
        } catch {
            // What is missing or no file is complained about by whoever reads records.
            return nil
        }
    }

    private static func collected(_ path: String, _ limits: Limits) throws(Problem) -> (SnapshotBuilder, Digest) {
        var builder = SnapshotBuilder(limits: limits)
        let digest = try SnapshotFolder(path: path, limits: limits).read { name, bytes throws(Problem) in
            try builder.add(bytes, from: name)
        }
        guard builder.recordCount > 0 else { throw unreadable(path, "holds no OSV record") }
        return (builder, digest)
    }

    private static func unreadable(_ path: String, _ summary: String) -> Problem {
        Problem(
            .configUnreadable,
            subject: path,
            summary: summary,
            remedy: "name a file of OSV records, a folder with .json files in it, or a snapshot file"
        )
    }
}

/// What was last read: an index asks about every version of one package in a row.
private final class RecentEntries: Sendable {
    private let entries = Mutex<[String: [Affected]]>([:])
    private static let limit = 512

    func entry(_ key: String) -> [Affected]? { entries.withLock { $0[key] } }

    func keep(_ affected: [Affected], _ key: String) {
        entries.withLock { entries in
            if entries.count >= Self.limit { entries.removeAll(keepingCapacity: true) }
            entries[key] = affected
        }
    }
}
