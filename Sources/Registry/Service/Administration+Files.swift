public import Core
internal import Gateway
internal import JSONText
internal import Kernel
internal import Logging
internal import Storage

/// What a check of a data directory found.
public struct FsckReport: Sendable {
    public let blobs: Int
    /// Each a sentence about something that is wrong.
    public let complaints: [String]
    /// Blobs of the cache: artifacts, index answers and what lies beside files, as public indexes gave them.
    public let cached: Int
    /// Blobs that no row needs: left by uploads that were never part of a build. No fault.
    public let unneeded: Int
}

extension Administration {
    /// Hashes every blob again and looks for each one that a row needs. Damaged blobs are moved to quarantine.
    public func check() async throws(Problem) -> FsckReport {
        let folder = try await StateFolder.open(data, mayCreate: false, now: now())
        do {
            var complaints = try await folder.records.complaints()
            let needed = try await folder.records.neededBlobs()
            let present = try folder.blobs.digests()
            for digest in present where try await folder.blobs.blob(digest) == nil {
                complaints.append("\(digest) has other bytes; it was moved to quarantine")
            }
            let known = Set(present)
            let cached = try await folder.records.publicBlobs().union(CacheSweep.noted(in: data))
            let spare = try await known.subtracting(folder.records.lastingBlobs())
            for (digest, needer) in needed.sorted(by: { $0.key < $1.key }) where !known.contains(digest) {
                complaints.append("\(digest) is missing, needed by \(needer)")
            }
            return FsckReport(
                blobs: present.count,
                complaints: complaints,
                cached: spare.intersection(cached).count,
                unneeded: spare.subtracting(cached).count
            )
        } catch { throw StateFolder.problem(error, data) }
    }

    /// Hosts a file in the first channel of a repository. What it is, is told by the file itself.
    public func add(_ path: String, to repository: String, ecosystems: [any Ecosystem]) async throws(Problem) -> String
    {
        let folder = try await StateFolder.open(data, mayCreate: false, now: now())
        let front = Front(
            folder,
            RegistryConfiguration(data: data, ecosystems: ecosystems, now: now),
            (gateway: nil, rules: .builtIn),
            logger: Logger(label: "purser-registry") { _ in SwiftLogNoOpLogHandler() }
        )
        do {
            guard let home = try await folder.records.repository(named: repository), let channel = home.channels.first
            else { throw Declined.notFound("the repository '\(repository)'") }
            let staging = try await stage(path, in: folder.blobs)
            let name = String(path.split(separator: "/").last ?? "")
            let content = (path: staging.inspectionPath, digest: staging.digests[0], size: staging.size)
            guard let file = try front.hostedFile(name, blob: content, purl: nil) else {
                throw Declined.malformed(path, "is no file of an ecosystem that we host")
            }
            _ = try staging.commit()
            let place = (repository: repository, name: channel)
            let addition = try await folder.records.add(file, to: place, by: "command", at: now())
            if addition.isRefusal { throw Front.refusal(of: name, addition) }
            return "\(addition): \(name) \(file.digest) in \(repository)/\(channel)"
        } catch let error as Declined { throw error.problem } catch { throw StateFolder.problem(error, path) }
    }

    private func stage(_ path: String, in store: BlobStore) async throws -> Staging {
        let file = try Files.open(path, followLink: true)
        let staging = try store.stage([.md5])
        while true {
            let bytes = try file.read(at: staging.size, count: 1 << 20)
            if bytes.isEmpty { return staging }
            try staging.append(bytes)
            await Task.yield()
        }
    }
}
