public import Core
internal import JSONText

extension PyPI {
    public func printIndex(_ index: PackageIndex, for request: Request, view: IndexView) -> Document {
        guard case .package(let package) = index.scope else { return Document([]) }
        let shown = index.releases.compactMap { release -> (Release, [Artifact])? in
            let artifacts = release.artifacts.filter { view.keeps(release, $0) }
            return artifacts.isEmpty ? nil : (release, artifacts)
        }
        switch SimpleForm.negotiated(request.accept) {
        case .json: return PyPI.jsonPage(of: package, shown, view)
        case let form: return PyPI.htmlPage(of: package, shown, view, contentType: form.contentType)
        }
    }

    public func printCatalogue(_ packages: [Purl], for request: Request) -> Document? {
        let names = packages.map(\.name).sorted()
        let form = SimpleForm.negotiated(request.accept)
        guard form != .json else {
            let page: JSON = [
                "meta": ["api-version": "1.1"],
                "projects": .array(names.map { ["name": .string($0)] }),
            ]
            return Document(page.canonicalBytes(), contentType: form.contentType)
        }
        var lines = [
            "<!DOCTYPE html>", "<html>", "  <head>", "    <title>Simple index</title>", "  </head>", "  <body>",
        ]
        lines += names.map { "    <a href=\"\(HTMLText.encode($0))/\">\(HTMLText.encode($0))</a><br>" }
        lines += ["  </body>", "</html>", ""]
        return Document(Array(lines.joined(separator: "\n").utf8), contentType: form.contentType)
    }

    private static func jsonPage(of package: Purl, _ shown: [(Release, [Artifact])], _ view: IndexView) -> Document {
        let files = shown.flatMap { release, artifacts in
            artifacts.map { JSON.object(members(of: $0, in: release, view)) }
        }
        let page: JSON = [
            "meta": ["api-version": "1.1"],
            "name": .string(ProjectName.normalized(package.name)),
            "versions": .array(shown.map { .string($0.0.purl.version ?? "") }),
            "files": .array(files),
        ]
        return Document(page.canonicalBytes(), contentType: SimpleForm.json.contentType)
    }

    private static func members(of artifact: Artifact, in release: Release, _ view: IndexView) -> [String: JSON] {
        let hashes = artifact.digests.map { ($0.algorithm.rawValue, JSON.string($0.hex)) }
        var members: [String: JSON] = [
            "filename": .string(artifact.file),
            "url": .string(address(of: artifact, view)),
            "hashes": .object(Dictionary(hashes) { first, _ in first }),
            "yanked": .bool(false),
        ]
        if let yanked = artifact.yanked ?? release.yanked {
            members["yanked"] = yanked.reason.isEmpty ? .bool(true) : .string(yanked.reason)
        }
        if let size = artifact.size { members["size"] = .integer(size) }
        if let time = artifact.published ?? release.published { members["upload-time"] = .string("\(time.time)") }
        if let range = artifact.attributes["requires-python"] { members["requires-python"] = .string(range) }
        if let claim = artifact.attributes["core-metadata"] { members["core-metadata"] = metadata(claim) }
        return members
    }

    private static func metadata(_ claim: String) -> JSON {
        let pair = claim.split(separator: "=", maxSplits: 1).map(String.init)
        return pair.count == 2 ? .object([pair[0]: .string(pair[1])]) : .bool(claim == "true")
    }

    private static func htmlPage(
        of package: Purl,
        _ shown: [(Release, [Artifact])],
        _ view: IndexView,
        contentType: String
    ) -> Document {
        var printer = SimpleHTMLPrinter(project: ProjectName.normalized(package.name))
        printer.add(meta: "pypi:repository-version", "1.1")
        for (release, artifacts) in shown {
            for artifact in artifacts {
                var attributes: [(name: String, value: String)] = []
                if let range = artifact.attributes["requires-python"] {
                    attributes.append(("data-requires-python", range))
                }
                if let claim = artifact.attributes["core-metadata"] {
                    attributes += [("data-core-metadata", claim), ("data-dist-info-metadata", claim)]
                }
                if let yanked = artifact.yanked ?? release.yanked { attributes.append(("data-yanked", yanked.reason)) }
                // A fragment takes one digest: clients read the first that they know.
                let digest = artifact.digests.first { $0.algorithm == .sha256 } ?? artifact.digests.max()
                printer.add(
                    file: artifact.file,
                    at: address(of: artifact, view),
                    digests: digest.map { [$0] } ?? [],
                    attributes: attributes
                )
            }
        }
        return Document(printer.bytes(), contentType: contentType)
    }

    private static func address(of artifact: Artifact, _ view: IndexView) -> String {
        guard let url = artifact.url else { return PercentEncoding.encode(artifact.file) }
        return view.link?(url) ?? url.description
    }
}

/// The forms of a simple page, and which one a client asks for (PEP 691).
enum SimpleForm: CaseIterable {
    case json, html, plain

    var contentType: String {
        switch self {
        case .json: "application/vnd.pypi.simple.v1+json"
        case .html: "application/vnd.pypi.simple.v1+html"
        case .plain: "text/html; charset=utf-8"
        }
    }

    private var names: [String] {
        switch self {
        case .json: ["application/vnd.pypi.simple.v1+json", "application/vnd.pypi.simple.latest+json"]
        case .html: ["application/vnd.pypi.simple.v1+html", "application/vnd.pypi.simple.latest+html"]
        case .plain: ["text/html"]
        }
    }

    /// The form with the greatest weight, JSON before the others; plain HTML for a client that names none, as PyPI does.
    static func negotiated(_ accept: String) -> SimpleForm {
        var best: (form: SimpleForm, weight: Int)?
        for range in accept.split(separator: ",") {
            let parts = range.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
            guard let name = parts.first, let form = allCases.first(where: { $0.names.contains(name) }) else {
                continue
            }
            let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.map { thousandths($0.dropFirst(2)) } ?? 1_000
            let isBetter = best.map { weight > $0.weight || (weight == $0.weight && form == .json) } ?? true
            if weight > 0, isBetter { best = (form, weight) }
        }
        return best?.form ?? .plain
    }

    /// Thousandths; zero for what is no weight.
    private static func thousandths(_ text: Substring) -> Int {
        guard let value = Double(text), value > 0, value <= 1 else { return 0 }
        return Int(value * 1_000)
    }
}
