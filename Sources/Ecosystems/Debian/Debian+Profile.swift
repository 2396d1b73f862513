public import Core

extension Debian {
    public var profile: Profile {
        Profile(
            clients: ["apt 2.6"],
            claims: "sha256 from Release over Packages to the .deb; the name inside a .deb",
            facts: "none: nobody assigns times",
            limits: [
                "The index is signed, so nothing is hidden: a refused package fails when it is fetched.",
                "The signature of Release is left to apt.",
            ]
        )
    }
}
