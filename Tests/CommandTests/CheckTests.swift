import Core
import Foundation
import Kernel
import TestKit
import Testing

/// `purser check` on every kind of lockfile, by the built program.
@Suite("What lockfiles pin, judged without a build")
struct CheckTests {
    private static let hex = String(repeating: "a", count: 64)
    private static let integrity = "sha512-\(String(repeating: "A", count: 86))=="
    private static let h1 = "h1:\(String(repeating: "A", count: 43))="

    /// A lockfile of each name that is read, with one package that policy blocks.
    static let lockfiles: [(name: String, text: String)] =
        python + node + java + dotted + conda + others

    private static let python: [(name: String, text: String)] = {
        let files = "files = [{file = \"demo-1.0.tar.gz\", hash = \"sha256:\(hex)\"}]"
        let package = "[[package]]\nname = \"demo\"\nversion = \"1.0\"\n"
        let source = "{ url = \"https://files.pythonhosted.org/demo-1.0.tar.gz\", hash = \"sha256:\(hex)\" }"
        return [
            ("requirements-dev.txt", "demo==1.0 --hash=sha256:\(hex)\n"),
            ("uv.lock", "\(package)source = { registry = \"https://pypi.org/simple\" }\nsdist = \(source)\n"),
            ("poetry.lock", "\(package)\(files)\n"), ("pdm.lock", "\(package)\(files)\n"),
            (
                "pylock.toml",
                "[[packages]]\nname = \"demo\"\nversion = \"1.0\"\n[packages.sdist]\nname = \"demo-1.0.tar.gz\"\n"
                    + "hashes = {sha256 = \"\(hex)\"}\n"
            ),
            ("Pipfile.lock", "{\"default\":{\"demo\":{\"hashes\":[\"sha256:\(hex)\"],\"version\":\"==1.0\"}}}"),
        ]
    }()

    private static let node: [(name: String, text: String)] = {
        let entry = "{\"version\":\"1.0.0\",\"integrity\":\"\(integrity)\"}"
        let npm = "{\"lockfileVersion\":3,\"packages\":{\"node_modules/demo\":\(entry)}}"
        let tarball = "https://registry.yarnpkg.com/demo/-/demo-1.0.0.tgz"
        return [
            ("package-lock.json", npm), ("npm-shrinkwrap.json", npm),
            ("yarn.lock", "# yarn lockfile v1\n\ndemo@^1.0.0:\n  version \"1.0.0\"\n  resolved \"\(tarball)\"\n"),
            (
                "pnpm-lock.yaml",
                "lockfileVersion: '9.0'\npackages:\n  demo@1.0.0:\n    resolution: {integrity: \(integrity)}\n"
            ),
            (
                "bun.lock",
                "{\"lockfileVersion\":1,\"packages\":{\"demo\":[\"demo@1.0.0\",\"\",{},\"\(integrity)\"]}}"
            ),
            ("deno.lock", "{\"version\":\"5\",\"npm\":{\"demo@1.0.0\":{\"integrity\":\"\(integrity)\"}}}"),
        ]
    }()

    private static let java: [(name: String, text: String)] = [
        ("gradle.lockfile", "org.demo:demo:1.0=compileClasspath\n"),
        (
            "verification-metadata.xml",
            "<verification-metadata><components><component group=\"org.demo\" name=\"demo\" version=\"1.0\">"
                + "<artifact name=\"demo-1.0.jar\"><sha256 value=\"\(hex)\"/></artifact></component></components>"
                + "</verification-metadata>"
        ),
    ]

    private static let dotted: [(name: String, text: String)] = {
        let gems = "GEM\n  remote: https://rubygems.org/\n  specs:\n    demo (1.0.0)\n\nDEPENDENCIES\n  demo\n"
        let sum = "example.com/demo v1.0.0 \(h1)\n"
        return [
            ("Gemfile.lock", gems), ("gems.locked", gems), ("a.gemfile.lock", gems), ("go.sum", sum),
            ("go.work.sum", sum),
            (
                ".terraform.lock.hcl",
                "provider \"registry.terraform.io/example/demo\" {\n  version = \"1.0.0\"\n  hashes = [\"\(h1)\"]\n}\n"
            ),
        ]
    }()

