/// A version as the go command reads it: `v` before a semantic version, and `+incompatible` for a major version that its
/// module's path does not name. <https://go.dev/ref/mod#versions>
struct GoVersion: Sendable {
    private let version: SemanticVersion

    init?(_ text: String) {
        guard text.hasPrefix("v"), let version = SemanticVersion(String(text.dropFirst())) else { return nil }
        self.version = version
    }

    /// A pseudo-version is one too.
    var isPrerelease: Bool { version.isPrerelease }
    /// False for build metadata, which a proxy never serves.
    var isCanonical: Bool { version.build.isEmpty || version.build == "incompatible" }

    /// Negative, zero or positive.
    func compared(to other: GoVersion) -> Int { version.compared(to: other.version) }
}
