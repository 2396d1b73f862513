internal import Core
internal import Ecosystems
internal import Gateway
internal import Kernel
internal import Storage

/// Looks into packs with the machine's own git: every object is hashed again, and what was wanted has to be among them.
///
/// Each answer gets a throw-away repository in the session's folder, since an answer stands by itself: the gateway asks
/// for packs that lean on nothing the client has.
struct GitWitness: ConversationWitness {
    /// Where the throw-away repositories are made.
    let folder: String
    /// For `PATH` alone; nothing that steers git is taken over.
    let path: String

    private static let secondsAtMost = 1_800.0

    func objects(_ wants: [Purl], answer: String, mayLack: Bool) async throws(Problem) -> [WitnessedObject] {
        let subject = wants.first?.package.description ?? "the repository"
        let repository = "\(folder)/git-\(try GitWitness.name())"
        do throws(SystemError) { try Files.makeFolder("\(repository)/objects/pack") } catch {
            throw failed(subject, "\(error)")
        }
        defer { try? Files.removeTree(repository) }
        let isLong = (wants.first?.version?.utf8.count ?? 40) == 64
        guard try await unpack(answer, into: repository, isLong ? "sha256" : "sha1", subject) else { return [] }
        let kinds = try await kinds(of: wants, in: repository, subject)
        if !mayLack, let missing = wants.compactMap(\.version).first(where: { kinds[$0] == nil }) {
            throw damaged(subject, "the answer does not hold \(missing), which was wanted", reason: "hash")
        }
        let commits = wants.filter { kinds[$0.version ?? ""] == "commit" || kinds[$0.version ?? ""] == "tag" }
        return try await contents(of: commits, in: repository, subject)
    }

    /// Writes the answer's pack where git expects it and has every object in it hashed. False where there is none.
    private func unpack(_ answer: String, into repository: String, _ format: String, _ subject: String)
        async throws(Problem) -> Bool
    {
        let pack = "\(repository)/objects/pack/answer.pack"
        var reader = GitPackReader()
        do {
            let (source, target) = (try Files.open(answer, followLink: true), try Files.create(pack))
            var place: Int64 = 0
            while case let bytes = try source.read(at: place, count: 1 << 20), !bytes.isEmpty {
                place += Int64(bytes.count)
                try target.append(reader.take(bytes))
            }
        } catch let error as Malformed {
            throw damaged(subject, error.what)
        } catch {
            throw failed(subject, "\(error)")
        }
        if let complaint = reader.complaint { throw damaged(subject, "the server said: \(complaint)") }
        guard reader.isWhole else { throw damaged(subject, "the answer is cut", reason: "truncated") }
        guard reader.packBytes > 0 else { return false }
        let kind = ["--bare", "--template=", "--object-format=\(format)"]
        _ = try await git(["init", "--quiet"] + kind + [repository], in: nil, subject)
        let report = try await git(["index-pack", pack], in: repository, subject)
        guard report.exit == .exited(0) else {
            throw damaged(subject, "git index-pack: \(GitWitness.firstLine(report.errors))", reason: "hash")
        }
        return true
    }

    /// What each wanted object is; one that is not in the answer was not given.
    private func kinds(of wants: [Purl], in repository: String, _ subject: String) async throws(Problem)
        -> [String: String]
    {
        let names = wants.compactMap(\.version)
        let input = Array((names.joined(separator: "\n") + "\n").utf8)
        let report = try await git(
            ["cat-file", "--batch-check=%(objectname) %(objecttype)"],
            in: repository,
            subject,
            input: input
        )
        var kinds: [String: String] = [:]
        for line in String(decoding: report.output, as: UTF8.self).split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, words[1] != "missing" { kinds[String(words[0])] = String(words[1]) }
        }
        return kinds
    }

    /// The wanted commits and tags as their names are computed: `commit SIZE NUL` and the text.
    private func contents(of wants: [Purl], in repository: String, _ subject: String) async throws(Problem)
        -> [WitnessedObject]
    {
        guard !wants.isEmpty else { return [] }
        let input = Array((wants.compactMap(\.version).joined(separator: "\n") + "\n").utf8)
        let report = try await git(["cat-file", "--batch"], in: repository, subject, input: input)
        guard report.exit == .exited(0), !report.isCut else {
            throw failed(subject, "git cat-file gave no whole answer")
        }
        var rest = report.output[...]
        var objects: [WitnessedObject] = []
        for want in wants {
            guard let end = rest.firstIndex(of: 0x0A) else { throw failed(subject, "git cat-file said too little") }
            let words = String(decoding: rest[..<end], as: UTF8.self).split(separator: " ")
            guard words.count == 3, words[0] == want.version ?? "", let size = Int(words[2]),
                rest.distance(from: end, to: rest.endIndex) > size
            else { throw failed(subject, "git cat-file said something else") }
            let start = rest.index(after: end)
            let content = rest[start..<(start + size)]
            objects.append(WitnessedObject(purl: want, bytes: Array("\(words[1]) \(size)\0".utf8) + content))
            rest = rest[min(start + size + 1, rest.endIndex)...]
        }
        return objects
    }

    private func git(_ arguments: [String], in repository: String?, _ subject: String, input: [UInt8] = [])
        async throws(Problem) -> ChildReport
    {
        var environment = ["PATH": path, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "LC_ALL": "C"]
        if let repository { environment["GIT_DIR"] = repository }
        let command = ChildCommand(["git"] + arguments, environment: environment, workingDirectory: folder)
        let limits = RunLimits(outputBytes: 256 << 20, seconds: GitWitness.secondsAtMost)
        do throws(SpawnError) { return try await ChildProcess.run(command, input: input, limits: limits) } catch {
            throw Problem(
                .integrityMismatch,
                subject: subject,
                summary: "brings objects that cannot be looked into: \(error)",
                remedy: "Install git where the agent runs.",
                reason: "no-git"
            )
        }
    }

    private func damaged(_ subject: String, _ what: String, reason: String = "hash") -> Problem {
        Problem(
            .integrityMismatch,
            subject: subject,
            summary: "was answered with objects that are not what their names say: \(what)",
            remedy: "Run the job again; if it repeats, ask the upstream's operator.",
            details: ["kept": "nothing was given to the build"],
            reason: reason
        )
    }

    private func failed(_ subject: String, _ what: String) -> Problem {
        StorageError.failed(path: subject, what: what).problem
    }

    private static func firstLine(_ bytes: [UInt8]) -> String {
        let text = String(decoding: bytes.prefix(2_000), as: UTF8.self)
        return text.split(separator: "\n").first.map(String.init) ?? "failed without a word"
    }

    private static func name() throws(Problem) -> String {
        do throws(SystemError) { return Hex.encode(try ProcessIdentity.randomBytes(8)) } catch {
            throw StorageError.failed(path: "getrandom", what: "\(error)").problem
        }
    }
}
