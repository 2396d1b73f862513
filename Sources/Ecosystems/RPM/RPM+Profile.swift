public import Core

extension RPM {
    public var profile: Profile {
        Profile(
            clients: ["dnf 4.14"],
            claims: "sha256 from repomd.xml over primary.xml to the package",
            facts: "none: what an index states is the builder's or the copy's time",
            limits: [
                "Nothing is hidden: a refused package fails when it is fetched, and dnf shows the reason in the address.",
                "dnf takes a CA from its configuration alone, so repositories over https need a line there.",
                "zchunk indexes are not read.",
            ]
        )
    }
}
