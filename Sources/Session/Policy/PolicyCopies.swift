internal import Attestation
internal import Core
internal import Kernel
internal import Policy
internal import RegistryClient
internal import Storage
internal import Transfer

/// Fetches policy texts and keeps the last good copies beside the job cache, for when nobody can be asked.
struct PolicyCopies: Sendable {
    private let folder: String?
    private let environment: [String: String]
    private let isOffline: Bool

    init(_ settings: Settings) {
        let ci = CIEnvironment.detect(settings.environment)
        let level = SessionPaths.level(ci: ci, folder: settings.folder)
        let cache = SessionPaths.cacheFolder(settings.options.text("cache"), settings.environment, level)
        folder = cache.map { "\($0)/policy" }
        environment = settings.environment
        isOffline = (try? settings.options.flag("offline")) ?? false
    }

    /// Whose policy is asked for, where its copy lies, and who may have signed it.
    private struct Question {
        let name: String
        let trust: TrustFile
        let now: Timestamp

        var file: String { Digest.sha256(of: Array(name.utf8)).hex + ".dsse" }
    }

    /// The registry's policy, or the last good copy of it that is not too old.
    func organisation(
        _ registry: RegistryAddress,
        _ trust: TrustFile,
        _ now: Timestamp
    ) async throws(Problem) -> OutsidePolicy.Organisation {
        let question = Question(name: "\(registry.base.redacted)api/v1/policy", trust: trust, now: now)
        let copy = copy(question)
        let why: Problem
        do throws(Problem) {
            return try fresh(try await served(by: registry, question), copy?.policy, question)
        } catch {
            // A policy that is not what it should be is never replaced by an older one.
            guard error.code.mayRetry || error.code == .notFound else { throw error }
            why = error
        }
        guard let copy else { throw why }
        let age = now.seconds - copy.fetched.seconds
        guard age >= 0, age <= copy.policy.policy.maximumStaleness else {
            throw Problem(
                .policyUndecidable,
                subject: question.name,
                summary: "\(why.summary), and the copy of \(copy.fetched) is older than it may be",
                remedy: PolicyCopies.remedy
            )
        }
        return organisation(copy.policy, question.name, copied: copy.fetched)
    }

    private func served(by registry: RegistryAddress, _ question: Question) async throws(Problem) -> [UInt8] {
        guard !isOffline else {
            throw Problem(
                .registryUnreachable,
                subject: question.name,
                summary: "is not asked, because the run is offline",
                remedy: PolicyCopies.remedy
            )
        }
        guard let bytes = try await registry.client(environment).policy() else {
            throw Problem(
                .notFound,
                subject: question.name,
                summary: "has no policy, and --policy-trust asks for one",
                remedy: "Set one with `purser-registry policy set`, or leave --policy-trust away."
            )
        }
        return bytes
    }

    private static let remedy = "Let the job reach the registry once; its policy is kept in the job cache then."

    private func fresh(_ bytes: [UInt8], _ before: TrustedPolicy?, _ question: Question) throws(Problem)
        -> OutsidePolicy.Organisation
    {
        let policy = try TrustedPolicy(verifying: bytes, trust: question.trust, now: question.now)
        if let before, before.policy.serial > policy.policy.serial {
            throw Problem(
                .integritySignature,
                subject: question.name,
                summary: "serves policy \(policy.policy.serial), and \(before.policy.serial) was seen before",
                remedy: "Ask who runs the registry why an old policy is served again.",
                reason: "rollback"
            )
        }
        keep(Array("\(question.now.seconds)\n".utf8) + bytes, as: question.file)
        return organisation(policy, question.name, copied: nil)
    }

    private func organisation(_ trusted: TrustedPolicy, _ name: String, copied: Timestamp?)
        -> OutsidePolicy.Organisation
    {
        OutsidePolicy.Organisation(
            source: PolicySource(.organisation, name: name, text: trusted.policy.text),
            digest: trusted.policy.digest,
            keyID: trusted.keyIDs.first ?? "",
            serial: trusted.policy.serial,
            copied: copied
        )
    }

    /// A copy that is not signed as it should be is as good as none.
    private func copy(_ question: Question) -> (policy: TrustedPolicy, fetched: Timestamp)? {
        guard let folder, let bytes = try? Files.readAll("\(folder)/\(question.file)", limit: 8 << 20),
            let end = bytes.firstIndex(of: 0x0A), let seconds = Int64(String(decoding: bytes[..<end], as: UTF8.self)),
            let policy = try? TrustedPolicy(
                verifying: Array(bytes[(end + 1)...]),
                trust: question.trust,
                now: question.now
            )
        else { return nil }
        return (policy, Timestamp(seconds: seconds))
    }

    /// A text by its digest: from the copies, else from its address.
    func text(at url: HTTPURL, _ digest: Digest) async throws(Problem) -> String {
        let file = "\(digest.hex).yml"
        if let folder, let bytes = try? Files.readAll("\(folder)/\(file)", limit: 1 << 20),
            Digest.sha256(of: bytes) == digest
        {
            return String(decoding: bytes, as: UTF8.self)
        }
        let bytes = try await bytes(at: url, limit: 1 << 20)
        let found = Digest.sha256(of: bytes)
        guard found == digest else {
            throw Problem(
                .integrityMismatch,
                subject: url.withoutFragment.redacted,
                summary: "is not the policy that --policy pins",
                remedy: "Look at what changed there; pin the new digest only when the change is wanted.",
                details: ["expected": digest.description, "got": found.description]
            )
        }
        keep(bytes, as: file)
        return String(decoding: bytes, as: UTF8.self)
    }

    func bytes(at url: HTTPURL, limit: Int) async throws(Problem) -> [UInt8] {
        let subject = url.withoutFragment.redacted
        func failed(_ what: String) -> Problem {
            Problem(
                .upstreamUnreachable,
                subject: subject,
                summary: "could not be fetched: \(what)",
                remedy: "Check the address of --policy; without a policy nothing is started."
            )
        }
        if isOffline { throw failed("the run is offline, and there is no copy") }
        do throws(TransferError) {
            let engine = try TransferEngine(TransferConfiguration(userAgent: "purser", environment: environment))
            let limits = TransferLimits(bodyBytes: Int64(limit))
            let transfer = engine.start(TransferRequest(url: url.withoutFragment.description, limits: limits))
            let head = try await transfer.head()
            guard head.status == 200 else { throw TransferError.badResponse("status \(head.status)") }
            var bytes: [UInt8] = []
            while let chunk = try await transfer.next() { bytes += chunk }
            return bytes
        } catch { throw failed("\(error)") }
    }

    /// A copy that cannot be kept takes nothing from the run.
    private func keep(_ bytes: [UInt8], as file: String) {
        guard let folder else { return }
        try? Files.makeFolder(folder)
        try? Files.writeAtomically("\(folder)/\(file)", bytes, durably: false)
    }
}
