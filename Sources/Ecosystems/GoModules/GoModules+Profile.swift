public import Core

extension GoModules {
    public var profile: Profile {
        Profile(
            clients: ["go 1.19", "go 1.27"],
            claims: "h1 of go.sum and of the checksum database",
            facts: "commit time, as its author says it; retracted, deprecated where versions are chosen",
            limits: [
                "Modules under GOPRIVATE go to their repository directly and are seen as git.",
                "The signed note of the checksum database is left to go.",
                "With go.sum alone no list is asked for, so retractions are not known then.",
            ]
        )
    }
}
