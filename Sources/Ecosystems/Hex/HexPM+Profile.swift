public import Core

extension HexPM {
    public var profile: Profile {
        Profile(
            clients: [],
            claims: "the outer checksum of the index",
            facts: "retired",
            limits: [
                "The index is signed, so nothing is hidden.",
                "The signature is left to the client.",
            ]
        )
    }
}
