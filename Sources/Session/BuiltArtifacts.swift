internal import Archive
internal import Core
internal import Kernel
internal import Manifest
internal import Storage

/// The files that the job built, found by the globs of `--artifact`.
struct BuiltArtifacts: Sendable {
    struct File: Sendable {
        let output: Output
        let path: String
    }

    let files: [File]

    private static let filesLimit = 10_000

    static func collect(_ globs: [String], folder: String) throws(Problem) -> BuiltArtifacts {
        var paths: Set<String> = []
        for glob in globs {
            let matches = try matches(of: glob, in: folder)
            guard !matches.isEmpty else {
                throw Problem(
                    .notFound,
                    subject: "--artifact \(glob)",
                    summary: "matches no file in \(folder)",
                    remedy: "Correct the pattern, or check that the command builds what it should."
                )
            }
            paths.formUnion(matches)
        }
        var files: [File] = []
        for path in paths.sorted() { files.append(try file(path, in: folder)) }
        return BuiltArtifacts(files: files)
    }

    private static func file(_ path: String, in folder: String) throws(Problem) -> File {
        let full = "\(folder)/\(path)"
        do {
            try refuseManifest(inside: full, path)
            let (digest, size) = try FileDigest.sha256(of: full)
            let name = String(path.split(separator: "/").last ?? "")
            return File(output: Output(name: name, path: path, size: size, digests: [digest]), path: full)
        } catch let error as SystemError {
            throw Problem(
                .notFound,
                subject: path,
                summary: "could not be read (\(error))",
                remedy: "Check that the file is there, is a regular file and is readable."
            )
        } catch {
            throw error as? Problem
                ?? Problem(.bug, subject: path, summary: "\(error)", remedy: "Report it with this text.")
        }
    }

    /// An archive that holds `purser.lock` would have a digest that depends on itself.
    private static func refuseManifest(inside full: String, _ path: String) throws(Problem) {
        let kind = ArchiveKind.kind(ofFileNamed: path)
        guard kind == .zip || kind == .tar else { return }
        // An archive that cannot be read is the job's business; only a manifest inside is ours.
        guard
            let contents = try? ArchiveScan.inspect(
                path: full,
                kind: kind,
                allowsDataDescriptors: true,
                wants: { _ in false }
            )
        else { return }
        let inside = contents.entries.first { $0.path == "purser.lock" || $0.path.hasSuffix("/purser.lock") }
        if let inside {
            throw Problem(
                .usageInvalid,
                subject: path,
                summary: "contains \(inside.path), so that its digest would depend on itself",
                remedy: "Leave purser.lock out of what is built (for example in MANIFEST.in or .npmignore)."
            )
        }
    }

    /// `*` and `?` within a path segment, `**` over segments.
    private static func matches(of glob: String, in folder: String) throws(Problem) -> [String] {
        let parts = glob.split(separator: "/").map(String.init)
        guard !glob.hasPrefix("/"), !parts.contains(".."), !parts.isEmpty else {
            throw Problem(
                .usageInvalid,
                subject: "--artifact \(glob)",
                summary: "leaves the working folder",
                remedy: "Give a pattern below the working folder, such as 'dist/*'."
            )
        }
        var found: [String] = []
        walk(folder, "", parts[...], &found)
        return found
    }

    /// Links are not followed: an artifact is a file of the work tree.
    private static func isFolder(_ path: String) -> Bool { (try? Files.stat(path))?.isFolder ?? false }

    private static func walk(_ folder: String, _ prefix: String, _ parts: ArraySlice<String>, _ found: inout [String]) {
        guard let part = parts.first, found.count < filesLimit else { return }
        let rest = parts.dropFirst()
        if part == "**" { walk(folder, prefix, rest, &found) }
        for name in ((try? Files.list("\(folder)/\(prefix)")) ?? []).sorted() {
            guard part == "**" ? !name.hasPrefix(".") : Glob.matches(name, part) else { continue }
            let path = prefix + name
            if isFolder("\(folder)/\(path)") {
                walk(folder, path + "/", part == "**" ? parts : rest, &found)
            } else if rest.isEmpty, part != "**" {
                found.append(path)
            }
        }
    }
}

/// The SHA-256 of a file, read in pieces.
enum FileDigest {
    static func sha256(of path: String) throws(SystemError) -> (Digest, Int64) {
        let file = try Files.open(path)
        guard try file.stat().isRegular else { throw SystemError(call: "open", errno: 22, path: path) }
        var stream = DigestStream()
        var offset: Int64 = 0
        while true {
            let bytes = try file.read(at: offset, count: 1 << 20)
            if bytes.isEmpty { return (stream.sha256, offset) }
            stream.update(bytes)
            offset += Int64(bytes.count)
        }
    }
}

/// Shell patterns within one path segment.
enum Glob {
    static func matches(_ name: String, _ pattern: String) -> Bool { matches(name[...], pattern[...]) }

    private static func matches(_ name: Substring, _ pattern: Substring) -> Bool {
        var (name, pattern) = (name, pattern)
        var retry: (name: Substring, pattern: Substring)?
        while true {
            if let next = pattern.first, next == "*" {
                pattern = pattern.dropFirst()
                retry = (name, pattern)
            } else if let next = pattern.first, let letter = name.first, next == "?" || next == letter {
                (name, pattern) = (name.dropFirst(), pattern.dropFirst())
            } else if pattern.isEmpty, name.isEmpty {
                return true
            } else if let again = retry, !again.name.isEmpty {
                name = again.name.dropFirst()
                pattern = again.pattern
                retry = (name, pattern)
            } else {
                return false
            }
        }
    }
}
