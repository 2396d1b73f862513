internal import Core

/// `maven-metadata.xml` of an artifact, edited where it lies: what is not about a hidden version stays byte for byte.
struct MavenMetadata {
    private let document: XMLDocument
    private let listed: [XMLElement]
    private let pointers: [XMLElement]
    private var edits: [(range: Range<Int>, text: String)] = []

    init(_ bytes: [UInt8]) throws(Malformed) {
        let document = try XMLDocument(bytes)
        guard document.root.name == "metadata" else { throw Malformed("the document is no Maven metadata") }
        self.document = document
        listed = document.elements(at: "versioning", "versions", "version")
        pointers = ["latest", "release"].flatMap { document.elements(at: "versioning", $0) }
    }

    /// In document order, each once, those that are only pointed at last; what is no version is none.
    var versions: [String] {
        var seen: Set<String> = []
        return (listed + pointers).map(\.text).filter { MavenVersion.isVersion($0) && seen.insert($0).inserted }
    }

    /// Takes versions out and leads `latest` and `release` to the newest stable one that is left. What could not be read
    /// as a version was not judged, so it goes too. False where there is nothing to change.
    mutating func hide(_ hidden: Set<String>) -> Bool {
        var kept: [String] = []
        for element in listed {
            let version = element.text
            if MavenVersion.isVersion(version), !hidden.contains(version) {
                kept.append(version)
            } else {
                edits.append((widened(element.range), ""))
            }
        }
        for pointer in pointers where hidden.contains(pointer.text) || !MavenVersion.isVersion(pointer.text) {
            if let version = MavenMetadata.newest(of: kept, insteadOf: pointer.text) {
                edits.append((pointer.range, "<\(pointer.name)>\(version)</\(pointer.name)>"))
            } else {
                edits.append((widened(pointer.range), ""))
            }
        }
        return !edits.isEmpty
    }

    /// The newest stable version below the old one, else the newest stable one at all. The name bytes of a version need no
    /// escape in XML.
    private static func newest(of kept: [String], insteadOf target: String) -> String? {
        let stable = kept.compactMap { text in MavenVersion(text).map { (text: text, version: $0) } }
            .filter { !$0.version.isPrerelease }
        let older = MavenVersion(target).map { old in stable.filter { $0.version < old } } ?? []
        return (older.isEmpty ? stable : older).max { $0.version < $1.version }?.text
    }

    /// With the blanks before it, so that no empty line stays.
    private func widened(_ range: Range<Int>) -> Range<Int> {
        var start = range.lowerBound
        while start > 0, document.bytes[start - 1] <= 0x20 { start -= 1 }
        return start..<range.upperBound
    }

    var printed: [UInt8] {
        var text: [UInt8] = []
        var at = 0
        for edit in edits.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) where edit.range.lowerBound >= at {
            text += document.bytes[at..<edit.range.lowerBound]
            text += edit.text.utf8
            at = edit.range.upperBound
        }
        return text + document.bytes[at...]
    }
}
