public import Core

extension Composer {
    public var profile: Profile {
        Profile(
            clients: ["Composer 2.5.5"],
            claims: "shasum where the repository states one; the checksums inside the archive",
            facts: "the author's time, abandoned, licence",
            limits: [
                "Intercept only.",
                "Packagist states no digests: archives are unclaimed.",
                "Up to 2.9 Composer clones the source of a refused archive.",
            ]
        )
    }
}
