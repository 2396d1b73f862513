public import Core

extension Npm {
    public var profile: Profile {
        Profile(
            clients: ["npm 10.8", "Yarn 1.22"],
            claims: "sha512 or sha1 of the index and of lockfiles; the name inside tarballs",
            facts: "registry time, deprecated, trusted publisher and provenance, licence, install scripts",
            limits: [
                "Yarn 1 shows why a tarball is refused as an address that it cannot follow.",
                "Bun's binary lockfile (bun.lockb) is not read.",
                "Packages of jsr.io come as files by address.",
            ]
        )
    }
}
