internal import Core
internal import JSONText

/// A project's simple page in JSON (PEP 691, 700, 714, 740, 792), edited where it lies.
struct SimpleJSONPage: IndexPage {
    private struct Entry {
        let node: JSONNode
        var url: JSONNode?
        var provenance: JSONNode?
        var target: HTTPURL?
    }

    private let document: JSONDocument
    private let source: PageSource
    private var entries: [Entry] = []
    private(set) var files: [ListedFile?] = []

    init(_ document: JSONDocument, _ source: PageSource) throws(Malformed) {
        self.document = document
        self.source = source
        if let version = document.root["meta"]?["api-version"]?.string, !version.hasPrefix("1.") {
            throw Malformed("the index of \(source.package.name) speaks version \(version.prefix(20)), not 1")
        }
        try source.check(name: document.root["name"]?.string)
        guard let files = document.root["files"], files.kind == .array else {
            throw Malformed("the index of \(source.package.name) has no list of files")
        }
        var seen: Set<String> = []
        for node in files.elements {
            var entry = Entry(node: node)
            let file = read(node, into: &entry)
            // Of two entries for one name, clients may take either.
            let isFirst = file.map { seen.insert($0.artifact.file).inserted } ?? false
            entries.append(entry)
            self.files.append(isFirst ? file : nil)
        }
    }

    var status: Withdrawal? {
        guard let status = document.root["project-status"], let word = status["status"]?.string, word != "active" else {
            return nil
        }
        return Withdrawal(reason: [word, status["reason"]?.string].compactMap(\.self).joined(separator: ": "))
    }

    private func read(_ node: JSONNode, into entry: inout Entry) -> ListedFile? {
        var name: String?
        var details = Artifact(file: "")
        for member in node.members {
            let value = member.node
            switch member.key {
            case "filename": name = value.string
            case "url": entry.url = value
            case "hashes": details.digests = value.digests
            case "size": details.size = value.integer.flatMap { $0 >= 0 ? $0 : nil }
            case "upload-time": details.published = value.string.flatMap(PublishTime.init(uploaded:))
            case "yanked":
                if let reason = value.string { details.yanked = Withdrawal(reason: reason) }
                if value.bool == true { details.yanked = Withdrawal() }
            case "requires-python": details.attributes["requires-python"] = value.string
            case "core-metadata": details.attributes["core-metadata"] = value.metadata
            case "data-dist-info-metadata", "dist-info-metadata":
                if details.attributes["core-metadata"] == nil { details.attributes["core-metadata"] = value.metadata }
            case "provenance":
                guard let text = value.string, let url = try? source.place.resolving(text) else { break }
                entry.provenance = value
                details.attributes["provenance"] = url.description
            default: break
            }
        }
        guard let name, let reference = entry.url?.string, let found = source.file(named: name, at: reference) else {
            return nil
        }
        entry.target = found.url
        var artifact = Artifact(file: found.file, url: found.url.withoutFragment, digests: details.digests)
        artifact.size = details.size
        artifact.published = details.published
        artifact.yanked = details.yanked
        artifact.attributes = details.attributes
        return ListedFile(
            artifact: artifact,
            version: found.listed.version,
            hasProvenance: entry.provenance != nil
        )
    }

    func document(_ view: PageView) -> Document {
        var edit = JSONEdit(document)
        var shown: Set<String> = []
        for (index, entry) in entries.enumerated() {
            guard view.shows[index], let file = files[index] else {
                edit.remove(entry.node)
                continue
            }
            shown.insert(file.version)
            if let reason = view.refusals[index] {
                edit.insert(key: "yanked", value: .string(reason), into: entry.node)
            }
            guard view.link != nil || source.isMoved else { continue }
            for node in [entry.url, entry.provenance].compactMap(\.self) { lead(node, view.link, &edit) }
        }
        let listed = Set(files.compactMap { $0?.version })
        for node in document.root["versions"]?.elements.map(\.self) ?? [] {
            guard let text = node.string else { continue }
            let version = PythonVersion(text)?.description ?? text.lowercased()
            if listed.contains(version), !shown.contains(version) { edit.remove(node) }
        }
        let type = source.document.contentType
        return Document(
            edit.bytes(),
            contentType: type.contains("json") ? type : "application/vnd.pypi.simple.v1+json",
            url: source.document.url
        )
    }

    private func lead(_ node: JSONNode, _ link: ((HTTPURL) -> String)?, _ edit: inout JSONEdit) {
        guard let text = node.string, let url = try? source.place.resolving(text) else { return }
        edit.replace(node, with: .string(link?(url.withoutFragment) ?? url.description))
    }
}

extension JSONNode {
    /// `{"sha256": "HEX"}`, without the functions we do not know.
    var digests: [Digest] {
        members.compactMap { member in
            guard let algorithm = Digest.Algorithm(rawValue: member.key), let hex = member.node.string else {
                return nil
            }
            return Digest(algorithm, hex: hex)
        }
    }

    /// `true` or `{"sha256": "HEX"}` as the HTML form writes it.
    fileprivate var metadata: String? {
        if bool == true { return "true" }
        return digests.max().map { "\($0.algorithm.rawValue)=\($0.hex)" }
    }
}

extension PublishTime {
    /// The index sets the time when the file arrives.
    init?(uploaded text: String) {
        guard let time = Timestamp(rfc3339: text) else { return nil }
        self.init(time, basis: .uploadTime)
    }
}
