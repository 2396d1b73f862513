internal import Core

/// What a path of the distribution protocol names: a repository, and a thing in it.
///
/// Repositories hold slashes and may hold any of these words, so the last segment but one tells what is meant.
struct OCIPath: Hashable, Sendable {
    enum Part: Hashable, Sendable {
        case manifest(Reference)
        case blob(Digest)
        /// An upload that begins or is under way.
        case upload
        case tags
        case referrers(Digest)
    }

    /// What follows `/manifests/`.
    enum Reference: Hashable, Sendable {
        case tag(String)
        case digest(Digest)
    }

    let repository: String
    let part: Part

    /// Nil for a path of another shape; throws for one of this shape with names that no registry has.
    init?(_ url: HTTPURL) throws(Malformed) {
        let segments = url.segments
        guard segments.first == "v2", segments.count > 3 else { return nil }
        let (mark, name) = (segments[segments.count - 2], segments[segments.count - 1])
        let beginsUpload = mark == "blobs" && name == "uploads"
        if !OCIPath.marks.contains(mark) || beginsUpload {
            guard let uploads = OCIPath.uploads(segments) else { return nil }
            repository = try OCIPath.repository(segments[1..<uploads])
            part = .upload
            return
        }
        guard !url.path.contains("//"), !url.path.hasSuffix("/") else {
            throw Malformed("the path has an empty segment")
        }
        switch mark {
        case "manifests": part = .manifest(try OCIPath.reference(name))
        case "blobs": part = .blob(try OCIPath.digest(name))
        case "referrers": part = .referrers(try OCIPath.digest(name))
        default:
            guard name == "list" else { return nil }
            part = .tags
        }
        repository = try OCIPath.repository(segments[1..<segments.count - 2])
    }

    private static let marks: Set<String> = ["manifests", "blobs", "tags", "referrers"]

    /// Where `blobs` stands in `…/blobs/uploads/…`; what follows is the registry's own.
    private static func uploads(_ segments: [String]) -> Int? {
        segments.indices.dropFirst(2).first { at in
            segments[at] == "blobs" && at + 1 < segments.count && segments[at + 1] == "uploads"
        }
    }

    private static func repository(_ parts: ArraySlice<String>) throws(Malformed) -> String {
        let name = parts.joined(separator: "/")
        guard name.utf8.count <= 255, parts.allSatisfy(isComponent) else {
            throw Malformed("the repository is not named as OCI names are")
        }
        return name
    }

    /// `[a-z0-9]+` runs, parted by one dot, one or two underscores, or any number of dashes.
    private static func isComponent(_ part: String) -> Bool {
        var separator: [UInt8] = []
        var isStart = true
        for byte in part.utf8 {
            switch byte {
            case 0x30...0x39, 0x61...0x7A:
                guard separator.isEmpty || isSeparator(separator) else { return false }
                (separator, isStart) = ([], false)
            case 0x2D, 0x2E, 0x5F:
                guard !isStart, separator.count < 128 else { return false }
                separator.append(byte)
            default: return false
            }
        }
        return !isStart && separator.isEmpty
    }

    private static func isSeparator(_ bytes: [UInt8]) -> Bool {
        bytes == [0x2E] || bytes == [0x5F] || bytes == [0x5F, 0x5F] || bytes.allSatisfy { $0 == 0x2D }
    }

    private static func reference(_ text: String) throws(Malformed) -> Reference {
        if text.contains(":") { return .digest(try digest(text)) }
        guard isTag(text) else { throw Malformed("the tag is not spelt as OCI tags are") }
        return .tag(text)
    }

    static func isTag(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 128, first != 0x2D, first != 0x2E else { return false }
        return text.utf8.allSatisfy { PercentEncoding.isUnreserved($0) && $0 != 0x7E }
    }

    /// One spelling only: a digest that another server would read otherwise is none.
    static func digest(_ text: String) throws(Malformed) -> Digest {
        guard let digest = Digest(text), digest.algorithm == .sha256 || digest.algorithm == .sha512,
            digest.description == text
        else { throw Malformed("the digest is neither sha256 nor sha512 in lower-case hexadecimal") }
        return digest
    }
}
