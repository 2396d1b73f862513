public import Core
internal import Crypto
internal import Storage

extension Package {
    /// A package of `size` bytes or a little more.
    public static func make(
        _ kind: Kind,
        size: Int = 2_000,
        name: String = "demo",
        version: String = "1.0.0"
    ) -> Package {
        let one = Listed(version, bytes: bytes(kind, name, version, size))
        return make(kind, name, one, [one])
    }

    /// One of several releases of which an index tells; files by URL have none.
    public static func make(_ kind: Kind, _ name: String, _ one: Listed, _ all: [Listed]) -> Package {
        switch kind {
        case .pypi: pypi(name, one, all)
        case .npm: npm(name, one, all)
        case .deb: deb(name, one, all)
        case .cargo: cargo(name, one, all)
        case .maven: maven(name, one, all)
        case .composer: composer(name, one, all)
        case .gem: gem(name, one, all)
        case .rpm: rpm(name, one, all)
        case .hex: hex(name, one, all)
        case .pub: pub(name, one, all)
        case .pinned, .unpinned: generic(kind, name, one)
        }
    }

    /// The file of a release.
    public static func bytes(_ kind: Kind, _ name: String, _ version: String, _ size: Int) -> [UInt8] {
        let filling = noise(size, seed: UInt64(version.utf8.reduce(7) { $0 &* 31 &+ Int($1) }))
        switch kind {
        case .pypi:
            let metadata = "Metadata-Version: 2.1\nName: \(name)\nVersion: \(version)\n\n"
            let folder = "\(name)-\(version).dist-info"
            let wheel = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            return Archives.zip([
                ("\(name)/__init__.py", filling), ("\(folder)/METADATA", Array(metadata.utf8)),
                ("\(folder)/WHEEL", Array(wheel.utf8)), ("\(folder)/RECORD", []),
            ])
        case .npm:
            let manifest = "{\"name\":\"\(name)\",\"version\":\"\(version)\"}"
            return Archives.gzip(
                Archives.tar([("package/package.json", Array(manifest.utf8)), ("package/index.js", filling)])
            )
        case .deb:
            let control = "Package: \(name)\nVersion: \(version)\nArchitecture: amd64\nDescription: one\n"
            return Archives.deb(control: control, data: [("./usr/share/\(name)", filling)])
        case .cargo: return crate(name, version, filling)
        case .composer:
            let manifest = "{\"name\":\"test/\(name)\"}"
            return Archives.zip([
                ("\(name)-1/composer.json", Array(manifest.utf8)), ("\(name)-1/index.php", filling),
            ])
        case .gem: return gemFile(name, version, filling)
        case .pub: return Archives.gzip(Archives.tar([("lib/\(name).dart", filling)]))
        case .maven, .rpm, .hex, .pinned, .unpinned: return filling
        }
    }

    /// A PyPI project; `one` is the release whose file is asked for.
    public static func pypi(_ name: String, _ one: Listed, _ all: [Listed]) -> Package {
        func file(_ version: String) -> String { "\(name)-\(version)-py3-none-any.whl" }
        let files = all.map { listed in
            """
            {"filename":"\(file(listed.version))","url":"https://files.pythonhosted.org/packages/\(file(listed.version))",\
            "hashes":{"sha256":"\(Core.Digest.sha256(of: listed.bytes).hex)"},"size":\(listed.bytes.count),\
            "upload-time":"\(listed.published)"\(listed.more)}
            """
        }
        let versions = all.map { "\"\($0.version)\"" }.joined(separator: ",")
        let page = """
            {"meta":{"api-version":"1.1"},"name":"\(name)","versions":[\(versions)],"files":[\(files.joined(separator: ","))]}
            """
        return Package(
            kind: .pypi,
            purl: "pkg:pypi/\(name)@\(one.version)",
            file: file(one.version),
            bytes: one.bytes,
            index: "https://pypi.org/simple/\(name)/",
            accept: "application/vnd.pypi.simple.v1+json",
            url: "https://files.pythonhosted.org/packages/\(file(one.version))",
            indexPath: "/pypi/simple/\(name)/",
            path: "/files/packages/\(file(one.version))",
            indexAnswer: FakeAnswer(page, type: "application/vnd.pypi.simple.v1+json")
        )
    }

