public import Core

extension Cargo {
    public var profile: Profile {
        Profile(
            clients: ["cargo 1.95"],
            claims: "cksum of the index (SHA-256) and of Cargo.lock; the name inside a crate",
            facts: "registry time, yanked; licence and trusted publisher where the API is asked",
            limits: [
                "Indexes that are git repositories are not filtered.",
                "A registry that wants a token is not served offline.",
            ]
        )
    }
}
