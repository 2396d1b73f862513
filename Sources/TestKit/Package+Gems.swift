internal import Core
internal import Storage

extension Package {
    /// A gem's archive, as far as it is looked into.
    static func gemFile(_ name: String, _ version: String, _ filling: [UInt8]) -> [UInt8] {
        let metadata = """
            --- !ruby/object:Gem::Specification
            name: \(name)
            version: !ruby/object:Gem::Version
              version: \(version)
            platform: ruby

            """
        return Archives.tar([
            ("metadata.gz", Archives.gzip(Array(metadata.utf8))),
            ("data.tar.gz", Archives.gzip(Archives.tar([("lib/\(name).rb", filling)]))),
        ])
    }

    static func gem(_ name: String, _ one: Listed, _ all: [Listed]) -> Package {
        let lines = all.map { listed in
            let digest = Core.Digest.sha256(of: listed.bytes).hex
            return "\(listed.version) |checksum:\(digest),ruby:>= 2.0,created_at:\(listed.published)\n"
        }
        let file = "\(name)-\(one.version).gem"
        return Package(
            kind: .gem,
            purl: "pkg:gem/\(name)@\(one.version)",
            file: file,
            bytes: one.bytes,
            index: "https://index.rubygems.org/info/\(name)",
            accept: "*/*",
            url: "https://rubygems.org/gems/\(file)",
            indexPath: "/gem/info/\(name)",
            path: "/gem/gems/\(file)",
            indexAnswer: FakeAnswer("---\n" + lines.joined(), type: "text/plain")
        )
    }

    static func rpm(_ name: String, _ one: Listed, _ all: [Listed]) -> Package {
        func file(_ version: String) -> String { "\(name)-\(version)-1.noarch.rpm" }
        let packages = all.map { listed in
            """
            <package type="rpm"><name>\(name)</name><arch>noarch</arch><version epoch="0" ver="\(listed.version)" rel="1"/>
            <checksum type="sha256" pkgid="YES">\(Core.Digest.sha256(of: listed.bytes).hex)</checksum>
            <location href="Packages/\(file(listed.version))"/></package>
            """
        }
        return Package(
            kind: .rpm,
            purl: "pkg:rpm/fedora/\(name)@\(one.version)-1?arch=noarch",
            file: file(one.version),
            bytes: one.bytes,
            index: "https://dl.fedoraproject.org/os/repodata/primary.xml",
            accept: "",
            url: "https://dl.fedoraproject.org/os/Packages/\(file(one.version))",
            indexPath: "/rpm/os/repodata/primary.xml",
            path: "/rpm/os/Packages/\(file(one.version))",
            indexAnswer: FakeAnswer("<metadata>\n\(packages.joined(separator: "\n"))\n</metadata>\n", type: "text/xml")
        )
    }

    static func hex(_ name: String, _ one: Listed, _ all: [Listed]) -> Package {
        let releases = all.flatMap { listed in
            let digest = Core.Digest.sha256(of: listed.bytes).bytes
            return field(1, field(1, Array(listed.version.utf8)) + field(2, digest) + field(5, digest))
        }
        let package = releases + field(2, Array(name.utf8)) + field(3, Array("hexpm".utf8))
        let signed = field(1, package) + field(2, [UInt8](repeating: 1, count: 256))
        let file = "\(name)-\(one.version).tar"
        return Package(
            kind: .hex,
            purl: "pkg:hex/\(name)@\(one.version)",
            file: file,
            bytes: one.bytes,
            index: "https://repo.hex.pm/packages/\(name)",
            accept: "",
            url: "https://repo.hex.pm/tarballs/\(file)",
            indexPath: "/hex/packages/\(name)",
            path: "/hex/tarballs/\(file)",
            indexAnswer: FakeAnswer(Archives.gzip(signed))
        )
    }

    /// A field of bytes in a protobuf message.
    private static func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
        var length: [UInt8] = []
        var rest = bytes.count
        repeat {
            length.append(UInt8(rest & 0x7F) | (rest > 0x7F ? 0x80 : 0))
            rest >>= 7
        } while rest > 0
        return [number << 3 | 2] + length + bytes
    }

    static func pub(_ name: String, _ one: Listed, _ all: [Listed]) -> Package {
        func file(_ version: String) -> String { "\(name)-\(version).tar.gz" }
        let versions = all.map { listed in
            """
            {"version":"\(listed.version)","pubspec":{"name":"\(name)","version":"\(listed.version)"},"archive_url":\
            "https://pub.dev/api/archives/\(file(listed.version))","archive_sha256":\
            "\(Core.Digest.sha256(of: listed.bytes).hex)","published":"\(listed.published)"}
            """
        }
        let document = """
            {"name":"\(name)","latest":\(versions.last ?? "{}"),"versions":[\(versions.joined(separator: ","))]}
            """
        return Package(
            kind: .pub,
            purl: "pkg:pub/\(name)@\(one.version)",
            file: file(one.version),
            bytes: one.bytes,
            index: "https://pub.dev/api/packages/\(name)",
            accept: "application/vnd.pub.v2+json",
            url: "https://pub.dev/api/archives/\(file(one.version))",
            indexPath: "/pub/api/packages/\(name)",
            path: "/pub/api/archives/\(file(one.version))",
            indexAnswer: FakeAnswer(document, type: "application/vnd.pub.v2+json")
        )
    }
}
