internal import Attestation
public import Core
internal import Kernel
internal import Policy
internal import Storage

extension Administration {
    /// Checks a policy file, signs it, and gives it to every agent that asks from now on. Answers its digest, its serial
    /// and the key that it is trusted by.
    public func setPolicy(
        _ file: String,
        keyFile: String,
        maximumStaleness: Int64
    ) async throws(Problem) -> (digest: Digest, serial: Int64, keyID: String) {
        let records = try records()
        let text = try text(of: file)
        let parsed = try PolicyFile.parse(text, name: file, allowsAgent: false)
        if let named = parsed.data.keys.map(\.rawValue).min() {
            throw Problem(
                .usageInvalid,
                subject: "\(file), data.\(named)",
                summary: "names a file, and agents elsewhere do not have it",
                remedy: "Leave data to each repository, or let agents fetch it: `purser policy data update`."
            )
        }
        let key = try signingKey(keyFile)
        let before = try signedPolicy()
        let policy = SignedPolicy(
            text: text,
            issued: now(),
            serial: (before?.serial ?? 0) + 1,
            maximumStaleness: maximumStaleness
        )
        let bytes = try policy.signed(with: [key]).canonicalBytes()
        do throws(SystemError) { try Files.writeAtomically(PolicyShelf.path(in: data), bytes, mode: 0o644) } catch {
            throw StateFolder.problem(error, data)
        }
        let details = "serial \(policy.serial), \(policy.digest), key \(key.keyID)"
        do throws(RecordsError) {
            try await records.note("policy.set", subject: file, details: details, by: "command", at: now())
        } catch { throw error.problem }
        return (policy.digest, policy.serial, key.keyID)
    }

    /// What is served now, in words; nil where there is none.
    public func policy() throws(Problem) -> (line: String, text: String)? {
        guard let policy = try signedPolicy() else { return nil }
        let line = "serial \(policy.serial), issued \(policy.issued), \(policy.digest)"
        return (line, policy.text)
    }

    private func signedPolicy() throws(Problem) -> SignedPolicy? {
        let path = PolicyShelf.path(in: data)
        guard Files.exists(path) else { return nil }
        let bytes: [UInt8]
        do throws(SystemError) { bytes = try Files.readAll(path, limit: PolicyShelf.limit) } catch {
            throw StateFolder.problem(error, data)
        }
        do throws(Malformed) {
            return try SignedPolicy(unverified: try Envelope(parsing: bytes, maximumBytes: PolicyShelf.limit))
        } catch {
            throw Problem(
                .storageDamaged,
                subject: path,
                summary: "is no signed policy: \(error)",
                remedy: "Move the file away, and set the policy again."
            )
        }
    }

    private func text(of file: String) throws(Problem) -> String {
        do throws(SystemError) {
            let bytes = try Files.readAll(file, limit: 1 << 20)
            if let text = String(validating: bytes, as: UTF8.self) { return text }
        } catch {
            throw unreadable(file, "could not be read (\(error))")
        }
        throw unreadable(file, "is not UTF-8 text")
    }

    private func signingKey(_ file: String) throws(Problem) -> SigningKey {
        var bytes: [UInt8]
        do throws(SystemError) { bytes = try Files.readAll(file, limit: 64 << 10) } catch {
            throw unreadable(file, "could not be read (\(error))")
        }
        return try SigningKey(wiping: &bytes, named: file)
    }

    private func unreadable(_ file: String, _ summary: String) -> Problem {
        Problem(.configUnreadable, subject: file, summary: summary, remedy: "Check the name and the permissions.")
    }
}
