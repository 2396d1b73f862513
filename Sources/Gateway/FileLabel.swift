internal import Core
internal import JSONText
internal import Storage
internal import Upstream

/// What an origin says of a file beside its bytes, and clients act on: pip reads no page that is not called one, `curl -OJ`
/// takes the name, `wget -N` the date.
struct FileLabel: Sendable {
    private static let names = ["Content-Type", "Content-Disposition", "Last-Modified"]
    private static let plainType = "application/octet-stream"

    /// With a content type, always.
    let fields: [HeaderField]

    /// `type` is what an index said, which counts more than what a file host says.
    init(_ headers: [HeaderField] = [], type: String? = nil) {
        let said = FileLabel.names.compactMap { name in headers.first(name).map { HeaderField(name, $0) } }
        let type = type ?? said.first { $0.isNamed("Content-Type") }?.value ?? FileLabel.plainType
        fields = [HeaderField("Content-Type", type)] + said.filter { !$0.isNamed("Content-Type") }
    }

    var contentType: String { fields[0].value }

    /// True where there is nothing to remember.
    var isPlain: Bool { fields.count == 1 && contentType == FileLabel.plainType }
}

extension FileLabel {
    var note: JSON { .array(fields.map { .array([.string($0.name), .string($0.value)]) }) }

    init(note: JSON, type: String?) {
        let pairs = note.array ?? []
        let fields = pairs.compactMap { pair -> HeaderField? in
            guard let pair = pair.array, pair.count == 2, let name = pair[0].string, let value = pair[1].string else {
                return nil
            }
            return HeaderField(name, value)
        }
        self.init(fields, type: type)
    }
}

/// Labels outlive the fetch, beside the bytes in the job cache.
extension Gateway {
    /// Of bytes from the cache.
    func label(of named: NamedArtifact, _ blob: Blob, _ exchange: Exchange) -> FileLabel {
        let type = named.artifact.attributes["content-type"]
        guard let note = stores.answers?.note(labelKey(blob, exchange)) else { return FileLabel(type: type) }
        return FileLabel(note: note, type: type)
    }

    /// A label that is lost costs a client's convenience, not the build.
    func keep(_ label: FileLabel, of blob: Blob, _ exchange: Exchange) {
        guard !label.isPlain, exchange.credential == nil else { return }
        try? stores.answers?.keep(label.note, for: labelKey(blob, exchange))
    }

    private func labelKey(_ blob: Blob, _ exchange: Exchange) -> String {
        "label\n\(exchange.request.url.withoutFragment)\n\(blob.digest)"
    }
}
