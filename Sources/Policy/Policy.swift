public import Core

/// The rules in force: facts in, verdict out. Everything it needs was read and parsed when it was made.
public struct Policy: Sendable {
    /// Whether a verdict of `block` is carried out or only reported.
    public enum Mode: String, Sendable, CaseIterable { case audit, enforce }

    public let mode: Mode
    /// SHA-256 of `canonicalText`.
    public let digest: Digest
    /// The effective policy in one spelling: equal texts give equal verdicts on equal facts.
    public let canonicalText: String
    /// True where a rule asks for advisories that a configured data set must hold.
    public let needsAdvisories: Bool
    /// What the whole session must satisfy.
    public let session: SessionRules
    /// What is to be said once a session about the policy itself, such as a rule that has no data to work on.
    public let notices: [Finding]

    /// True where a rule looks at the other releases of a package.
    public let needsHistory: Bool
    /// True where a rule looks at what earlier jobs got.
    public let needsMemory: Bool
    /// True where a rule looks at what lists on disk say of packages.
    public let needsReputation: Bool

    private let rules: [any Rule]
    private let naming: [any Rule]
    private let signing: [any Rule]
    private let allowed: AllowRule?
    private let exemptions: ExemptionList

    init(_ effective: EffectivePolicy) {
        mode = effective.mode
        rules = effective.rules
        naming = effective.rules.filter { type(of: $0).needs.contains(.names) }
        signing = effective.rules.filter { type(of: $0).needs.contains(.signatures) }
        allowed = effective.allowed
        exemptions = ExemptionList(effective.exemptions)
        session = effective.session
        notices = effective.notices
        needsAdvisories = effective.needsAdvisories
        needsHistory = effective.rules.contains { type(of: $0).needs.contains(.history) }
        needsMemory = effective.rules.contains { type(of: $0).needs.contains(.memory) }
        needsReputation = effective.rules.contains { type(of: $0).needs.contains(.reputation) }
        canonicalText = effective.canonicalText
        digest = TextDigest.sha256(Array(effective.canonicalText.utf8))
    }

    /// What holds without a policy file: least age of three days, known malware where data is loaded, and a word about
    /// files that nobody vouched for; in audit mode, so that nothing is denied.
    public static var builtIn: Policy { builtIn(mode: .audit) }

    public static func builtIn(mode: Mode) -> Policy { Policy(PolicyFile.empty.effective(mode: mode)) }

    public func judge(_ facts: Facts) -> Verdict { judge(facts, by: rules) }

    /// True where `archive_safety` lets a file in that the gateway would refuse, whatever the mode.
    public func toleratesArchive(_ facts: Facts) -> Bool {
        let finding = judge(facts).findings.first { $0.rule == RuleKey.archiveSafety.rawValue }
        return (finding?.action ?? .allow) < .block
    }

    /// The verdict of the rules that need nothing but a name and the place that would be asked about it. The gateway asks
    /// for it before anything leaves.
    public func judgeName(_ facts: Facts) -> Verdict { judge(facts, by: naming) }

    /// The signatures that rules want to know of before a file of this release comes in.
    public func signatures(
        askedOf release: Purl,
        compare: @escaping @Sendable (String, String) -> Int?
    ) -> SignatureKinds {
        guard !signing.isEmpty else { return [] }
        let subject = Subject(release)
        return signing.reduce(into: []) { $0.formUnion($1.asks(for: subject, compare)) }
    }

    /// True where some names may not leave.
    public var guardsNames: Bool { !naming.isEmpty }

