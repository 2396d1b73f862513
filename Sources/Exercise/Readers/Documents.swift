internal import Attestation
internal import Core
internal import Ecosystems
internal import JSONText
internal import Manifest
internal import Policy

/// Whole documents that people write or that jobs hand over.
extension Exercise {
    static let documents = [
        Exercise("json", "both readers of JSON agree, printing is stable, and an edit changes what it names alone") {
            JSONExercise(bytes: $0).run(&$1)
        },
        Exercise("policy", "a policy file gives one policy, and the policy an answer for every release") {
            judge(String(decoding: $0, as: UTF8.self), &$1)
        },
        Exercise(
            "manifest",
            "a manifest that can be read is printed as the same bytes, and does not differ from itself"
        ) {
            bytes,
            findings in
            guard let manifest = try? BuildManifest(parsing: bytes) else { return }
            findings.expect(manifest.canonicalBytes() == bytes, "a manifest is printed otherwise than it was read")
            let difference = diff(manifest, manifest)
            let changes = difference.added.count + difference.removed.count + difference.replaced.count
            findings.expect(changes + difference.restated.count == 0, "a manifest differs from itself")
        },
        Exercise("replay-record", "a replay record that can be read is printed as the same bytes") { bytes, findings in
            guard let record = try? ReplayRecord(parsing: bytes) else { return }
            findings.expect(record.canonicalBytes() == bytes, "a record is printed otherwise than it was read")
            for entry in record.entries {
                findings.expect(!record.answers(to: entry.key).isEmpty, "\(entry.key) has no answer")
                _ = record.nearest(to: entry.key)
            }
        },
        Exercise("run-report", "a run report reads back as what it prints") { bytes, findings in
            guard let report = try? RunReport(parsing: bytes) else { return }
            findings.expect((try? RunReport(parsing: report.prettyBytes())) == report, "a report cannot be read back")
        },
        Exercise("envelope", "an envelope is printed as the same bytes, and nobody is trusted who is not known") {
            bytes,
            findings in
            if let statement = try? Statement(parsing: bytes) {
                let again = try? Statement(parsing: statement.canonicalBytes())
                findings.expect(again == statement, "a statement cannot be read back")
            }
            guard let envelope = try? Envelope(parsing: bytes) else { return }
            findings.expect(envelope.canonicalBytes() == bytes, "an envelope is printed otherwise than it was read")
            _ = try? envelope.unverifiedStatement()
        },
        Exercise("trust", "a file of trusted keys reads back as what it prints") { bytes, findings in
            guard let trust = try? TrustFile(parsing: bytes) else { return }
            findings.expect((try? TrustFile(parsing: trust.prettyBytes())) == trust, "a trust file cannot be read back")
        },
    ]

    private static func judge(_ text: String, _ findings: inout Findings) {
        guard let file = try? PolicyFile.parse(text, name: "purser.yml"),
            let policy = try? file.policy(overridingMode: nil)
        else { return }
        let again = try? PolicyFile.parse(text, name: "other.yml").policy(overridingMode: nil)
        findings.expect(again?.digest == policy.digest, "the same file gives two policies")
        for ecosystem in Catalog.all {
            for version in [nil, "", "1.0", "2.0.0-rc.1", "v1.2.3"] {
                let purl = Purl(type: ecosystem.type, namespace: "acme", name: "left-pad", version: version)
                guard let origin = ecosystem.defaultOrigin ?? ecosystem.hosts.first.map({ Origin(.https, $0) }) else {
                    continue
                }
                let facts = Facts(
                    release: Release(purl: purl),
                    origin: origin,
                    type: ecosystem.type,
                    now: Timestamp(seconds: 1_800_000_000),
                    compare: { ecosystem.compare($0, $1) }
                )
                let verdict = policy.judge(facts)
                findings.expect(policy.judge(facts) == verdict, "\(purl) is judged in two ways")
                _ = policy.judgeName(facts)
            }
        }
    }
}
