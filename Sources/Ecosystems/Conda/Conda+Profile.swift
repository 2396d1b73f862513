public import Core

extension Conda {
    public var profile: Profile {
        Profile(
            clients: [],
            claims: "sha256 and md5 of the index, lockfiles and explicit lists",
            facts: "build timestamp, licence"
        )
    }
}
