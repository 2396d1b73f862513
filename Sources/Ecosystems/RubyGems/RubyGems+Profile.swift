public import Core

extension RubyGems {
    public var profile: Profile {
        Profile(
            clients: ["gem 3.3", "Bundler 2.3"],
            claims: "sha256 of the index and of CHECKSUMS; the name inside a gem",
            facts: "registry time",
            limits: [
                "Yanked versions are absent from the index.",
                "Attestations are not verified.",
            ]
        )
    }
}
