internal import Core
internal import Storage

/// A release of a Go module as a module proxy and the checksum database serve it.
public struct GoModule: Sendable {
    public let path: String
    public let version: String
    public let time: String
    public let zip: [UInt8]
    public let modFile: String

    public init(_ path: String, _ version: String, time: String = "2026-01-10T08:00:00Z", files: [Archives.Entry] = [])
    {
        self.path = path
        self.version = version
        self.time = time
        modFile = "module \(path)\n"
        let entries = [("go.mod", Array(modFile.utf8))] + files + [("a.go", Array("package a // \(version)\n".utf8))]
        zip = Archives.zip(entries.map { ("\(path)@\(version)/\($0.0)", $0.1) })
        let lines = entries.map { "\(Digest.sha256(of: $0.1).hex)  \(path)@\(version)/\($0.0)\n" }
        h1 = GoModule.hash(lines.sorted { $0.dropFirst(66) < $1.dropFirst(66) })
        modHash = GoModule.hash(["\(Digest.sha256(of: Array(modFile.utf8)).hex)  go.mod\n"])
    }

    public let h1: String
    public let modHash: String

    private static func hash(_ lines: [String]) -> String {
        "h1:" + Base64.encode(Digest.sha256(of: Array(lines.joined().utf8)).bytes)
    }

    /// The two lines of go.sum.
    public var sum: String { "\(path) \(version) \(h1)\n\(path) \(version)/go.mod \(modHash)\n" }
    public var url: String { "https://proxy.golang.org/\(path)/@v/\(version)" }
    /// Where the fake has it, without an ending.
    public var place: String { "/golang/\(path)/@v/\(version)" }
    public var lookup: String { "/golang/sumdb/sum.golang.org/lookup/\(path)@\(version)" }
    /// The database's record, whose signature only clients check.
    public var record: String { "7\n\(sum)\ngo.sum database tree\n67\nAAAA\n\n— sum.golang.org BBBB\n" }

    /// Serves everything of these releases of one module.
    public static func serve(_ modules: [GoModule], on fake: FakeUpstream, hasDatabase: Bool = true) {
        for module in modules {
            let info = "{\"Version\":\"\(module.version)\",\"Time\":\"\(module.time)\"}"
            fake.serve("\(module.place).info", FakeAnswer(info, type: "application/json"))
            fake.serve("\(module.place).mod", FakeAnswer(module.modFile, type: "text/plain"))
            fake.serve("\(module.place).zip", FakeAnswer(module.zip, type: "application/zip"))
            if hasDatabase { fake.serve(module.lookup, FakeAnswer(module.record, type: "text/plain")) }
            let list = modules.filter { $0.path == module.path }.map { "\($0.version)\n" }.joined()
            fake.serve("/golang/\(module.path)/@v/list", FakeAnswer(list, type: "text/plain"))
        }
    }

    /// The zip as transcripts speak of a file.
    public var package: Package {
        Package(
            kind: .unpinned,
            purl: "pkg:golang/\(path)@\(version)",
            file: "\(version).zip",
            bytes: zip,
            index: "https://proxy.golang.org/\(path)/@v/list",
            accept: "",
            url: "\(url).zip",
            indexPath: "/golang/\(path)/@v/list",
            path: "\(place).zip",
            indexAnswer: FakeAnswer()
        )
    }
}
