internal import Core

/// The purl types there are: a pattern of an unknown type would match nothing and nobody would notice.
enum KnownTypes {
    static func check(_ type: String) throws(Malformed) {
        guard !all.contains(type) else { return }
        let hint = spoken[type.lowercased()] ?? nearestSpelling(of: type.lowercased(), among: all.sorted())
        throw Malformed("'\(type)' is not a purl type\(hint.map { "; did you mean \($0)?" } ?? "")")
    }

    private static let all: Set<String> = [
        "alpm", "apk", "bazel", "bitbucket", "bitnami", "cargo", "chrome-extension", "cocoapods", "composer", "conan",
        "conda", "cpan", "cran", "deb", "docker", "gem", "generic", "git", "github", "gitlab", "golang", "hackage",
        "helm",
        "hex",
        "huggingface", "julia", "luarocks", "maven", "mlflow", "npm", "nuget", "oci", "opam", "otp", "pub", "pypi",
        "qpkg",
        "rpm", "swid", "swift", "terraform", "vscode-extension", "yocto",
    ]

    /// What people call an ecosystem, for the hint.
    private static let spoken: [String: String] = [
        "go": "golang", "python": "pypi", "pip": "pypi", "uv": "pypi", "rubygems": "gem", "ruby": "gem",
        "rust": "cargo",
        "crates": "cargo", "crates.io": "cargo", "debian": "deb", "ubuntu": "deb", "apt": "deb", "node": "npm",
        "javascript": "npm", "java": "maven", "gradle": "maven", "php": "composer", "packagist": "composer",
        "swiftpm": "swift", "dotnet": "nuget", "dart": "pub", "elixir": "hex", "yum": "rpm", "dnf": "rpm",
    ]
}
