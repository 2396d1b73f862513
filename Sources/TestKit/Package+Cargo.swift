internal import Core
internal import Storage

extension Package {
    /// A crate on crates.io.
    public static func cargo(_ name: String, _ one: Listed, _ all: [Listed]) -> Package {
        let lines = all.map { listed in
            let dependencies = listed.more.contains("\"deps\"") ? listed.more : ",\"deps\":[]"
            return """
                {"name":"\(name)","vers":"\(listed.version)"\(dependencies),"cksum":"\(Digest.sha256(of: listed.bytes).hex)",\
                "features":{},"yanked":\(listed.more.contains("yanked")),"pubtime":"\(listed.published)"}

                """
        }
        let place = "\(name.prefix(2))/\(name.dropFirst(2).prefix(2))/\(name)"
        let path = "crates/\(name)/\(one.version)/download"
        return Package(
            kind: .cargo,
            purl: "pkg:cargo/\(name)@\(one.version)",
            file: "\(name)-\(one.version).crate",
            bytes: one.bytes,
            index: "https://index.crates.io/\(place)",
            accept: "text/plain",
            url: "https://static.crates.io/\(path)",
            indexPath: "/cargo/\(place)",
            path: "/crates/\(path)",
            indexAnswer: FakeAnswer(lines.joined(), type: "text/plain")
        )
    }

    /// What `cargo package` makes.
    public static func crate(_ name: String, _ version: String, _ filling: [UInt8]) -> [UInt8] {
        let manifest = "[package]\nname = \"\(name)\"\nversion = \"\(version)\"\nedition = \"2021\"\n"
        let folder = "\(name)-\(version)"
        return Archives.gzip(
            Archives.tar([
                ("\(folder)/Cargo.toml", Array(manifest.utf8)), ("\(folder)/src/filling.bin", filling),
                ("\(folder)/src/lib.rs", Array("pub const VERSION: &str = \"\(version)\";\n".utf8)),
            ])
        )
    }
}