    /// An npm package.
    public static func npm(_ name: String, _ one: Listed, _ all: [Listed]) -> Package {
        let versions = all.map { listed in
            """
            "\(listed.version)":{"name":"\(name)","version":"\(listed.version)","dist":{"tarball":\
            "https://registry.npmjs.org/\(name)/-/\(name)-\(listed.version).tgz",\
            "integrity":"\(Digest.sha512(of: listed.bytes).integrity)"\(listed.dist)}\(listed.more)}
            """
        }
        let times = all.map { "\"\($0.version)\":\"\($0.published)\"" }.joined(separator: ",")
        let readme = all.contains { $0.more.contains("readmeFilename") } ? ",\"readme\":\"# It is there.\"" : ""
        let document = """
            {"name":"\(name)","dist-tags":{"latest":"\(all.last?.version ?? "")"},\
            "versions":{\(versions.joined(separator: ","))},"time":{\(times)}\(readme)}
            """
        return Package(
            kind: .npm,
            purl: "pkg:npm/\(name)@\(one.version)",
            file: "\(name)-\(one.version).tgz",
            bytes: one.bytes,
            index: "https://registry.npmjs.org/\(name)",
            accept: "application/json",
            url: "https://registry.npmjs.org/\(name)/-/\(name)-\(one.version).tgz",
            indexPath: "/npm/\(name)",
            path: "/npm/\(name)/-/\(name)-\(one.version).tgz",
            indexAnswer: FakeAnswer(document, type: "application/json")
        )
    }

    private static func deb(_ name: String, _ one: Listed, _ all: [Listed]) -> Package {
        func file(_ version: String) -> String { "\(name)_\(version)_amd64.deb" }
        let stanzas = all.map { listed in
            """
            Package: \(name)
            Version: \(listed.version)
            Architecture: amd64
            Filename: pool/main/d/\(name)/\(file(listed.version))
            Size: \(listed.bytes.count)
            SHA256: \(Core.Digest.sha256(of: listed.bytes).hex)

            """
        }
        let index = "debian/dists/stable/main/binary-amd64/Packages"
        return Package(
            kind: .deb,
            purl: "pkg:deb/debian/\(name)@\(one.version)?arch=amd64",
            file: file(one.version),
            bytes: one.bytes,
            index: "http://deb.debian.org/\(index)",
            accept: "",
            url: "http://deb.debian.org/debian/pool/main/d/\(name)/\(file(one.version))",
            indexPath: "/deb/\(index)",
            path: "/deb/debian/pool/main/d/\(name)/\(file(one.version))",
            indexAnswer: FakeAnswer(stanzas.joined(separator: "\n"), type: "text/plain")
        )
    }

    private static func generic(_ kind: Kind, _ name: String, _ one: Listed) -> Package {
        let path = "/gen/\(name)-\(one.version).bin"
        return Package(
            kind: kind,
            purl: "pkg:generic/\(name)@\(one.version)",
            file: "\(name)-\(one.version).bin",
            bytes: one.bytes,
            index: nil,
            accept: "",
            url: "https://files.test" + path,
            indexPath: "",
            path: path,
            indexAnswer: FakeAnswer()
        )
    }

    /// What the lockfile says of a pinned file.
    public var pin: Pin? {
        guard kind == .pinned, let release = try? Purl(parsing: purl), let url = try? HTTPURL(url) else { return nil }
        return Pin(release: release, file: file, url: url, digests: [digest])
    }
}

extension Core.Digest {
    public static func sha512(of bytes: [UInt8]) -> Core.Digest {
        Core.Digest(.sha512, bytes: Array(SHA512.hash(data: bytes))) ?? .sha256(of: bytes)
    }
}
