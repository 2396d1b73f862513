public import Core

extension Terraform {
    public var profile: Profile {
        Profile(
            clients: ["terraform 1.11"],
            claims: "shasum of the registry; zh and h1 of the lockfile",
            facts: "publish time of the public registry",
            limits: ["terraform shows why something is refused as an address that it cannot follow."]
        )
    }
}
