internal import Core
internal import Ecosystems
internal import Kernel
internal import Manifest
internal import Storage

/// The package managers' lockfiles of the project: their pins at the start, whether the job changed them, and whether
/// our own address got into one.
struct ProjectLockfiles: Sendable {
    struct Found: Sendable {
        /// Relative to the working folder.
        let path: String
        let digest: Digest
        let pins: [Pin]
    }

    static let filesLimit = 200
    private static let bytesLimit = 64 << 20
    private static let skipped: Set<String> = [
        "node_modules", "vendor", "target", ".git", ".venv", "venv", "__pycache__",
    ]

    let folder: String
    let found: [Found]

    /// Where they lie.
    var folders: [String] {
        Set(found.map { file in file.path.lastIndex(of: "/").map { "\(folder)/\(file.path[..<$0])" } ?? folder })
            .sorted()
    }

    /// Looks in the working folder and, inside git, in every tracked folder; `withNew` also for what git does not track yet
    /// and does not ignore.
    static func scan(folder: String, environment: [String: String], withNew: Bool = false) async -> ProjectLockfiles {
        var found: [Found] = []
        for path in await paths(folder, environment, withNew).prefix(filesLimit) {
            if let file = file(path, in: folder) { found.append(file) }
        }
        return ProjectLockfiles(folder: folder, found: found)
    }

    /// One of the project's own; nil where there is none to read. A link would show us files that are not the project's.
    static func file(_ path: String, in folder: String) -> Found? {
        let full = "\(folder)/\(path)"
        guard (try? Files.stat(full))?.isRegular == true, let bytes = try? Files.readAll(full, limit: bytesLimit)
        else { return nil }
        return Found(path: path, digest: .sha256(of: bytes), pins: pins(bytes, path))
    }

    /// Reads one file that somebody named; throws for one that no codec knows or can read.
    static func read(_ path: String, in folder: String) throws(Problem) -> Found {
        let last = String(path.split(separator: "/").last ?? "")
        // Whoever names a text file by hand means pip's.
        let name = last.hasSuffix(".txt") && !isAnyLockfile(last) ? "requirements.txt" : last
        let full = path.hasPrefix("/") ? path : "\(folder)/\(path)"
        guard isAnyLockfile(name) else {
            let names = Set(Catalog.all.flatMap(\.lockfileNames)).sorted().joined(separator: ", ")
            throw Problem(
                .usageInvalid,
                subject: path,
                summary: "is no lockfile that Purser reads",
                remedy: "Name one of these: \(names)."
            )
        }
        let bytes: [UInt8]
        do throws(SystemError) { bytes = try Files.readAll(full, limit: bytesLimit) } catch {
            throw Problem(
                error.isMissing ? .notFound : .configUnreadable,
                subject: path,
                summary: "could not be read (\(error))",
                remedy: "Check the name and the file's permissions."
            )
        }
        var pins: [Pin] = []
        for ecosystem in Catalog.all where isLockfile(name, of: ecosystem) {
            do throws(Malformed) { pins += try ecosystem.pins(in: withoutMark(bytes), named: name) } catch {
                throw Problem(
                    .configUnreadable,
                    subject: path,
                    summary: "is no \(name): \(error)",
                    remedy: "Write it anew with its package manager."
                )
            }
        }
        return Found(path: path, digest: .sha256(of: bytes), pins: pins)
    }

    private static func pins(_ bytes: [UInt8], _ path: String) -> [Pin] {
        let name = String(path.split(separator: "/").last ?? "")
        return Catalog.all.filter { isLockfile(name, of: $0) }.flatMap {
            (try? $0.pins(in: withoutMark(bytes), named: name)) ?? []
        }
    }

    /// Without the byte order mark that some editors put before a text, and that npm and pip pass over.
    private static func withoutMark(_ bytes: [UInt8]) -> [UInt8] {
        bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
    }

    private static func isLockfile(_ name: String, of ecosystem: any Ecosystem) -> Bool {
        ecosystem.lockfileNames.contains { pattern in
            guard let star = pattern.firstIndex(of: "*") else { return pattern == name }
            let tail = pattern[pattern.index(after: star)...]
            return name.hasPrefix(pattern[..<star]) && name.hasSuffix(tail)
        }
    }

    static func paths(_ folder: String, _ environment: [String: String], _ withNew: Bool) async -> [String] {
        let here = (try? Files.list(folder)) ?? []
        var paths = Set(here.filter(isAnyLockfile))
        let wanted = withNew ? ["--cached", "--others", "--exclude-standard"] : []
        if Files.exists("\(folder)/.git"),
            let result = try? await ChildProcess.run(
                ChildCommand(["git", "-C", folder, "ls-files", "-z"] + wanted, environment: environment),
                limits: RunLimits(outputBytes: 16 << 20, seconds: 10)
            ), result.exit == .exited(0)
        {
            for part in result.output.split(separator: 0) {
                let path = String(decoding: part, as: UTF8.self)
                let segments = path.split(separator: "/").map(String.init)
                guard let name = segments.last, isAnyLockfile(name), skipped.isDisjoint(with: segments) else {
                    continue
                }
                paths.insert(path)
            }
        }
        return paths.sorted()
    }

    private static func isAnyLockfile(_ name: String) -> Bool { Catalog.all.contains { isLockfile(name, of: $0) } }

    /// What became of them, and of those that the job added: for the report, and the files in which `address` stands.
    func compare(
        environment: [String: String],
        address: String
    ) async -> (report: [RunReport.ProjectLockfile], leaks: [String]) {
        let now = await ProjectLockfiles.scan(folder: folder, environment: environment, withNew: true)
        let before = Dictionary(found.map { ($0.path, $0.digest) }) { first, _ in first }
        var leaks: [String] = []
        for file in now.found where before[file.path] != file.digest {
            let bytes = (try? Files.readAll("\(folder)/\(file.path)", limit: ProjectLockfiles.bytesLimit)) ?? []
            if String(decoding: bytes, as: UTF8.self).contains(address) { leaks.append(file.path) }
        }
        let report = now.found.map {
            RunReport.ProjectLockfile(path: $0.path, digest: $0.digest, isChanged: before[$0.path] != $0.digest)
        }
        return (report, leaks)
    }
}
