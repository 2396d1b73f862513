public import Core

extension Helm {
    public var profile: Profile {
        Profile(
            clients: [],
            claims: "sha256 of the index",
            facts: "created, deprecated",
            limits: [
                "Charts in container registries are read as those."
            ]
        )
    }
}
