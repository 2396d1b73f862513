internal import Core

/// A project's simple page in HTML (PEP 503, 592, 658, 714). It is never passed on: a clean page is printed from its links.
struct SimpleHTMLPage: IndexPage {
    private let source: PageSource
    private let page: HTMLPage
    /// Where links start from: the page, or what its `<base>` says.
    private let place: HTTPURL
    private(set) var files: [ListedFile?] = []

    init(_ source: PageSource) throws(Malformed) {
        let page = HTMLPage(source.document.bytes)
        guard page.isWhole else { throw Malformed("the index of \(source.package.name) ends before its page does") }
        var place = source.place
        if let base = page.base { place = try source.place.resolving(base) }
        // Every one counts, since what is printed has only those that say something.
        let versions = SimpleHTMLPage.contents(of: "pypi:repository-version", in: page)
        for version in versions where !version.hasPrefix("1.") {
            throw Malformed("the index of \(source.package.name) speaks version \(version.prefix(20)), not 1")
        }
        let isIndex = !page.anchors.isEmpty || !versions.isEmpty
        guard isIndex || SimpleHTMLPage.names(source.package, source.document.bytes) else {
            throw Malformed("the page has no link and says nothing of \(source.package.name)")
        }
        self.page = page
        self.place = place
        self.source = PageSource(
            document: source.document,
            package: source.package,
            place: place,
            isMoved: source.isMoved
        )
        var seen: Set<String> = []
        files = page.anchors.map { anchor in
            let file = read(anchor)
            return file.map { seen.insert($0.artifact.file).inserted } == true ? file : nil
        }
    }

    /// A project without files has a page of its own that is called after it; a page to log in at is called otherwise.
    private static func names(_ package: Purl, _ bytes: [UInt8]) -> Bool {
        let text = ProjectName.normalized(String(decoding: bytes.prefix(64 << 10), as: UTF8.self))
        return text.contains(package.name)
    }

    var status: Withdrawal? {
        let status = SimpleHTMLPage.contents(of: "pypi:project-status", in: page).first
        guard let status, status != "active" else { return nil }
        let reason = SimpleHTMLPage.contents(of: "pypi:project-status-reason", in: page).first
        return Withdrawal(reason: [status, reason].compactMap(\.self).joined(separator: ": "))
    }

    private static func contents(of name: String, in page: HTMLPage) -> [String] {
        page.metas.filter { $0["name"] == name }.compactMap { $0["content"] }
    }

    private func read(_ anchor: HTMLPage.Element) -> ListedFile? {
        // White space around an address is no part of it (WHATWG URL); pip drops it too.
        guard let reference = anchor["href"]?.trimmingBlanks, let found = source.file(named: nil, at: reference) else {
            return nil
        }
        var artifact = Artifact(file: found.file, url: found.url.withoutFragment)
        artifact.digests = SimpleHTMLPage.digests(in: found.url.fragment)
        artifact.size = anchor["data-size"].flatMap { Int64($0) }.flatMap { $0 >= 0 ? $0 : nil }
        artifact.published = anchor["data-upload-time"].flatMap(PublishTime.init(uploaded:))
        artifact.yanked = anchor["data-yanked"].map { Withdrawal(reason: $0) }
        artifact.attributes["requires-python"] = anchor["data-requires-python"]
        artifact.attributes["core-metadata"] = anchor["data-core-metadata"] ?? anchor["data-dist-info-metadata"]
        let provenance = anchor["data-provenance"].flatMap { $0.isEmpty ? nil : try? place.resolving($0) }
        artifact.attributes["provenance"] = provenance?.description
        return ListedFile(artifact: artifact, version: found.listed.version, hasProvenance: provenance != nil)
    }

    /// `#sha256=HEX`, possibly among other parts such as `egg=`.
    private static func digests(in fragment: String?) -> [Digest] {
        (fragment ?? "").split(separator: "&").compactMap { part in
            let pair = part.split(separator: "=", maxSplits: 1)
            guard pair.count == 2, let algorithm = Digest.Algorithm(rawValue: String(pair[0])) else { return nil }
            return Digest(algorithm, hex: String(pair[1]))
        }
    }

    func document(_ view: PageView) -> Document {
        var printer = SimpleHTMLPrinter(project: source.package.name)
        for meta in page.metas {
            guard let name = meta["name"], name.hasPrefix("pypi:"), let content = meta["content"] else { continue }
            printer.add(meta: name, content)
        }
        for (index, anchor) in page.anchors.enumerated() where view.shows[index] {
            guard let file = files[index] else { continue }
            add(anchor, file, to: &printer, view.link, refused: view.refusals[index])
        }
        let type = source.document.contentType.lowercased()
        let isVersioned = type.contains("application/vnd.pypi.simple.v1+html")
        return Document(
            printer.bytes(),
            contentType: isVersioned ? "application/vnd.pypi.simple.v1+html" : "text/html; charset=utf-8",
            url: source.document.url
        )
    }

    private func add(
        _ anchor: HTMLPage.Element,
        _ file: ListedFile,
        to printer: inout SimpleHTMLPrinter,
        _ link: ((HTTPURL) -> String)?,
        refused reason: String?
    ) {
        guard let url = file.artifact.url else { return }
        var attributes = anchor.attributes.filter { $0.name.hasPrefix("data-") && $0.name != "data-provenance" }
        if let text = anchor["data-provenance"], let url = try? place.resolving(text) {
            attributes.append(("data-provenance", link?(url) ?? url.description))
        }
        if let reason {
            attributes.removeAll { $0.name == "data-yanked" }
            attributes.append(("data-yanked", reason))
        }
        printer.add(
            file: file.artifact.file,
            at: link?(url) ?? url.description,
            digests: file.artifact.digests,
            attributes: attributes
        )
    }
}

/// Prints a simple page, for one we filtered and for one we host.
struct SimpleHTMLPrinter {
    private let project: String
    private var metas: [String] = []
    private var links: [String] = []

    init(project: String) { self.project = project }

    mutating func add(meta name: String, _ content: String) {
        metas.append("<meta name=\"\(HTMLText.encode(name))\" content=\"\(HTMLText.encode(content))\">")
    }

    mutating func add(file: String, at url: String, digests: [Digest], attributes: [(name: String, value: String)]) {
        let fragment = digests.map { "\($0.algorithm.rawValue)=\($0.hex)" }.joined(separator: "&")
        var tag = "<a href=\"\(HTMLText.encode(fragment.isEmpty ? url : "\(url)#\(fragment)"))\""
        for (name, value) in attributes where name.utf8.allSatisfy(SimpleHTMLPrinter.isPlain) {
            tag += " \(name)=\"\(HTMLText.encode(value))\""
        }
        links.append("\(tag)>\(HTMLText.encode(file))</a><br>")
    }

    func bytes() -> [UInt8] {
        let title = "Links for \(HTMLText.encode(project))"
        var lines = ["<!DOCTYPE html>", "<html>", "  <head>"]
        lines += metas.map { "    \($0)" }
        lines += ["    <title>\(title)</title>", "  </head>", "  <body>", "    <h1>\(title)</h1>"]
        lines += links.map { "    \($0)" }
        lines += ["  </body>", "</html>", ""]
        return Array(lines.joined(separator: "\n").utf8)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2D
    }
}

extension String {
    fileprivate var trimmingBlanks: String {
        var text = Substring(self)
        while let first = text.utf8.first, first <= 0x20 { text = text.dropFirst() }
        while let last = text.utf8.last, last <= 0x20 { text = text.dropLast() }
        return String(text)
    }
}
