public import Core

extension SwiftRegistry {
    public var profile: Profile {
        Profile(
            clients: ["SwiftPM 6.3"],
            claims: "sha256 of the release's page",
            facts: "publish time, withdrawn",
            limits: [
                "SwiftPM takes no CA from the environment: registries over https are a gap (client-tls), those on plain http are seen, on loopback with an empty no_proxy.",
                "Manifests for single versions of Swift come with the archive alone.",
            ]
        )
    }
}
