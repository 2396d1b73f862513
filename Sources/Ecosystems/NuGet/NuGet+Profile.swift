public import Core

extension NuGet {
    public var profile: Profile {
        Profile(
            clients: [],
            claims: "sha512 of the catalog; the name inside a package",
            facts: "publish time, unlisted, deprecated, licence"
        )
    }
}
