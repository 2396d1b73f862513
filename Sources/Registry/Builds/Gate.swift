internal import Attestation
internal import Core
internal import JSONText
internal import Kernel
internal import Policy
internal import Storage

/// One question that a build must pass before a channel shows it, and the answer to it.
struct GateVerdict: Hashable, Sendable {
    let gate: String
    let passed: Bool
    let message: String

    var json: JSON { ["gate": .string(gate), "passed": .bool(passed), "message": .string(message)] }
}

/// The gates in the order in which they are asked; all are asked, so that one refusal names every reason.
extension Front {
    func gates(_ build: BuildRecord, into channel: String) async throws(Declined) -> [GateVerdict] {
        [
            try await signed(build, into: channel), try await stored(build), judged(build), replayed(build),
            try await version(build, in: channel),
        ]
    }

    /// A key of the registry's trust file signed the statement, for this channel. Without such a file it is only noted.
    private func signed(_ build: BuildRecord, into channel: String) async throws(Declined) -> GateVerdict {
        let path = "\(folder.path)/trust.json"
        guard Files.exists(path) else {
            let what = build.keyID.map { "signature present (key \($0.prefix(16)))" } ?? "signature absent"
            return GateVerdict(gate: "signed", passed: true, message: "no trust file: \(what), only noted")
        }
        do {
            let trust = try TrustFile.read(try Files.readAll(path, limit: 1 << 20), named: path)
            let blob = try await storedBlob(build.statement)
            let purpose = Purpose(channel: channel)
            _ = try verify(bytes: try blob.bytes(), trust: trust, now: configuration.now(), purpose: purpose)
            let message = "signed by trusted key \((build.keyID ?? "").prefix(16))"
            return GateVerdict(gate: "signed", passed: true, message: message)
        } catch {
            let problem = declined(error).problem
            return GateVerdict(gate: "signed", passed: false, message: "\(problem.summary). \(problem.remedy)")
        }
    }

    /// Every artifact is here, hashed again now, whatever was known of it before.
    private func stored(_ build: BuildRecord) async throws(Declined) -> GateVerdict {
        for artifact in build.artifacts {
            do {
                guard let blob = try await blobs.blob(artifact.digest) else {
                    let message = "\(artifact.name) is missing or damaged"
                    return GateVerdict(gate: "stored", passed: false, message: message)
                }
                guard try await rehash(blob) == artifact.digest else {
                    return GateVerdict(gate: "stored", passed: false, message: "\(artifact.name) changed on the disk")
                }
            } catch { throw declined(error) }
        }
        let count = build.artifacts.count
        let files = "\(count) artifact\(count == 1 ? "" : "s")"
        return GateVerdict(gate: "stored", passed: true, message: "\(files) present and hashed again")
    }

    private func rehash(_ blob: Blob) async throws(StorageError) -> Digest? {
        let staging = try blobs.stage()
        var offset: Int64 = 0
        while offset < blob.size {
            let bytes = try blob.read(at: offset, count: 1 << 20)
            guard !bytes.isEmpty else { return nil }
            try staging.append(bytes)
            offset += Int64(bytes.count)
            await Task.yield()
        }
        return staging.digests.first
    }

    /// Policy denied nothing while the build ran under `enforce`, and the registry's own does not deny what came of it.
    private func judged(_ build: BuildRecord) -> GateVerdict {
        guard build.denied == 0 else {
            return GateVerdict(gate: "policy", passed: false, message: "policy denied \(build.denied) requests")
        }
        for file in build.artifacts.compactMap(\.hosted) {
            guard let ecosystem = configuration.ecosystem(file.type) else { continue }
            let verdict = rules.verdict(on: file, of: ecosystem, at: configuration.now())
            guard verdict.isDenied, let finding = verdict.findings.first else { continue }
            let message = "the registry's policy denies \(file.release): \(finding.rule): \(finding.message)"
            return GateVerdict(gate: "policy", passed: false, message: message)
        }
        return GateVerdict(gate: "policy", passed: true, message: "nothing was denied under enforce")
    }

    /// The last replay did not find another artifact.
    private func replayed(_ build: BuildRecord) -> GateVerdict {
        guard let last = build.verifications.last else {
            return GateVerdict(gate: "replayed", passed: true, message: "no replay was reported, only noted")
        }
        let passed = ["identical", "normalised-equal", "unknown"].contains(last.verdict)
        return GateVerdict(gate: "replayed", passed: passed, message: "the last replay said \(last.verdict)")
    }

    /// The channel shows no other bytes under one of the names.
    private func version(_ build: BuildRecord, in channel: String) async throws(Declined) -> GateVerdict {
        do {
            let clashes = try await records.clashes(of: build.id, with: (build.repository, channel))
            guard clashes.isEmpty else {
                let message = "\(channel) shows other bytes as \(clashes.joined(separator: ", "))"
                return GateVerdict(gate: "version", passed: false, message: message)
            }
        } catch { throw Declined(error) }
        return GateVerdict(gate: "version", passed: true, message: "no name is taken by other bytes")
    }
}
