public import Core

extension Git {
    public var profile: Profile {
        Profile(
            clients: ["git 2.39", "cargo 1.95", "SwiftPM 6.3"],
            claims: "every object by its own name, hashed by git",
            facts: "none",
            limits: [
                "Repositories over ssh do not go through a proxy.",
                "Large files (LFS) come as files by address.",
            ]
        )
    }
}
