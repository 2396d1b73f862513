internal import Core
internal import Gateway
internal import JSONText
internal import Policy

/// `purser check [LOCKFILE…]`: judges what lockfiles pin against policy, without building and without fetching a file.
public enum Check {
    public static func perform(_ invocation: Invocation, lockfiles: [String]) async -> Int32 {
        let console = invocation.console
        do throws(Problem) {
            let plan = try await Plan.prepare(invocation)
            let files = try await chosen(lockfiles, plan)
            let ground = try Ground.prepare(plan, isReplay: false)
            defer { ground.paths.remove() }
            let gateway = Gateway(
                try Session.gatewayConfiguration(plan, nil, ground),
                upstream: try SessionUpstream.make(plan, nil),
                stores: ground.stores,
                recorder: ground.recorder
            )
            for notice in plan.staleNotices(Clock.now) { console.line("warning: \(notice)") }
            var denied = 0
            for (file, judged) in zip(files, await judge(files, plan, gateway)) {
                denied += print(judged, of: file, plan, console)
            }
            guard denied > 0, plan.policy.mode == .enforce else { return 0 }
            return Problem.Code.policyDenied.exitStatus
        } catch {
            console.problem(error)
            return error.code.exitStatus
        }
    }

    /// What became of one pin.
    private struct Judged: Sendable {
        let pin: Pin
        let result: Result<Verdict?, Problem>
    }

    private static let pinsAtOnce = 32

    private static func chosen(_ names: [String], _ plan: Plan) async throws(Problem) -> [ProjectLockfiles.Found] {
        if names.isEmpty {
            let found = await ProjectLockfiles.scan(folder: plan.folder, environment: plan.environment).found
            guard !found.isEmpty else {
                throw Problem(
                    .notFound,
                    subject: "lockfiles",
                    summary: "are nowhere in this project",
                    remedy: "Name one: purser check package-lock.json"
                )
            }
            return found
        }
        var found: [ProjectLockfiles.Found] = []
        for name in names { found.append(try ProjectLockfiles.read(name, in: plan.folder)) }
        return found
    }

    /// One batch of requests for all files, where no registry told of all at once: pins of one package share its index,
    /// whoever asks first.
    private static func judge(_ files: [ProjectLockfiles.Found], _ plan: Plan, _ gateway: Gateway) async -> [[Judged]] {
        await ToldFacts.learn(files, plan, gateway)
        let pins = files.map { file in
            var seen: Set<Pin> = []
            let commits = Set(file.pins.compactMap { $0.isOfRepository ? nil : $0.release.version })
            return file.pins.filter { pin in
                // A commit that its repository is judged by needs no second verdict by the package's name.
                let isCommit =
                    pin.isOfRepository
                    && commits.contains { pin.release.qualifiers["vcs_url"]?.hasSuffix("@\($0)") == true }
                return !isCommit && seen.insert(pin).inserted
            }
        }
        let places = pins.indices.flatMap { file in pins[file].indices.map { (file: file, pin: $0) } }
        var all = pins.map { [Judged?](repeating: nil, count: $0.count) }
        await withTaskGroup(of: (Int, Judged).self) { group in
            for (number, place) in places.enumerated() {
                if number >= pinsAtOnce, let (at, judged) = await group.next() {
                    all[places[at].file][places[at].pin] = judged
                }
                let (pin, path) = (pins[place.file][place.pin], files[place.file].path)
                group.addTask { (number, await judge(pin, path, gateway)) }
            }
            for await (at, judged) in group { all[places[at].file][places[at].pin] = judged }
        }
        return all.map { $0.compactMap(\.self) }
    }

    private static func judge(_ pin: Pin, _ path: String, _ gateway: Gateway) async -> Judged {
        do throws(Problem) {
            return Judged(pin: pin, result: .success(try await gateway.judge(pin, from: path)))
        } catch {
            return Judged(pin: pin, result: .failure(error))
        }
    }

    /// Prints what there is to say; the number of pins that would not come in.
    private static func print(_ all: [Judged], of file: ProjectLockfiles.Found, _ plan: Plan, _ console: Console) -> Int
    {
        var (denied, warned, unread) = (0, 0, 0)
        var told: Set<String> = []
        var found: [JSON] = []
        let word = plan.policy.mode == .enforce ? "denied" : "would be denied"
        for judged in all {
            let name = judged.pin.release.description
            switch judged.result {
            case .failure(let problem):
                denied += 1
                if told.insert("\(name)\(problem.code)").inserted { console.problem(problem) }
            case .success(nil): unread += 1
            case .success(let verdict?):
                let isDenied = verdict.outcome == .block
                denied += isDenied ? 1 : 0
                warned += verdict.outcome == .warn ? 1 : 0
                for finding in verdict.findings where finding.action >= .warn {
                    let lead = finding.action == .block ? word : "warning"
                    guard told.insert("\(name)\(finding.rule)").inserted else { continue }
                    console.result("\(name)  \(lead)  \(finding.rule): \(finding.message)")
                    if let time = finding.allowedFrom { console.result("  allowed from \(time)") }
                    if finding.action == .block { console.result("  to exempt it: \(finding.exemption)") }
                    found.append(event(finding, name))
                }
            }
        }
        let note = unread == 0 ? "" : ", \(unread) of kinds that are not read"
        let count = all.count == 1 ? "1 pin" : "\(all.count) pins"
        console.result("\(file.path): \(count), \(denied) \(word), \(warned) with warnings\(note)")
        console.event(
            "checked",
            [
                "lockfile": .string(file.path), "pins": .integer(Int64(all.count)), "denied": .integer(Int64(denied)),
                "warned": .integer(Int64(warned)), "findings": .array(found),
                "mode": .string(plan.policy.mode.rawValue),
            ]
        )
        return denied
    }

    private static func event(_ finding: Finding, _ purl: String) -> JSON {
        .object([
            "purl": .string(purl), "rule": .string(finding.rule), "action": .string(finding.action.word),
            "message": .string(finding.message), "evidence": .string(finding.evidence),
            "allowed-from": finding.allowedFrom.map { .string($0.description) } ?? .null,
            "exemption": .string(finding.exemption),
        ])
    }
}
