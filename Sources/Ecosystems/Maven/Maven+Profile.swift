public import Core

extension Maven {
    public var profile: Profile {
        Profile(
            clients: ["Maven 3.8.7", "Gradle 4.4.1"],
            claims: "sha1, sha256 and sha512 beside the file; verification-metadata.xml",
            facts: "Last-Modified",
            limits: [
                "Intercept only: settings files are replaced whole.",
                "A file with nothing but a sha1 beside it counts as unclaimed.",
            ]
        )
    }
}
