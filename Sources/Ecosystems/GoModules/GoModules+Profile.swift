public import Core

extension GoModules {
    public var profile: Profile {
        Profile(
            clients: ["go 1.19"],
            claims: "h1 of go.sum and of the checksum database",
            facts: "commit time",
            limits: [
                "Modules under GOPRIVATE go to their repository directly and are seen as git."
            ]
        )
    }
}
