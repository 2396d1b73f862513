internal import Core
internal import JSONText

/// A project's own JSON page, `/pypi/NAME/json` or `/pypi/NAME/VERSION/json`: poetry resolves from it.
struct ProjectJSONPage: IndexPage {
    private struct Entry {
        let node: JSONNode
        /// False for a file in `urls`.
        let isInReleases: Bool
    }

    private let document: JSONDocument
    private let source: PageSource
    /// The release that `info` and `urls` describe.
    private let current: String?
    private var entries: [Entry] = []
    private(set) var files: [ListedFile?] = []
    let status: Withdrawal? = nil

    init(_ document: JSONDocument, _ source: PageSource, version: String?) throws(Malformed) {
        guard let info = document.root["info"], info.kind == .object else {
            throw Malformed("the index of \(source.package.name) has neither files nor info")
        }
        try source.check(name: info["name"]?.string)
        self.document = document
        self.source = source
        let current = version ?? info["version"]?.string
        self.current = current.map { PythonVersion($0)?.description ?? $0.lowercased() }
        for member in document.root["releases"]?.members.map(\.self) ?? [] {
            for node in member.node.elements { add(node, under: member.key, isInReleases: true) }
        }
        for node in document.root["urls"]?.elements.map(\.self) ?? [] { add(node, under: current, isInReleases: false) }
    }

    private mutating func add(_ node: JSONNode, under version: String?, isInReleases: Bool) {
        entries.append(Entry(node: node, isInReleases: isInReleases))
        let file = read(node)
        let counted = version.map { PythonVersion($0)?.description ?? $0.lowercased() }
        // A file under another version than its own would be judged as what it is not.
        files.append(file?.version == counted ? file : nil)
    }

    private func read(_ node: JSONNode) -> ListedFile? {
        guard let name = node["filename"]?.string, let reference = node["url"]?.string,
            let found = source.file(named: name, at: reference)
        else { return nil }
        var artifact = Artifact(file: found.file, url: found.url.withoutFragment)
        artifact.digests = node["digests"]?.digests ?? []
        artifact.size = node["size"]?.integer
        let time = node["upload_time_iso_8601"]?.string ?? node["upload_time"]?.string
        artifact.published = time.flatMap(PublishTime.init(uploaded:))
        if node["yanked"]?.bool == true {
            artifact.yanked = Withdrawal(reason: node["yanked_reason"]?.string ?? "")
        }
        if let range = node["requires_python"]?.string { artifact.attributes["requires-python"] = range }
        return ListedFile(artifact: artifact, version: found.listed.version)
    }

    func document(_ view: PageView) -> Document {
        var edit = JSONEdit(document)
        var shown: Set<String> = []
        var offered: Set<String> = []
        for (index, entry) in entries.enumerated() {
            guard view.shows[index], let file = files[index] else {
                edit.remove(entry.node)
                continue
            }
            shown.insert(file.version)
            if let reason = view.refusals[index] {
                edit.insert(key: "yanked", value: true, into: entry.node)
                edit.insert(key: "yanked_reason", value: .string(reason), into: entry.node)
            } else {
                offered.insert(file.version)
            }
            guard view.link != nil || source.isMoved, let node = entry.node["url"], let url = file.artifact.url else {
                continue
            }
            edit.replace(node, with: .string(view.link?(url) ?? url.description))
        }
        removeEmptied(&edit, shown)
        if let current, !offered.contains(current), let newest = newest(of: offered) {
            replaceCurrent(&edit, by: newest, view)
        }
        return Document(edit.bytes(), contentType: "application/json", url: source.document.url)
    }

    private func removeEmptied(_ edit: inout JSONEdit, _ shown: Set<String>) {
        for member in document.root["releases"]?.members.map(\.self) ?? [] {
            let version = PythonVersion(member.key)?.description ?? member.key.lowercased()
            let hasFiles = member.node.elements.contains { _ in true }
            if hasFiles, !shown.contains(version) { edit.remove(member) }
        }
    }

    private func newest(of shown: Set<String>) -> String? {
        let versions = shown.compactMap { PythonVersion($0) }
        return (versions.filter { !$0.isPrerelease }.max() ?? versions.max())?.description
    }

    /// The page must not go on naming a refused release as the newest: the newest one that is not takes its place.
    private func replaceCurrent(_ edit: inout JSONEdit, by newest: String, _ view: PageView) {
        guard let info = document.root["info"], document.root["releases"] != nil else { return }
        edit.insert(key: "version", value: .string(newest), into: info)
        for key in ["requires_dist", "requires_python"] where info[key] != nil {
            edit.insert(key: key, value: .null, into: info)
        }
        var urls: [JSON] = []
        for (index, entry) in entries.enumerated()
        where entry.isInReleases && view.shows[index] && view.refusals[index] == nil {
            guard let file = files[index], file.version == newest, var members = entry.node.value.members else {
                continue
            }
            if let url = file.artifact.url, view.link != nil || source.isMoved {
                members["url"] = .string(view.link?(url) ?? url.description)
            }
            urls.append(.object(members))
        }
        edit.insert(key: "urls", value: .array(urls), into: document.root)
    }
}
