internal import Core
internal import Kernel

internal import struct Crypto.SHA256

/// Walks a file, or a folder with the folders in it, in the order of names. Links are not followed, hidden names are passed over.
struct SnapshotFolder {
    let path: String
    let limits: AdvisorySnapshot.Limits

    /// Hands over every file; answers the digest of all.
    func read(_ take: (String, [UInt8]) throws(Problem) -> Void) throws(Problem) -> Digest {
        let status = try asking { () throws(SystemError) in try Files.stat(path, followLink: true) }
        guard status.isFolder else {
            let bytes = try contents(of: path, room: limits.totalBytes)
            try take(path, bytes)
            return SnapshotFolder.digest(of: bytes)
        }
        var names: [String] = []
        try collect("", depth: 0, into: &names)
        names.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        var total = 0
        var lines: [UInt8] = []
        for name in names {
            let bytes = try contents(of: "\(path)/\(name)", room: limits.totalBytes - total)
            total += bytes.count
            try take("\(path)/\(name)", bytes)
            lines += Array(name.utf8) + [0] + Array(SnapshotFolder.digest(of: bytes).hex.utf8) + [0x0A]
        }
        return SnapshotFolder.digest(of: lines)
    }

    private func collect(_ folder: String, depth: Int, into names: inout [String]) throws(Problem) {
        guard depth <= limits.depth else { throw excess("has folders deeper than \(limits.depth)") }
        let place = folder.isEmpty ? path : "\(path)/\(folder)"
        let found = try asking { () throws(SystemError) in try Files.list(place, limit: limits.files) }
        for name in found where !name.hasPrefix(".") {
            let inner = folder.isEmpty ? name : "\(folder)/\(name)"
            let isData = name.hasSuffix(".json") || name.hasSuffix(".jsonl")
            // Asking the kernel about each of 100,000 files takes longer than reading their names.
            if !isData, name.contains(".") { continue }
            let status = try asking { () throws(SystemError) in try Files.stat("\(path)/\(inner)") }
            if status.isFolder {
                try collect(inner, depth: depth + 1, into: &names)
            } else if status.isRegular, isData {
                guard names.count < limits.files else { throw excess("holds more than \(limits.files) files") }
                names.append(inner)
            }
        }
    }

    private func contents(of file: String, room: Int) throws(Problem) -> [UInt8] {
        let limit = min(limits.fileBytes, max(0, room))
        return try asking { () throws(SystemError) in try Files.readAll(file, limit: limit) }
    }

    private func asking<Answer>(_ call: () throws(SystemError) -> Answer) throws(Problem) -> Answer {
        do { return try call() } catch {
            throw Problem(
                .configUnreadable,
                subject: path,
                summary: "cannot be read: \(error)",
                remedy: error.isMissing
                    ? "fetch the data, or correct data.osv in the policy file"
                    : "make the data readable, or correct data.osv in the policy file"
            )
        }
    }

    private func excess(_ summary: String) -> Problem {
        Problem(.configUnreadable, subject: path, summary: summary, remedy: "name the folder of the OSV records alone")
    }

    private static func digest(of bytes: [UInt8]) -> Digest {
        guard let digest = Digest(.sha256, bytes: Array(SHA256.hash(data: bytes))) else {
            preconditionFailure("SHA-256 has 32 bytes")
        }
        return digest
    }
}
