public import Core
internal import JSONText

extension Composer {
    public func readIndex(_ index: Document, companions: [Document], for request: Request, scope: IndexScope)
        throws(Malformed) -> PackageIndex
    {
        let document = try Composer.parsed(index)
        var releases: [Release] = []
        for entry in try ComposerEntry.all(in: document.root, scope) {
            releases += entry.versions.compactMap { $0.release(of: entry.package) }
        }
        return PackageIndex(scope: scope, releases: releases)
    }

    public func writeIndex(_ index: Document, for request: Request, scope: IndexScope, view: IndexView)
        throws(Malformed) -> Document
    {
        let document = try Composer.parsed(index)
        var edit = JSONEdit(document)
        for entry in try ComposerEntry.all(in: document.root, scope) {
            entry.hide(in: &edit) { version in
                guard let release = version.release(of: entry.package), let artifact = release.artifacts.first else {
                    // What could not be read was not judged.
                    return false
                }
                return view.keeps(release, artifact)
            }
        }
        guard !edit.isEmpty else { return index }
        return Document(edit.bytes(), contentType: index.contentType, url: index.url, modified: index.modified)
    }

    private static func parsed(_ index: Document) throws(Malformed) -> JSONDocument {
        do {
            let document = try JSONDocument(index.bytes)
            guard document.root.kind == .object else { throw Malformed("the index is no JSON object") }
            return document
        } catch let error as JSONError {
            throw Malformed(error.message, offset: error.offset)
        } catch {
            throw error as? Malformed ?? Malformed("the index is no JSON")
        }
    }

    public func pins(in document: [UInt8], named name: String) throws(Malformed) -> [Pin] {
        let root = try Composer.parsed(Document(document)).root
        return ["packages", "packages-dev"].flatMap { key in
            (root[key].map { Array($0.elements) } ?? []).compactMap { node in
                node.value.members.flatMap { ComposerRelease(members: $0).pin() }
            }
        }
    }
}

/// One package in an index, with its versions as they are after expansion.
private struct ComposerEntry {
    let package: Purl
    let versions: [ComposerRelease]
    private let node: JSONNode
    private let isMinified: Bool

    /// An index of one package is about that one alone: clients look at no other in it.
    static func all(in root: JSONNode, _ scope: IndexScope) throws(Malformed) -> [ComposerEntry] {
        let isMinified = root["minified"]?.string == ComposerMinified.name
        guard let packages = root["packages"] else {
            if case .package = scope { throw Malformed("the index has no packages") }
            return []
        }
        var entries: [ComposerEntry] = []
        for member in packages.members {
            guard let package = try? Composer.package(member.key) else { continue }
            if case .package(let subject) = scope, subject.package != package { continue }
            entries.append(ComposerEntry(package, member.node, isMinified))
        }
        if case .package = scope, entries.isEmpty, !Array(packages.members).isEmpty {
            throw Malformed("the index is about another package")
        }
        return entries
    }

    private init(_ package: Purl, _ node: JSONNode, _ isMinified: Bool) {
        self.package = package
        self.node = node
        self.isMinified = isMinified && node.kind == .array
        // An entry that is no object holds nothing to install; it stands as an empty one, which is hidden.
        let nodes = node.kind == .array ? Array(node.elements) : node.members.map(\.node)
        let objects = nodes.map { $0.value.members ?? [:] }
        versions = (self.isMinified ? ComposerMinified.expand(objects) : objects).map(ComposerRelease.init)
    }

    /// Takes out the versions that `keeps` refuses. A list of differences is written again as one, since each object
    /// leans on the one before it.
    func hide(in edit: inout JSONEdit, keeps: (ComposerRelease) -> Bool) {
        let kept = versions.map(keeps)
        guard kept.contains(false) else { return }
        if isMinified {
            let left = zip(versions, kept).filter { $0.1 }.map { $0.0.members }
            edit.replace(node, with: .array(ComposerMinified.minify(left).map(JSON.object)))
            return
        }
        let nodes = node.kind == .array ? Array(node.elements) : node.members.map(\.node)
        for (version, isKept) in zip(nodes, kept) where !isKept { edit.remove(version) }
    }
}
