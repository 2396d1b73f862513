internal import Archive
internal import Core
internal import Kernel
internal import Knowledge

/// Makes one snapshot of many files of OSV records: JSON, JSON lines, folders of them, and the zips that OSV publishes.
struct SnapshotImport: Sendable {
    /// Greatest archive: the whole of OSV.
    private static let limits = ArchiveLimits(entries: 1_000_000, entryBytes: 64 << 20, totalBytes: 16 << 30)
    private static let fileBytes = 1 << 30

    let digest: Digest
    let recordCount: Int

    /// Writes the snapshot at once or not at all. Any file that cannot be read fails the whole.
    init(_ files: [String], into path: String, scratch: String) throws(Problem) {
        let random = (try? ProcessIdentity.randomBytes(8)) ?? []
        let folder = "\(scratch)/purser-data-\(Hex.encode(random))"
        defer { try? Files.removeTree(folder) }
        do throws(SystemError) { try Files.makeFolder(folder) } catch { throw SnapshotImport.unwritable(folder, error) }
        for (number, file) in files.enumerated() { try SnapshotImport.gather(file, into: "\(folder)/\(number)") }
        try SnapshotImport.write(try AdvisorySnapshot.compiled(from: folder), to: path)
        let written = try AdvisorySnapshot.load(path: path)
        (digest, recordCount) = (written.digest, written.recordCount)
    }

    /// Raw line breaks stand only between the parts of a record, so blanks may take their places.
    private static func blank(_ byte: UInt8) -> UInt8 { byte == 0x0A || byte == 0x0D ? 0x20 : byte }

    static func write(_ bytes: [UInt8], to path: String) throws(Problem) {
        let folder = PaperFiles.folder(of: path)
        do throws(SystemError) {
            try Files.makeFolder(folder, mode: 0o755)
            try Files.writeAtomically(path, bytes, mode: 0o644)
        } catch { throw unwritable(path, error) }
    }

    private static func unwritable(_ path: String, _ error: SystemError) -> Problem {
        Problem(
            error.isFull ? .storageFull : .configUnreadable,
            subject: path,
            summary: "could not be written (\(error))",
            remedy: "Free space, make the folder writable, or name another place with --out."
        )
    }

    /// Puts the records of one file or folder where the snapshot is made from.
    private static func gather(_ file: String, into target: String) throws(Problem) {
        if file.hasSuffix(".txt") { return try MalwareList.write(file, into: "\(target).jsonl") }
        do throws(SystemError) {
            if try Files.stat(file, followLink: true).isFolder {
                try Files.makeFolder(target)
                for (number, name) in try Files.list(file).enumerated() where !name.hasPrefix(".") {
                    let inner = "\(file)/\(name)"
                    let isFolder = try Files.stat(inner, followLink: true).isFolder
                    guard isFolder || isData(name) else { continue }
                    do throws(Problem) { try gather(inner, into: "\(target)/\(number)") } catch {
                        throw SystemError(call: "read", errno: 5, path: inner)
                    }
                }
                return
            }
            let head = try Files.open(file, followLink: true).read(at: 0, count: 2)
            if head != Array("PK".utf8) {
                let isLines = file.hasSuffix(".jsonl") || file.hasSuffix(".ndjson")
                let bytes = try Files.readAll(file, limit: fileBytes)
                try Files.writeAtomically("\(target).\(isLines ? "jsonl" : "json")", bytes, durably: false)
                return
            }
        } catch {
            throw Problem(
                .configUnreadable,
                subject: error.path ?? file,
                summary: "could not be read (\(error))",
                remedy: "Name files of OSV records, folders of them, or zips as OSV publishes them."
            )
        }
        try unpack(file, into: "\(target).jsonl")
    }

    private static func isData(_ name: String) -> Bool {
        [".json", ".jsonl", ".ndjson", ".zip"].contains { name.hasSuffix($0) }
    }

    /// One record a line.
    private static func unpack(_ zip: String, into target: String) throws(Problem) {
        do throws(ArchiveError) {
            let file: SharedFile
            do throws(SystemError) { file = try Files.create(target) } catch {
                throw ArchiveError.unreadable("\(error)")
            }
            var isRecord = false
            var pending: [UInt8] = []
            func flush() throws(ArchiveError) {
                do throws(SystemError) { try file.append(pending) } catch { throw ArchiveError.unreadable("\(error)") }
                pending = []
            }
            try ArchiveScan.forEachEntry(path: zip, kind: .zip, limits: limits, allowsDataDescriptors: true) {
                (step: ArchiveStep) throws(ArchiveError) in
                switch step {
                case .entry(let entry):
                    if isRecord { pending.append(0x0A) }
                    isRecord = entry.kind == .file && entry.path.hasSuffix(".json")
                case .chunk(let bytes):
                    if isRecord { pending += bytes.map(blank) }
                }
                if pending.count > 1 << 20 { try flush() }
            }
            if isRecord { pending.append(0x0A) }
            try flush()
        } catch {
            throw Problem(
                .archiveMalformed,
                subject: zip,
                summary: "is no zip of OSV records: \(error)",
                remedy: "Fetch it again from where it is published."
            )
        }
    }
}
