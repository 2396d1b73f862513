internal import Core
internal import Gateway
internal import JSONText
internal import Kernel
internal import Manifest
internal import Policy
internal import Storage

/// Looks, when the command has ended, at what the job can only have taken from stores of earlier runs: what the project's
/// lockfiles pin, did not come by us, and lies in a store since before the job. Such a file is hashed; it is an input
/// where it is what the lockfile promises. What cannot be told is a gap.
struct RestoredCheck: Sendable {
    /// Bounds on one run's work; the same everywhere, so that equal stores give equal records.
    struct Limits: Sendable {
        var files = 20_000
        var bytes: Int64 = 4 << 30
    }

    /// A file to look at.
    private struct Candidate {
        let pin: Pin
        var lockfiles: Set<String>
        var paths: [String]
        let digest: Digest
    }

    let stores: [RestoredStore]
    let lockfiles: ProjectLockfiles
    let started: Timestamp
    let cache: BlobStore
    /// Asked for each file that is what it should be.
    let judge: @Sendable (Pin, Digest) -> Verdict
    var limits = Limits()

    /// The journal's events of what was found.
    func events(_ book: RecordBook, at time: Timestamp) -> [JSON] {
        var events: [JSON] = []
        var rest = limits
        for store in stores where isUsed(store, book) {
            guard store.layout != .opaque, pinsCanTell(store) else {
                events.append(gap(store, "its files cannot be held against anything", time))
                continue
            }
            let named = candidates(store, book)
            for candidate in store.isLoose ? loose(store, named, &rest) : named {
                guard let found = file(candidate) else { continue }
                rest.files -= 1
                rest.bytes -= found.size
                guard rest.files >= 0, rest.bytes >= 0 else { break }
                events += look(at: found.path, candidate, store, time)
            }
            if rest.files < 0 || rest.bytes < 0 {
                events.append(gap(store, "more lies there than is looked at", time))
            }
        }
        return events
    }

    /// Without a pin that says what bytes are wanted, nobody can say what was taken.
    private func pinsCanTell(_ store: RestoredStore) -> Bool {
        lockfiles.found.contains { file in
            file.pins.contains { $0.release.type == store.type && !$0.digests.isEmpty }
        }
    }

    private func isUsed(_ store: RestoredStore, _ book: RecordBook) -> Bool {
        if book.tools.contains(where: { store.clients.contains($0.name) }) { return true }
        if store.clients.isEmpty, book.ecosystems[store.type] != nil { return true }
        return store.marks.contains { mark in
            (try? Files.stat(mark)).map { $0.mtimeNanos / 1_000_000_000 >= started.seconds } ?? false
        }
    }

    /// What is pinned and did not come by us, each file once, in an order that does not depend on the machine.
    private func candidates(_ store: RestoredStore, _ book: RecordBook) -> [Candidate] {
        let came = Set(book.inputs.map(\.purl.release))
        var found: [Digest: Candidate] = [:]
        for file in lockfiles.found {
            for pin in file.pins where !came.contains(pin.release.release) {
                guard let place = store.places(of: pin) else { continue }
                let fresh = Candidate(pin: pin, lockfiles: [], paths: place.paths, digest: place.digest)
                found[place.digest, default: fresh].lockfiles.insert(file.path)
            }
        }
        return found.values.sorted { $0.digest.hex < $1.digest.hex }
    }

    /// The candidates that lie under a name that says nothing: every file that was there before the job is hashed until
    /// all are found.
    private func loose(_ store: RestoredStore, _ wanted: [Candidate], _ rest: inout Limits) -> [Candidate] {
        var missing = Dictionary(wanted.map { ($0.digest, $0) }) { first, _ in first }
        var found: [Candidate] = []
        guard !missing.isEmpty else { return [] }
        for path in store.loose(limit: limits.files) {
            guard let size = sizeBefore(path) else { continue }
            rest.files -= 1
            rest.bytes -= size
            guard rest.files >= 0, rest.bytes >= 0 else { break }
            guard let digest = hash(of: path), var candidate = missing.removeValue(forKey: digest) else { continue }
            candidate.paths = [path]
            found.append(candidate)
            if missing.isEmpty { break }
        }
        return found.sorted { $0.digest.hex < $1.digest.hex }
    }

    private func hash(of path: String) -> Digest? {
        guard let file = try? Files.open(path) else { return nil }
        var stream = DigestStream([.sha256])
        var size: Int64 = 0
        while let bytes = try? file.read(at: size, count: 1 << 20) {
            if bytes.isEmpty { return stream.digests.first { $0.algorithm == .sha256 } }
            stream.update(bytes)
            size += Int64(bytes.count)
        }
        return nil
    }

    /// The file, if it was there before the job. Nobody but the kernel sets the time of a file's last change.
    private func file(_ candidate: Candidate) -> (path: String, size: Int64)? {
        for path in candidate.paths {
            if let size = sizeBefore(path) { return (path, size) }
        }
        return nil
    }

    private func sizeBefore(_ path: String) -> Int64? {
        guard let stat = try? Files.stat(path), stat.isRegular,
            stat.ctimeNanos / 1_000_000_000 <= started.seconds
        else { return nil }
        return stat.size
    }

    private func look(at path: String, _ candidate: Candidate, _ store: RestoredStore, _ time: Timestamp) -> [JSON] {
        let digest = candidate.digest
        guard let staging = try? staged(path, digest.algorithm == .h1 ? .sha256 : digest.algorithm) else {
            return [gap(store, "\(candidate.pin.release) cannot be read", time)]
        }
        var digests = staging.digests
        if digest.algorithm == .h1, let hash = DirectoryHash.hash(ofZip: staging.inspectionPath) {
            digests.append(hash)
        }
        guard digests.contains(digest), (try? staging.commit()) != nil else {
            return [gap(store, "\(candidate.pin.release) is not what the lockfile promises", time)]
        }
        let verdict = judge(candidate.pin, staging.digests[0])
        let input = JournalEvent.Restored(
            pin: candidate.pin,
            size: staging.size,
            digests: digests.filter { $0.algorithm == .sha256 || $0 == digest },
            claims: candidate.lockfiles.sorted().map { DigestClaim(by: $0, digest: digest) },
            verdict: verdict
        )
        let refusals = verdict.isDenied ? [JournalEvent.refused(refusal(candidate.pin, verdict), at: time)] : []
        return [JournalEvent.restored(input, at: time)] + refusals
    }

    private func refusal(_ pin: Pin, _ verdict: Verdict) -> Refusal {
        let subject = pin.release.release.description
        return Refusal(
            subject: subject,
            purl: pin.release,
            problem: verdict.problem(subject: subject),
            verdict: verdict,
            isHidden: false
        )
    }

    /// A copy that is kept, so that it can be pushed and served again.
    private func staged(_ path: String, _ algorithm: Digest.Algorithm) throws -> Staging {
        let file = try Files.open(path)
        let staging = try cache.stage([algorithm])
        while true {
            let bytes = try file.read(at: staging.size, count: 1 << 20)
            if bytes.isEmpty { return staging }
            try staging.append(bytes)
        }
    }

    private func gap(_ store: RestoredStore, _ detail: String, _ time: Timestamp) -> JSON {
        JournalEvent.gap(kind: RestoredCheck.gap, host: store.name, detail: detail, at: time)
    }

    static let gap = "restored-store"
}
