public import Core

extension NuGet {
    public var profile: Profile {
        Profile(
            clients: [],
            claims: "sha512 of the catalogue entry and of packages.lock.json; the name inside a package",
            facts: "publish time, unlisted, deprecated, licence"
        )
    }
}
