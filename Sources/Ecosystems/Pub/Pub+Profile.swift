public import Core

extension Pub {
    public var profile: Profile {
        Profile(
            clients: [],
            claims: "archive_sha256 of the index and of pubspec.lock",
            facts: "publish time, retracted"
        )
    }
}