    private func judge(_ facts: Facts, by rules: [any Rule]) -> Verdict {
        let subject = Subject(facts.release.purl)
        var opinions: [Opinion] = []
        for rule in rules {
            guard let opinion = Policy.opinion(of: rule, on: facts, subject), opinion.action > .allow else { continue }
            opinions.append(opinion)
        }
        if opinions.isEmpty { return Verdict(findings: [], mode: mode, exemptions: []) }
        var findings: [Finding] = []
        var used: [Exemption] = []
        for opinion in opinions {
            let lifting = exemptions.lifting(opinion, facts, subject)
            used += lifting.filter { !used.contains($0) }
            let lift =
                lifting.first.map { "exempt until \($0.until): \($0.reason)" } ?? allowance(opinion, facts, subject)
            findings.append(finding(opinion, facts, lift: lift))
        }
        // A stable order: worst first, then as the rules stand.
        let ranked = findings.enumerated().sorted { a, b in
            a.element.action == b.element.action ? a.offset < b.offset : a.element.action > b.element.action
        }
        return Verdict(findings: ranked.map(\.element), mode: mode, exemptions: used)
    }

    /// A rule that cannot decide refuses: what nobody could judge is not let in for it.
    private static func opinion(of rule: any Rule, on facts: Facts, _ subject: Subject) -> Opinion? {
        do throws(Undecidable) { return try rule.opinion(on: facts, subject: subject) } catch {
            return .undecided(rule.key, error)
        }
    }

    /// What each rule in force found, by the verdict on the same facts; nil for a rule that had nothing to say.
    public func views(in verdict: Verdict) -> [(rule: String, finding: Finding?)] {
        rules.map { rule in
            let key = rule.key.rawValue
            return (key, verdict.findings.first { $0.rule == key })
        }
    }

    /// Exemptions that are over, and those that lifted nothing in this session (`used` holds those that did).
    public func exemptionFindings(now: Timestamp, used: Set<Exemption>) -> [Finding] {
        exemptions.all.compactMap { exemption in
            let isExpired = exemption.isExpired(at: now)
            guard isExpired || !used.contains(exemption) else { return nil }
            return Finding(
                rule: exemption.rule,
                action: isExpired ? .warn : .report,
                message: isExpired
                    ? "the exemption of \(exemption.purl) ended on \(exemption.until)"
                    : "the exemption of \(exemption.purl) was not needed",
                evidence: "\(exemption.file) line \(exemption.line): \(exemption.reason)",
                allowedFrom: nil,
                exemption: "",
                isMissingData: false
            )
        }
    }

    /// The allow list lifts everything but what is known to be malware and what would harm whoever unpacks it.
    private func allowance(_ opinion: Opinion, _ facts: Facts, _ subject: Subject) -> String? {
        guard opinion.rule != .malware, opinion.rule != .archiveSafety, let allowed else { return nil }
        return allowed.pattern(matching: subject, facts.compare).map { "allowed by \($0)" }
    }

    private func finding(_ opinion: Opinion, _ facts: Facts, lift: String?) -> Finding {
        let advisory = opinion.advisories.count == 1 ? opinion.advisories.first.flatMap(quotable) : nil
        let day = Timestamp(seconds: facts.now.seconds.addingReportingOverflow(30 * 86_400).partialValue).day
        let purl = facts.release.purl.release
        var finding = Finding(
            rule: opinion.rule.rawValue,
            action: lift == nil ? opinion.action : .allow,
            message: lift.map { "\(opinion.message) (\($0))" } ?? opinion.message,
            evidence: opinion.evidence,
            allowedFrom: opinion.allowedFrom,
            exemption:
                "- { purl: \"\(purl)\", rule: \(opinion.rule.rawValue)\(advisory.map { ", advisory: \($0)" } ?? ""), "
                + "reason: \"say why\", until: \(day) }",
            isMissingData: opinion.isMissingData,
            staysListed: opinion.staysListed
        )
        finding.isUndecided = opinion.isUndecided
        finding.holdsInAudit = opinion.holdsInAudit
        return finding
    }

    /// An advisory's id comes from a data file: one that YAML could read as something else is left away.
    private func quotable(_ id: String) -> String? {
        let isPlain = id.utf8.first.map { (0x41...0x5A).contains($0) } ?? false
        return isPlain && id.utf8.allSatisfy { PercentEncoding.isUnreserved($0) && $0 != 0x7E } ? id : nil
    }
}
