public import Core

extension OCI {
    public var profile: Profile {
        Profile(
            clients: ["skopeo 1.9", "buildah 1.28"],
            claims: "the digest in the address, and that of each layer in its manifest",
            facts: "created, where the image says so",
            limits: [
                "Registry mode is not possible: a registry is the whole of a host.",
                "Private images need the network.",
            ]
        )
    }
}
