public import Core
internal import JSONText
internal import Transfer

/// A build whose documents and artifacts were uploaded.
public struct BuildPush: Hashable, Sendable {
    public let repository: String
    public let manifest: Digest
    public let statement: Digest
    public var record: Digest?
    public var report: Digest?

    public init(
        repository: String,
        manifest: Digest,
        statement: Digest,
        record: Digest? = nil,
        report: Digest? = nil
    ) {
        self.repository = repository
        self.manifest = manifest
        self.statement = statement
        self.record = record
        self.report = report
    }
}

/// What the registry says of a push.
public struct PushReceipt: Hashable, Sendable {
    public let build: String
    public let channel: String
    /// The names of the artifacts that it took.
    public let artifacts: [String]
    /// False where the same build was there already.
    public let isNew: Bool
}

/// A build as the registry has it.
public struct RegisteredBuild: Hashable, Sendable {
    /// One thing it made.
    public struct Artifact: Hashable, Sendable {
        public let name: String
        public let digest: Digest
        public let size: Int64
        public let purl: String?
    }

    public let id: String
    public let repository: String
    public let manifest: Digest
    public let statement: Digest
    public let record: Digest?
    public let report: Digest?
    public let channels: [String]
    /// The words of the replays, oldest first.
    public let verdicts: [String]
    public let artifacts: [Artifact]
}

/// How far a promotion went, and each gate's word on the way.
public struct PromotionReport: Hashable, Sendable {
    /// One gate's word.
    public struct Gate: Hashable, Sendable {
        public let name: String
        public let passed: Bool
        public let message: String
    }

    /// One channel on the way.
    public struct Step: Hashable, Sendable {
        public let channel: String
        public let gates: [Gate]
    }

    public let promoted: [Step]
    /// Where it stopped, and why; nil when it went all the way.
    public let refused: Step?
    public let problem: Problem?
}

extension RegistryClient {
    /// Publishes a build. Asked again with the same build, it changes nothing.
    public func push(_ build: BuildPush) async throws(Problem) -> PushReceipt {
        var members: [String: JSON] = [
            "repository": .string(build.repository), "manifest": .string(build.manifest.description),
            "statement": .string(build.statement.description),
        ]
        if let record = build.record { members["record"] = .string(record.description) }
        if let report = build.report { members["report"] = .string(report.description) }
        var question = post("/api/v1/builds", .object(members))
        question.accepted = [200, 201]
        let (head, bytes) = try await answer(to: question)
        let json = try RegistryClient.json(bytes, self)
        guard let id = json["build"]?.string, let channel = json["channel"]?.string else {
            throw senseless("no build in the answer to a push")
        }
        let artifacts = (json["artifacts"]?.array ?? []).compactMap { $0["name"]?.string }
        return PushReceipt(build: id, channel: channel, artifacts: artifacts, isNew: head.status == 201)
    }

    public func build(_ id: String) async throws(Problem) -> RegisteredBuild {
        let (_, bytes) = try await answer(to: Question("/api/v1/builds/\(PercentEncoding.encode(id))"))
        return try registered(try RegistryClient.json(bytes, self))
    }

    /// The newest builds of a repository first.
    public func builds(of repository: String) async throws(Problem) -> [RegisteredBuild] {
        var question = Question("/api/v1/builds")
        question.query = [("repository", repository)]
        let (_, bytes) = try await answer(to: question)
        guard let items = try RegistryClient.json(bytes, self)["builds"]?.array else { throw senseless("no builds") }
        var builds: [RegisteredBuild] = []
        for item in items { builds.append(try registered(item)) }
        return builds
    }

    /// Promotes through every channel up to `channel`. A gate that refuses is part of the report, not an error.
    public func promote(_ build: String, to channel: String) async throws(Problem) -> PromotionReport {
        var question = post("/api/v1/builds/\(PercentEncoding.encode(build))/promote", ["to": .string(channel)])
        question.mayRepeat = false
        question.accepted = [200, 403, 409]
        let (head, bytes) = try await answer(to: question)
        let json = try RegistryClient.json(bytes, self)
        let promoted = (json["promoted"]?.array ?? []).compactMap(RegistryClient.step)
        if head.status == 200 { return PromotionReport(promoted: promoted, refused: nil, problem: nil) }
        guard let problem = RegistryClient.problem(json) else { throw senseless("a refusal without a reason") }
        guard let refused = json["refused"].flatMap(RegistryClient.step) else { throw problem }
        return PromotionReport(promoted: promoted, refused: refused, problem: problem)
    }

    /// Tells the registry what a replay of the build said.
    public func report(_ verdict: String, details: String, of build: String) async throws(Problem) {
        let body: JSON = ["verdict": .string(verdict), "details": .string(details)]
        var question = post("/api/v1/builds/\(PercentEncoding.encode(build))/verifications", body)
        question.mayRepeat = false
        question.accepted = [201]
        _ = try await answer(to: question)
    }

    private func post(_ path: String, _ body: JSON) -> Question {
        var question = Question(path)
        question.method = "POST"
        question.headers = [HeaderField(name: "Content-Type", value: "application/json")]
        question.body = body.canonicalBytes()
        return question
    }

    private static func json(_ bytes: [UInt8], _ client: RegistryClient) throws(Problem) -> JSON {
        do { return try JSON(parsing: bytes) } catch { throw client.senseless("\(error)") }
    }

    private static func step(_ json: JSON) -> PromotionReport.Step? {
        guard let channel = json["channel"]?.string, let gates = json["gates"]?.array else { return nil }
        return PromotionReport.Step(
            channel: channel,
            gates: gates.compactMap { gate in
                guard let name = gate["gate"]?.string, let passed = gate["passed"]?.bool else { return nil }
                return PromotionReport.Gate(name: name, passed: passed, message: gate["message"]?.string ?? "")
            }
        )
    }

    private func registered(_ json: JSON) throws(Problem) -> RegisteredBuild {
        func digest(_ name: String) -> Digest? { json[name]?.string.flatMap { Digest($0) } }
        guard let id = json["build"]?.string, let repository = json["repository"]?.string,
            let manifest = digest("manifest"), let statement = digest("statement")
        else { throw senseless("a build without its parts") }
        return RegisteredBuild(
            id: id,
            repository: repository,
            manifest: manifest,
            statement: statement,
            record: digest("record"),
            report: digest("report"),
            channels: (json["channels"]?.array ?? []).compactMap(\.string),
            verdicts: (json["verifications"]?.array ?? []).compactMap { $0["verdict"]?.string },
            artifacts: (json["artifacts"]?.array ?? []).compactMap { item in
                guard let name = item["name"]?.string, let size = item["size"]?.integer,
                    let digest = item["sha256"]?.string.flatMap({ Digest(.sha256, hex: $0) })
                else { return nil }
                return RegisteredBuild.Artifact(name: name, digest: digest, size: size, purl: item["purl"]?.string)
            }
        )
    }
}
