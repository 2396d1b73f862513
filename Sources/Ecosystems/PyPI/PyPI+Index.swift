public import Core
internal import JSONText

/// One file that an index page lists, and the version it counts under (normal form).
struct ListedFile {
    var artifact: Artifact
    let version: String
    /// The page itself says what vouches for the file.
    var hasProvenance = false
}

/// An index page in one of its representations, read once.
protocol IndexPage {
    /// In the page's order; nil for an entry that is never shown, because no client could use it as it was judged.
    var files: [ListedFile?] { get }
    /// What the page says about the whole project (PEP 792).
    var status: Withdrawal? { get }
    /// The page with only the entries that the view shows, its links led where it says.
    func document(_ view: PageView) -> Document
}

/// What of a page is shown, entry by entry.
struct PageView {
    var shows: [Bool] = []
    /// Why an entry is refused although it is shown: it is marked as yanked, so that none but a pin takes it (PEP 592).
    var refusals: [String?] = []
    var link: ((HTTPURL) -> String)?
}

extension PyPI {
    static let simpleAccept =
        "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.1, text/html;q=0.01"

    public func readIndex(_ index: Document, companions: [Document], for request: Request, scope: IndexScope)
        throws(Malformed) -> PackageIndex
    {
        let package = try PyPI.package(scope)
        let page = try PyPI.page(index, of: package, for: request)
        var releases = PyPI.releases(of: package, on: page)
        for companion in companions {
            // A companion that cannot be read adds nothing; what stays unknown is policy's to judge.
            guard let page = try? PyPI.page(companion, of: package, for: request) else { continue }
            PyPI.complete(&releases, from: page)
        }
        return PackageIndex(scope: scope, releases: releases)
    }

    public func writeIndex(_ index: Document, for request: Request, scope: IndexScope, view: IndexView)
        throws(Malformed) -> Document
    {
        let package = try PyPI.package(scope)
        let page = try PyPI.page(index, of: package, for: request)
        let releases = Dictionary(
            PyPI.releases(of: package, on: page).map { ($0.purl.version ?? "", $0) },
            uniquingKeysWith: { first, _ in first }
        )
        var shown = PageView(link: view.link)
        for file in page.files {
            let release = file.flatMap { releases[$0.version] }
            guard let file, let release, view.keeps(release, file.artifact) else {
                shown.shows.append(false)
                shown.refusals.append(nil)
                continue
            }
            shown.shows.append(true)
            shown.refusals.append(view.refusal(release, file.artifact))
        }
        let isOfOneRelease = PyPI.jsonPage(request.url.segments)?.version != nil
        if isOfOneRelease, !shown.shows.isEmpty, !shown.shows.contains(true) {
            throw Malformed("the page's release is hidden")
        }
        return page.document(shown)
    }

    /// Publish times: the JSON form of a simple page has them, else the project's JSON page beside it.
    public func companions(of index: Document, for request: Request, scope: IndexScope) -> [CompanionRequest] {
        guard let package = try? PyPI.package(scope), PyPI.jsonPage(request.url.segments) == nil,
            let page = try? PyPI.page(index, of: package, for: request)
        else { return [] }
        let files = page.files.compactMap(\.self)
        guard !files.isEmpty, files.allSatisfy({ $0.artifact.published == nil }) else { return [] }
        var wanted: [CompanionRequest] = []
        if !request.accept.contains("vnd.pypi.simple.v1+json") {
            wanted.append(CompanionRequest(url: request.url, accept: PyPI.simpleAccept))
        }
        if let url = PyPI.jsonPageURL(beside: request.url, of: package.name) {
            wanted.append(CompanionRequest(url: url, accept: "application/json"))
        }
        return wanted
    }

    public func indexRequest(for package: Purl, at origin: Origin) -> Request? {
        let home = hosts.contains(origin.host) ? Origin(.https, PyPI.indexHost) : origin
        guard let url = try? HTTPURL(origin: home, target: "/simple/\(ProjectName.normalized(package.name))/") else {
            return nil
        }
        return Request(url: url, accept: PyPI.simpleAccept)
    }

    public func candidates(forFile file: String, at url: HTTPURL) -> [Purl] {
        DistributionFile.readings(of: file).map(\.release)
    }

    private static func package(_ scope: IndexScope) throws(Malformed) -> Purl {
        guard case .package(let subject) = scope else { throw Malformed("this index covers no single project") }
        return subject.package
    }

    /// `…/simple/NAME/` → `…/pypi/NAME/json`.
    private static func jsonPageURL(beside url: HTTPURL, of name: String) -> HTTPURL? {
        guard let range = url.path.ranges(of: "/simple/").last else { return nil }
        return try? HTTPURL(origin: url.origin, target: "\(url.path[..<range.lowerBound])/pypi/\(name)/json")
    }

    /// Reads whichever representation came, by its content type and first byte, which must agree.
    static func page(_ index: Document, of package: Purl, for request: Request) throws(Malformed) -> any IndexPage {
        let place = index.url ?? request.url
        // Links that the client resolves itself lead elsewhere when the page came from another place.
        let isMoved = place.origin != request.url.origin || place.path != request.url.path
        let source = PageSource(document: index, package: package, place: place, isMoved: isMoved)
        let type = index.contentType.lowercased()
        switch index.bytes.first(where: { $0 > 0x20 }) {
        case UInt8(ascii: "{") where !type.contains("html"):
            let document = try source.json()
            if document.root["files"] != nil { return try SimpleJSONPage(document, source) }
            return try ProjectJSONPage(document, source, version: jsonPage(place.segments)?.version)
        // An UTF-8 byte order mark may stand before a page.
        case UInt8(ascii: "<") where !type.contains("json"), 0xEF where type.contains("html"):
            return try SimpleHTMLPage(source)
        default: throw Malformed("the index of \(package.name) is neither JSON nor HTML as '\(type)' says")
        }
    }
}

/// Where a page came from and what it is about.
struct PageSource {
    let document: Document
    let package: Purl
    let place: HTTPURL
    let isMoved: Bool

    func json() throws(Malformed) -> JSONDocument {
        do { return try JSONDocument(document.bytes) } catch {
            throw Malformed("the index of \(package.name): \(error.message)", offset: error.offset)
        }
    }

    /// A page about another project would lend its releases a wrong name.
    func check(name: String?) throws(Malformed) {
        guard let name, ProjectName.normalized(name) != package.name else { return }
        throw Malformed("the index of \(package.name) calls itself '\(name.prefix(80))'")
    }

    /// The file at a link, or nil where no client could use it, or different clients would see different files.
    func file(named name: String?, at reference: String) -> (file: String, url: HTTPURL, listed: DistributionFile)? {
        guard let url = try? place.resolving(reference) else { return nil }
        let linked = url.file
        let file = name ?? linked
        // pip reads the name at the end of the link, uv the one beside it.
        if file != linked, DistributionFile.kind(of: linked) != nil { return nil }
        guard let listed = DistributionFile(file, of: package.name) else { return nil }
        return (file, url, listed)
    }
}
