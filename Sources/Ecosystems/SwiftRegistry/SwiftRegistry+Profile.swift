public import Core

extension SwiftRegistry {
    public var profile: Profile {
        Profile(
            clients: [],
            claims: "sha256 of the release's page",
            facts: "publish time, withdrawn",
            limits: [
                "SwiftPM takes no CA from the environment."
            ]
        )
    }
}
