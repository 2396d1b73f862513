internal import Core

/// `allow`: these packages and releases pass every rule but `malware`.
///
/// Not a judge of its own: it lifts what the others found. A version that cannot be put in order is not lifted.
struct AllowRule: Sendable {
    let purls: [PurlPattern]
    private let patterns: PatternSet

    init(purls: [PurlPattern]) {
        self.purls = purls
        patterns = PatternSet(purls)
    }

    /// The list's entry that lets the subject pass.
    func pattern(matching subject: Subject, _ compare: VersionOrder) -> String? {
        patterns.matches(subject, compare).first(where: \.isCertain).map { purls[$0.position].text }
    }

    var canonicalText: String { "allow purls=\(purls.map(\.canonicalText).sorted().joined(separator: ";"))" }
}
