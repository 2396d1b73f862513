import TestKit

/// A project on the fake PyPI: pure wheels, each with its metadata beside it.
struct PythonProject {
    /// One release.
    struct Release {
        var version: String
        var published = Moment.old
        var requires: [String] = []
    }

    let name: String
    let releases: [Release]
    /// What the index says further of each file, with a comma before it.
    var more = ""

    func file(_ version: String) -> String { "\(name)-\(version)-py3-none-any.whl" }
    func path(_ version: String) -> String { "/files/packages/\(file(version))" }
    func url(_ version: String) -> String { "https://files.pythonhosted.org/packages/\(file(version))" }
    var indexPath: String { "/pypi/simple/\(name)/" }

    func metadata(_ release: Release) -> [UInt8] {
        let requires = release.requires.map { "Requires-Dist: \($0)\n" }.joined()
        return Array("Metadata-Version: 2.1\nName: \(name)\nVersion: \(release.version)\n\(requires)".utf8)
    }

    func wheel(_ release: Release) -> [UInt8] {
        let folder = "\(name)-\(release.version).dist-info"
        let wheel = "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        let record = ["\(name)/__init__.py", "\(folder)/METADATA", "\(folder)/WHEEL", "\(folder)/RECORD"]
        return Archives.zip([
            ("\(name)/__init__.py", Array("version = '\(release.version)'\n".utf8)),
            ("\(folder)/METADATA", metadata(release)), ("\(folder)/WHEEL", Array(wheel.utf8)),
            ("\(folder)/RECORD", Array(record.map { "\($0),,\n" }.joined().utf8)),
        ])
    }

    func digest(_ version: String) -> String {
        releases.first { $0.version == version }.map { Workshop.hex(wheel($0)) } ?? ""
    }

    /// Puts index, files and sidecars on the fake; a file with these answers where they are given.
    func serve(on fake: FakeUpstream, _ answers: [FakeAnswer] = []) {
        let entries = releases.map { release in
            let bytes = wheel(release)
            fake.serve("/pypi/pypi/\(name)/\(release.version)/json", releasePage(release, bytes))
            let sidecar = "{\"sha256\":\"\(Workshop.hex(metadata(release)))\"}"
            fake.serve(path(release.version), answers.isEmpty ? [FakeAnswer(bytes)] : answers)
            fake.serve(path(release.version) + ".metadata", FakeAnswer(metadata(release)))
            return """
                {"filename":"\(file(release.version))","url":"\(url(release.version))","size":\(bytes.count),\
                "hashes":{"sha256":"\(Workshop.hex(bytes))"},"upload-time":"\(release.published)",\
                "core-metadata":\(sidecar),"data-dist-info-metadata":\(sidecar),"yanked":false\(more)}
                """
        }
        let versions = releases.map { "\"\($0.version)\"" }.joined(separator: ",")
        let page = """
            {"meta":{"api-version":"1.1"},"name":"\(name)","versions":[\(versions)],\
            "files":[\(entries.joined(separator: ","))]}
            """
        fake.serve(indexPath, FakeAnswer(page, type: "application/vnd.pypi.simple.v1+json"))
    }

    /// What Poetry reads of one release.
    private func releasePage(_ release: Release, _ bytes: [UInt8]) -> FakeAnswer {
        let requires = release.requires.map { "\"\($0)\"" }.joined(separator: ",")
        let text = """
            {"info":{"name":"\(name)","version":"\(release.version)","summary":"","requires_dist":[\(requires)],\
            "requires_python":null,"yanked":false},"urls":[{"filename":"\(file(release.version))",\
            "url":"\(url(release.version))","digests":{"sha256":"\(Workshop.hex(bytes))"},"packagetype":"bdist_wheel",\
            "size":\(bytes.count),"upload_time_iso_8601":"\(release.published)","yanked":false,"requires_python":null}]}
            """
        return FakeAnswer(text, type: "application/json")
    }

    /// An application `demo` and its only dependency.
    static func demo(on fake: FakeUpstream, young: Bool = false) -> (demo: PythonProject, leaf: PythonProject) {
        var releases = [Release(version: "1.0", requires: ["leaf"])]
        if young { releases.append(Release(version: "2.0", published: Moment.anHourAgo, requires: ["leaf"])) }
        let demo = PythonProject(name: "demo", releases: releases)
        let leaf = PythonProject(name: "leaf", releases: [Release(version: "0.5")])
        demo.serve(on: fake)
        leaf.serve(on: fake)
        return (demo, leaf)
    }
}
