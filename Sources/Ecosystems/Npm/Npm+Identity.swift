public import Core
internal import JSONText

extension Npm: InspectableEcosystem {
    /// npm drops the first folder of every path, whatever it is called, so each `*/package.json` could be the one.
    public func inspection(ofFile file: String) -> Inspection? {
        guard file.hasSuffix(".tgz") || file.hasSuffix(".tar.gz") else { return nil }
        return Inspection(format: .tar) { path in
            let parts = path.split(separator: "/", omittingEmptySubsequences: true)
            return parts.count == 2 && parts[1] == "package.json"
        }
    }

    public func identity(ofFile file: String, entries: [String: [UInt8]]) throws(Malformed) -> Purl {
        guard let (path, bytes) = entries.first else {
            throw Malformed("the tarball has no package.json in its top folder")
        }
        guard entries.count == 1 else { throw Malformed("the tarball has a package.json in several top folders") }
        let members = try NpmPackageFile.members(["name", "version"], in: bytes)
        guard let name = members["name"], let text = members["version"] else {
            throw Malformed("\(path) has no name or no version")
        }
        // The registry keeps the cleaned version, the file what its author wrote (`v1.0.0`).
        guard let version = NpmVersion(text) else { throw Malformed("\(path) has no valid version") }
        return try Npm.package(name).at(version.description)
    }
}

/// Reads texts at the top of a package.json that need not be strict JSON: authors write keys twice and begin with a
/// byte order mark, and npm takes both. A key that is asked for must stand there once.
struct NpmPackageFile {
    private let bytes: [UInt8]
    private var at = 0

    static func members(_ wanted: Set<String>, in bytes: [UInt8]) throws(Malformed) -> [String: String] {
        var file = NpmPackageFile(bytes: bytes)
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { file.at = 3 }
        var found: [String: String] = [:]
        try file.expect("{")
        while file.peek() != UInt8(ascii: "}") {
            let key = try file.string()
            try file.expect(":")
            if wanted.contains(key), file.peek() == UInt8(ascii: "\"") {
                guard found.updateValue(try file.string(), forKey: key) == nil else {
                    throw Malformed("package.json has '\(key)' twice", offset: file.at)
                }
            } else {
                try file.skipValue()
            }
            guard file.peek() == UInt8(ascii: ",") else { break }
            file.at += 1
        }
        try file.expect("}")
        return found
    }

    private mutating func peek() -> UInt8? {
        while at < bytes.count, bytes[at] <= 0x20 { at += 1 }
        return at < bytes.count ? bytes[at] : nil
    }

    private mutating func expect(_ mark: Unicode.Scalar) throws(Malformed) {
        guard peek() == UInt8(ascii: mark) else { throw Malformed("package.json lacks a '\(mark)'", offset: at) }
        at += 1
    }

    private mutating func string() throws(Malformed) -> String {
        guard peek() == UInt8(ascii: "\"") else { throw Malformed("package.json lacks a text", offset: at) }
        let start = at
        try skipString()
        guard let text = (try? JSON(parsing: Array(bytes[start..<at])))?.string else {
            throw Malformed("package.json has a broken text", offset: start)
        }
        return text
    }

    private mutating func skipString() throws(Malformed) {
        at += 1
        while at < bytes.count, bytes[at] != UInt8(ascii: "\"") { at += bytes[at] == UInt8(ascii: "\\") ? 2 : 1 }
        guard at < bytes.count else { throw Malformed("package.json ends within a text") }
        at += 1
    }

    /// Over one value, however deep, by counting brackets outside texts.
    private mutating func skipValue() throws(Malformed) {
        var depth = 0
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: "\""): try skipString()
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                at += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: ","):
                if depth == 0 { return }
                depth -= byte == UInt8(ascii: ",") ? 0 : 1
                at += 1
            default: at += 1
            }
        }
    }
}