    private static let conda: [(name: String, text: String)] = {
        let url = "https://conda.anaconda.org/conda-forge/noarch/demo-1.0-py_0.conda"
        let explicit = "@EXPLICIT\n\(url)#\(hex.prefix(32))\n"
        let explicits = ["linux-64", "linux-aarch64", "osx-64", "osx-arm64", "win-64"].map {
            (name: "conda-\($0).lock", text: explicit)
        }
        let package = "- name: demo\n  version: '1.0'\n  manager: conda\n  platform: linux-64\n  url: \(url)\n"
        return explicits + [
            ("explicit.txt", explicit),
            ("conda-lock.yml", "version: 1\npackage:\n\(package)  hash: {sha256: \(hex)}\n"),
            ("pixi.lock", "version: 6\npackages:\n- conda: \(url)\n  sha256: \(hex)\n"),
        ]
    }()

    private static let others: [(name: String, text: String)] = {
        let dist = "{\"type\":\"zip\",\"url\":\"https://api.github.com/repos/acme/demo/zipball/7d\",\"shasum\":\"\"}"
        let chart = "- name: demo\n  repository: https://charts.example.org\n  version: 1.0.0\n"
        let registry = "registry+https://github.com/rust-lang/crates.io-index"
        let pin = "\"kind\":\"remoteSourceControl\",\"location\":\"https://github.com/acme/demo.git\""
        let revision = "\"state\":{\"revision\":\"\(hex.prefix(40))\",\"version\":\"1.0.0\"}"
        let rpm = "https://cdn-ubi.redhat.com/content/os/Packages/d/demo-1.0-1.el9.x86_64.rpm"
        return [
            ("composer.lock", "{\"packages\":[{\"name\":\"acme/demo\",\"version\":\"1.0.0\",\"dist\":\(dist)}]}"),
            (
                "packages.lock.json",
                "{\"version\":1,\"dependencies\":{\"net8.0\":{\"Demo\":{\"type\":\"Direct\",\"resolved\":\"1.0.0\"}}}}"
            ),
            ("Chart.lock", "dependencies:\n\(chart)"), ("requirements.lock", "dependencies:\n\(chart)"),
            (
                "Cargo.lock",
                "version = 4\n[[package]]\nname = \"demo\"\nversion = \"1.0.0\"\nsource = \"\(registry)\"\n"
                    + "checksum = \"\(hex)\"\n"
            ),
            (
                "rpms.lock.yaml",
                "lockfileVersion: 1\narches:\n- arch: x86_64\n  packages:\n  - url: \(rpm)\n    name: demo\n"
                    + "    evr: 1.0-1.el9\n    checksum: sha256:\(hex)\n"
            ),
            (
                "mix.lock",
                "%{\n  \"demo\": {:hex, :demo, \"1.0.0\", \"\(hex)\", [:mix], [], \"hexpm\", \"\(hex)\"},\n}\n"
            ),
            ("rebar.lock", "{\"1.2.0\",\n[{<<\"demo\">>,{pkg,<<\"demo\">>,<<\"1.0.0\">>},0}]}.\n[{pkg_hash,[]}].\n"),
            (
                "manifest.toml",
                "packages = [\n  { name = \"demo\", version = \"1.0.0\", source = \"hex\", outer_checksum = \"\(hex)\" },\n]\n"
            ),
            (
                "pubspec.lock",
                "packages:\n  demo:\n    description: {name: demo, sha256: \(hex), url: 'https://pub.dev'}\n"
                    + "    source: hosted\n    version: '1.0.0'\n"
            ),
            ("Package.resolved", "{\"pins\":[{\"identity\":\"demo\",\(pin),\(revision)}],\"version\":3}"),
        ]
    }()

    private static let blocked = [
        "pypi/demo", "npm/demo", "maven/org.demo/demo", "gem/demo", "golang/example.com/demo", "terraform/example/demo",
        "conda/demo", "composer/acme/demo", "nuget/Demo", "helm/demo", "cargo/demo", "rpm/*/demo", "rpm/demo",
        "hex/demo",
        "pub/demo", "github/acme/demo",
    ]

    @Test func everyNameIsReadAndItsPinsAreJudgedWithNoNetwork() async throws {
        let stage = try Stage()
        let list = Self.blocked.map { "\"pkg:\($0)\"" }.joined(separator: ", ")
        try write("version: 1\nmode: enforce\nrules: { block: [\(list)] }\n", "purser.yml", stage)
        for (name, text) in Self.lockfiles { try write(text, name, stage) }
        let names = Self.lockfiles.map(\.name).joined(separator: " ")
        let report = try await stage.shell("purser check --offline \(names)")
        let text = report.outputText + report.errorText
        #expect(report.exit.status == 3, "\(text)")
        for name in Self.lockfiles.map(\.name) {
            let line = report.outputText.split(separator: "\n").first { $0.hasPrefix("\(name): ") }
            #expect(line?.hasPrefix("\(name): 1 pin, 1 denied, ") == true, "\(name): \(line ?? "")\n\(text)")
        }
        #expect(stage.upstream.heads.isEmpty)
    }

