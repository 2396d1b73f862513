public import Core

extension PyPI {
    public var profile: Profile {
        Profile(
            clients: ["pip 24.0", "uv 0.9", "twine 6"],
            claims: "sha256 of the index (HTML and JSON) and of lockfiles; the name inside wheels and sdists",
            facts: "upload time, yanked, provenance, licence of the metadata"
        )
    }
}
