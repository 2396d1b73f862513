import Core
import Crypto
import TestKit

/// A gem on the fake of rubygems.org, for Bundler.
struct RubyGem {
    /// One release.
    struct Release {
        var version: String
        var published = Moment.old
        /// Of the gem `leaf`.
        var needsLeaf = false
    }

    let name: String
    let releases: [Release]

    func path(_ version: String) -> String { "/gem/gems/\(name)-\(version).gem" }

    func bytes(_ release: Release) -> [UInt8] {
        let code = "\(name.uppercased()) = '\(release.version)'\n"
        return Archives.tar([
            ("metadata.gz", Archives.gzip(Array(metadata(release).utf8))),
            ("data.tar.gz", Archives.gzip(Archives.tar([("lib/\(name).rb", Array(code.utf8))]))),
        ])
    }

    private static let needOfLeaf = """
        dependencies:
        - !ruby/object:Gem::Dependency
          name: leaf
          requirement: &id1 !ruby/object:Gem::Requirement
            requirements:
            - - ">="
              - !ruby/object:Gem::Version
                version: '1'
          type: :runtime
          prerelease: false
          version_requirements: *id1
        """

    private func metadata(_ release: Release) -> String {
        let any = "\n  requirements:\n  - - \">=\"\n    - !ruby/object:Gem::Version\n      version: '0'"
        return """
            --- !ruby/object:Gem::Specification
            name: \(name)
            version: !ruby/object:Gem::Version
              version: \(release.version)
            platform: ruby
            authors:
            - nobody
            bindir: bin
            cert_chain: []
            date: 2023-01-02 00:00:00.000000000 Z
            \(release.needsLeaf ? RubyGem.needOfLeaf : "dependencies: []")
            executables: []
            extensions: []
            extra_rdoc_files: []
            files:
            - lib/\(name).rb
            licenses:
            - MIT
            metadata: {}
            require_paths:
            - lib
            required_ruby_version: !ruby/object:Gem::Requirement\(any)
            required_rubygems_version: !ruby/object:Gem::Requirement\(any)
            requirements: []
            rubygems_version: 3.3.15
            specification_version: 4
            summary: One of a test
            test_files: []

            """
    }

    /// The page `/info/NAME`.
    private var page: String {
        let lines = releases.map { release in
            let digest = Workshop.hex(bytes(release))
            let need = release.needsLeaf ? "leaf:>= 1" : ""
            return "\(release.version) \(need)|checksum:\(digest),created_at:\(release.published)\n"
        }
        return "---\n" + lines.joined()
    }

    /// Puts the gems and their indexes on the fake.
    static func serve(_ gems: [RubyGem], on fake: FakeUpstream) {
        var list = "created_at: 2026-01-01T00:00:00Z\n---\n"
        for gem in gems {
            fake.serve("/gem/info/\(gem.name)", FakeAnswer(gem.page, type: "text/plain").tagged("\"\(gem.name)\""))
            for release in gem.releases { fake.serve(gem.path(release.version), FakeAnswer(gem.bytes(release))) }
            let sum = Insecure.MD5.hash(data: Array(gem.page.utf8))
            let versions = gem.releases.map(\.version).joined(separator: ",")
            list += "\(gem.name) \(versions) \(Hex.encode(Array(sum)))\n"
        }
        fake.serve("/gem/versions", FakeAnswer(list, type: "text/plain").tagged("\"list\""))
    }

    /// A gem `demo` and its only dependency.
    static func demo(on fake: FakeUpstream, young: Bool = false) -> (demo: RubyGem, leaf: RubyGem) {
        var releases = [Release(version: "1.0.0", needsLeaf: true)]
        if young { releases.append(Release(version: "1.1.0", published: Moment.anHourAgo, needsLeaf: true)) }
        let demo = RubyGem(name: "demo", releases: releases)
        let leaf = RubyGem(name: "leaf", releases: [Release(version: "1.2.0")])
        serve([demo, leaf], on: fake)
        return (demo, leaf)
    }
}
