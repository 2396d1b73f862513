internal import Manifest

/// The clients of a job as they name themselves in `User-Agent`. Nobody checks that, and a client that does not name
/// itself is not known; but a build that took other files with another pip can be told from one that did not.
enum ClientNames {
    /// Only these are taken down: others might name the day or the machine, and equal builds shall give equal bytes.
    private static let known: [String: String] = [
        "pip": "pip", "uv": "uv", "poetry": "poetry", "pdm": "pdm", "twine": "twine", "cpython": "cpython",
        "npm": "npm", "node": "node", "yarn": "yarn", "pnpm": "pnpm", "bun": "bun", "deno": "deno",
        "cargo": "cargo", "apache-maven": "maven", "gradle": "gradle", "composer": "composer",
        "bundler": "bundler", "rubygems": "rubygems", "ruby": "ruby", "git": "git", "curl": "curl", "wget": "wget",
        "skopeo": "skopeo", "buildah": "buildah", "containers": "containers", "terraform": "terraform",
        "helm": "helm", "swiftpackagemanager": "swiftpm", "dart": "dart", "hex": "hex", "conda": "conda",
    ]

    static func tools(in agent: String) -> [Tool] {
        // apt hides its version behind that of its protocol: `Debian APT-HTTP/1.3 (2.6.1)`.
        if agent.hasPrefix("Debian APT-"), let open = agent.firstIndex(of: "(") {
            let version = agent[agent.index(after: open)...].prefix { $0 != ")" && $0 != " " }
            return tool("apt", version).map { [$0] } ?? []
        }
        // What stands in brackets is a remark, often on the machine.
        let words = agent.prefix { $0 != "{" && $0 != "(" }.split(separator: " ").prefix(8)
        return words.compactMap { word in
            let parts = word.split(separator: "/", maxSplits: 1)
            guard parts.count == 2, let name = known[parts[0].lowercased()] else { return nil }
            return tool(name, parts[1].hasPrefix("v") ? parts[1].dropFirst() : parts[1])
        }
    }

    private static func tool(_ name: String, _ version: Substring) -> Tool? {
        let isPlain = version.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF) || ".-+_~".utf8.contains(byte)
        }
        guard isPlain, version.utf8.count <= 40, version.first?.isNumber ?? false else { return nil }
        return Tool(name: name, version: String(version), digest: nil, origin: "named")
    }
}