    @Test func noNameThatIsReadIsMissingAbove() async throws {
        let stage = try Stage()
        let report = try await stage.shell("touch notes.md; purser check notes.md")
        let list = try #require(report.errorText.firstRange(of: "Name one of these: "))
        let names = report.errorText[list.upperBound...].prefix { $0 != "\n" }.dropLast().split(separator: ",")
        #expect(names.count > 30)
        for name in names.map({ $0.drop { $0 == " " } }) {
            let parts = name.split(separator: "*", omittingEmptySubsequences: false)
            let isThere = Self.lockfiles.contains {
                parts.count == 1 ? $0.name == name : $0.name.hasPrefix(parts[0]) && $0.name.hasSuffix(parts[1])
            }
            #expect(isThere, "\(name)")
        }
    }

    /// Every index of both files is asked for before one of them is answered, each once, and nothing else is.
    @Test func allFilesAreOneBatchOfRequests() async throws {
        let stage = try Stage()
        let fake = try await TestKit.FakeUpstream.start()
        let gate = Gate()
        let python = (1...3).map { "p\($0)" }
        let rust = (1...3).map { "r\($0)x" }
        fake.serve(below: "/") { [weak fake] _ in
            if fake?.requests.count ?? 0 >= 6 { gate.open() }
            await gate.wait()
            return TestKit.FakeAnswer(status: 404)
        }
        try write(
            python.flatMap { [$0, $0] }.map { "\($0)==1.0 --hash=sha256:\(Self.hex)\n" }.joined(),
            "requirements.txt",
            stage
        )
        let source = "registry+https://github.com/rust-lang/crates.io-index"
        let crates = rust.map {
            "[[package]]\nname = \"\($0)\"\nversion = \"1.0.0\"\nsource = \"\(source)\"\nchecksum = \"\(Self.hex)\"\n"
        }
        try write("version = 4\n\(crates.joined())", "Cargo.lock", stage)
        let report = try await stage.shell(
            "purser check requirements.txt Cargo.lock",
            environment: ["PURSER_UPSTREAM": "pypi=\(fake.origin)/pypi\ncargo=\(fake.origin)/cargo"]
        )
        #expect(report.exit.status == 0, "\(report.errorText)")
        #expect(
            report.outputText.contains("requirements.txt: 3 pins") && report.outputText.contains("Cargo.lock: 3 pins")
        )
        let asked = fake.requests.map(\.target).filter { target in
            python.contains { target.contains("/\($0)/") } || rust.contains { target.hasSuffix("/\($0)") }
        }
        #expect(Set(asked).count == 6 && asked.count == 6, "\(fake.requests.map(\.target))")
    }

    /// The registry is asked for everything at once, told of nothing that may not leave, and no index is asked then.
    @Test func factsOfAllPinsComeFromTheRegistryInOneRequest() async throws {
        let stage = try Stage()
        let registry = try await TestKit.FakeUpstream.start()
        let published = Timestamp(seconds: Int64(Date().timeIntervalSince1970) - 3_600)
        func told(_ name: String, _ time: String) -> String {
            "{\"package\":\"pkg:\(name)\",\"releases\":[{\"purl\":\"pkg:\(name)@1.0.0\",\"published\":\"\(time)\","
                + "\"basis\":\"registry-time\",\"files\":[]}]}"
        }
        let answer = "{\"packages\":[\(told("npm/demo", "\(published)")),\(told("npm/old", "2020-01-01T00:00:00Z"))]}"
        registry.serve("/api/v1/facts", TestKit.FakeAnswer(answer, type: "application/json"))
        let rules = "rules: { min_age: { days: 3 }, namespace.internal: [\"pkg:npm/secret\"] }\n"
        try write("version: 1\nmode: enforce\n\(rules)", "purser.yml", stage)
        let entries = ["demo", "old", "secret"].map {
            "\"node_modules/\($0)\":{\"version\":\"1.0.0\",\"integrity\":\"\(Self.integrity)\"}"
        }
        try write(
            "{\"lockfileVersion\":3,\"packages\":{\(entries.joined(separator: ","))}}",
            "package-lock.json",
            stage
        )
        let report = try await stage.shell("env -u PURSER_UPSTREAM purser check --registry \(registry.origin)")
        #expect(report.exit.status == 3, "\(report.outputText)\(report.errorText)")
        #expect(report.outputText.contains("pkg:npm/demo@1.0.0  denied  min_age: is 1 h old"), "\(report.outputText)")
        #expect(report.outputText.contains("package-lock.json: 3 pins, 2 denied"), "\(report.outputText)")
        let asked = registry.requests.filter { $0.target.hasPrefix("/api/v1/f") }
        #expect(asked.map(\.target) == ["/api/v1/facts"], "\(registry.requests.map(\.target))")
        let body = String(decoding: asked.first?.body ?? [], as: UTF8.self)
        #expect(body.contains("pkg:npm/demo@1.0.0") && !body.contains("secret"), "\(body)")
        await registry.stop()
    }

    /// A crate of a registry of one's own is asked for there, or nowhere.
    @Test func whatALockfileTakesFromElsewhereIsNotAskedOfThePublicRegistry() async throws {
        let stage = try Stage()
        let fake = try await TestKit.FakeUpstream.start()
        fake.serve(below: "/") { _ in TestKit.FakeAnswer(status: 404) }
        let crates = [("mine", "sparse+\(fake.origin)/private/"), ("hers", "registry+ssh://git@example.org/index")].map
        {
            "[[package]]\nname = \"\($0)\"\nversion = \"1.0.0\"\nsource = \"\($1)\"\nchecksum = \"\(Self.hex)\"\n"
        }
        try write("version = 4\n\(crates.joined())", "Cargo.lock", stage)
        let report = try await stage.shell(
            "purser check --origin cargo=\(fake.origin)/private/ Cargo.lock",
            environment: ["PURSER_UPSTREAM": "cargo=\(fake.origin)/cargo"]
        )
        #expect(report.outputText.contains("Cargo.lock: 2 pins"), "\(report.outputText)\(report.errorText)")
        let asked = fake.requests.map(\.target)
        #expect(asked.contains("/private/mi/ne/mine") && asked.allSatisfy { $0.hasPrefix("/private/") }, "\(asked)")
        #expect(!asked.contains { $0.contains("hers") }, "\(asked)")
        await fake.stop()
    }

    /// There is no public registry of charts: the lockfile says where each index is, and one is asked for once.
    @Test func aChartIsJudgedByTheIndexThatItsLockfileNames() async throws {
        let stage = try Stage()
        let fake = try await TestKit.FakeUpstream.start()
        let place = "\(fake.origin)/charts"
        let day = Timestamp(seconds: Int64(Date().timeIntervalSince1970) - 3_600)
        let charts = [("demo", "\(day)"), ("other", "2020-01-01T00:00:00Z")].map { name, created in
            "  \(name):\n  - {name: \(name), version: 1.0.0, created: '\(created)', digest: \(Self.hex), urls: [\(name)-1.0.0.tgz]}\n"
        }
        serve("apiVersion: v1\nentries:\n\(charts.joined())", at: "/charts/index.yaml", fake)
        try write("version: 1\nmode: enforce\nrules: { min_age: { days: 3 } }\n", "purser.yml", stage)
        let pins = ["demo", "other"].map { "- {name: \($0), repository: '\(place)', version: 1.0.0}\n" }
        try write("dependencies:\n\(pins.joined())", "Chart.lock", stage)
        let report = try await stage.shell("purser check --origin helm=\(fake.origin)/charts/ Chart.lock")
        let text = report.outputText + report.errorText
        #expect(report.outputText.contains("demo@1.0.0") && text.contains("is 1 h old"), "\(text)")
        #expect(report.outputText.contains("Chart.lock: 2 pins"), "\(text)")
        #expect(!report.outputText.contains("other@1.0.0"), "\(text)")
        #expect(fake.requests.contains { $0.target == "/charts/index.yaml" }, "\(fake.requests.map(\.target))")
        await fake.stop()
    }

    private func serve(_ text: String, at path: String, _ fake: TestKit.FakeUpstream) {
        fake.serve(path, TestKit.FakeAnswer(text, type: "application/yaml"))
    }

    private func write(_ text: String, _ name: String, _ stage: Stage) throws {
        try Files.writeAtomically("\(stage.job)/\(name)", Array(text.utf8), durably: false)
    }
}
