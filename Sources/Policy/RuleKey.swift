/// The names of the rules, as `rules:` and `exempt:` spell them, in the order of the documentation.
public enum RuleKey: String, Sendable, CaseIterable {
    case minAge = "min_age"
    case asOf = "as_of"
    case maxAge = "max_age"
    case longGap = "long_gap"
    case versionJump = "version_jump"
    case malware, vulnerability
    case suspectedMalware = "malware.suspicious"
    case advisoryIDs = "vulnerability.ids"
    case yanked
    case knownBad = "ioc"
    case changedContent = "changed_content"
    case noDowngrade = "trust.no_downgrade"
    case trustRequire = "trust.require"
    case trustVerify = "trust.verify"
    case signatureRequire = "signature.require"
    case publisherChanged = "publisher.changed"
    case publisherAllow = "publisher.allow"
    case publisherDeny = "publisher.deny"
    case installScripts = "install_scripts"
    case binaryOnly = "binary_only"
    case sourceOnly = "sdist_only"
    case size
    case archiveSafety = "archive_safety"
    case block, allow
    case namespace = "namespace.internal"
    case typosquat
    case originAllow = "origin.allow"
    case directURL = "origin.direct_url"
    case plainHTTP = "plain_http"
    case unclaimed, unknown
    case lockfileClean = "lockfile.clean"
    case licenseAllow = "license.allow"
    case licenseDeny = "license.deny"
    case licenseMissing = "license.missing"
    case licenseOverrides = "license.overrides"
    case minDownloads = "popularity.min_downloads"
    case scorecard = "scorecard.min"
    case starjacking
    case maxDependencies = "dependencies.max"
    case minVersions = "popularity.min_versions"
    case yankRatio = "yank_ratio"
    case metadataRepository = "metadata.repo"
    case metadataHomepage = "metadata.homepage"
    case metadataReadme = "metadata.readme"
    case metadataAuthor = "metadata.author_email"

    /// Rules whose findings rest on advisories, so that an exemption may name one.
    static let restingOnAdvisories: [RuleKey] = [.malware, .vulnerability, .advisoryIDs]

    /// Rules that find something, and so can be exempted from.
    static let exemptible = allCases.filter { ![.allow, .licenseOverrides, .lockfileClean].contains($0) }
}
