public import Core

extension PyPI {
    public var profile: Profile {
        Profile(
            clients: ["pip 23.2", "uv 0.13", "Poetry 2.5", "PDM 2.29", "pipenv 2026.10", "twine"],
            claims: "sha256 of the index (HTML and JSON) and of lockfiles; the name inside wheels and sdists",
            facts: "upload time, yanked, provenance, licence of the metadata"
        )
    }
}
