internal import Core

/// A `requirements.txt` as `pip-compile`, `uv pip compile` and `poetry export` write it. Only what pins one release is read.
enum RequirementsFile {
    static func pins(in document: [UInt8]) -> [Pin] {
        lines(document).flatMap { pins(in: $0) }
    }

    /// Logical lines: a backslash at the end joins the next one, a comment ends at its own line.
    private static func lines(_ document: [UInt8]) -> [String] {
        var lines: [String] = []
        var open = ""
        for raw in document.split(separator: 0x0A, omittingEmptySubsequences: false) {
            let line = String(decoding: raw.last == 0x0D ? raw.dropLast() : raw, as: UTF8.self)
            let text = withoutComment(line)
            if text.hasSuffix("\\") {
                open += text.dropLast() + " "
            } else {
                lines.append(open + text)
                open = ""
            }
        }
        return lines + [open]
    }

    /// A `#` starts a comment only at the start or behind a blank: URLs carry digests behind theirs.
    private static func withoutComment(_ line: String) -> Substring {
        var previous: Character = " "
        for index in line.indices {
            if line[index] == "#", previous == " " || previous == "\t" { return line[..<index] }
            previous = line[index]
        }
        return line[...]
    }

    private static func pins(in line: String) -> [Pin] {
        let words = line.split { $0 == " " || $0 == "\t" }
        guard let first = words.first, !first.hasPrefix("-") else { return [] }
        let options = words.firstIndex { $0.hasPrefix("--") } ?? words.endIndex
        let requirement = words[..<options].joined(separator: " ").prefix { $0 != ";" }
        let hashes = words[options...].enumerated().compactMap { index, word -> Digest? in
            if word.hasPrefix("--hash=") { return Digest(String(word.dropFirst(7))) }
            let next = options + index + 1
            return word == "--hash" && next < words.endIndex ? Digest(String(words[next])) : nil
        }
        if let at = requirement.firstRange(of: "@") {
            let name = requirement[..<at.lowerBound]
            return pins(named: name, at: String(requirement[at.upperBound...].filter { $0 != " " }), hashes)
        }
        guard let equals = requirement.firstRange(of: "=="), let project = project(requirement[..<equals.lowerBound])
        else { return [] }
        let text = requirement[equals.upperBound...].filter { $0 != " " && $0 != "=" }
        guard let version = PythonVersion(text) else { return [] }
        let release = Purl(type: "pypi", name: project, version: version.description)
        return hashes.isEmpty ? [Pin(release: release)] : hashes.map { Pin(release: release, digests: [$0]) }
    }

    /// `name @ https://host/file.whl#sha256=HEX`.
    private static func pins(named name: Substring, at reference: String, _ hashes: [Digest]) -> [Pin] {
        guard let project = project(name), let url = try? HTTPURL(reference),
            let listed = DistributionFile(url.file, of: project)
        else { return [] }
        let parts = (url.fragment ?? "").split(separator: "&").map { $0.split(separator: "=", maxSplits: 1) }
        let stated = parts.compactMap { part -> Digest? in
            guard part.count == 2, let algorithm = Digest.Algorithm(rawValue: String(part[0])) else { return nil }
            return Digest(algorithm, hex: String(part[1]))
        }
        let digests = hashes.isEmpty ? stated : hashes
        guard !digests.isEmpty else { return [] }
        return [Pin(release: listed.release, file: url.file, url: url.withoutFragment, digests: digests)]
    }

    /// The name before its extras.
    private static func project(_ text: Substring) -> String? {
        let name = text.prefix { $0 != "[" }.filter { $0 != " " }
        return ProjectName.isValid(name) ? ProjectName.normalized(name) : nil
    }
}
