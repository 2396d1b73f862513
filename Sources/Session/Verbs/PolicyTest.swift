internal import Core
internal import Ecosystems
internal import Kernel
internal import Policy

/// `purser policy test DIR`: a policy's own cases, for the continuous integration of a repository of policies.
public enum PolicyTest {
    /// `format` is `tap` or `table`.
    public static func perform(_ invocation: Invocation, folder: String, format: String) async -> Int32 {
        let console = invocation.console
        do throws(Problem) {
            guard ["tap", "table"].contains(format) else {
                throw Problem(
                    .usageInvalid,
                    subject: "--format \(format)",
                    summary: "is no form of a result",
                    remedy: "Choose tap or table."
                )
            }
            let plan = try await Plan.prepare(invocation)
            var cases: [PolicyCase] = []
            for file in try files(plan.path(folder), shown: folder) {
                cases += try PolicyCase.read(try text(file.path), name: file.shown, surroundings)
            }
            let outcomes = cases.map { $0.check(plan.policy) }
            let lines = format == "tap" ? tap(cases, outcomes) : table(cases, outcomes)
            for line in lines { console.result(line) }
            return outcomes.allSatisfy(\.holds) ? 0 : Problem.Code.policyDenied.exitStatus
        } catch {
            console.problem(error)
            return error.code.exitStatus
        }
    }

    static let surroundings = PolicyCase.Surroundings(
        compare: { type, a, b in Catalog.all.first { $0.type == type }?.compare(a, b) },
        assignsTimes: { type in Catalog.all.first { $0.type == type }?.registryAssignsTimes ?? false },
        origin: { type in Catalog.all.first { $0.type == type }?.defaultOrigin }
    )

    private static let limit = 10_000

    /// Every file of YAML or JSON below the folder, by name; a single file by itself.
    private static func files(_ path: String, shown: String) throws(Problem) -> [(path: String, shown: String)] {
        var files: [(path: String, shown: String)] = []
        do throws(SystemError) {
            guard try Files.stat(path, followLink: true).isFolder else { return [(path, shown)] }
            for name in try Files.list(path, limit: limit).sorted() where !name.hasPrefix(".") {
                let inner = "\(path)/\(name)"
                if try Files.stat(inner).isFolder {
                    files += try PolicyTest.inner(inner, "\(shown)/\(name)")
                } else if isCase(name) {
                    files.append((inner, "\(shown)/\(name)"))
                }
            }
        } catch { throw unreadable(shown, "\(error)") }
        guard !files.isEmpty else { throw unreadable(shown, "holds no .yml, .yaml or .json file") }
        return files
    }

    private static func inner(_ path: String, _ shown: String) throws(SystemError) -> [(path: String, shown: String)] {
        try Files.list(path, limit: limit).sorted().filter(isCase).map { ("\(path)/\($0)", "\(shown)/\($0)") }
    }

    private static func isCase(_ name: String) -> Bool {
        !name.hasPrefix(".") && [".yml", ".yaml", ".json"].contains { name.hasSuffix($0) }
    }

    private static func text(_ path: String) throws(Problem) -> String {
        guard let text = try PolicyText.read(path, isRequired: true) else { throw unreadable(path, "is not there") }
        return text.text
    }

    private static func unreadable(_ path: String, _ what: String) -> Problem {
        Problem(
            .configUnreadable,
            subject: path,
            summary: what,
            remedy: "Name a folder with cases; see docs/policy.md."
        )
    }

    /// Test Anything Protocol, version 14.
    private static func tap(_ cases: [PolicyCase], _ outcomes: [PolicyCase.Outcome]) -> [String] {
        var lines = ["TAP version 14", "1..\(cases.count)"]
        for (number, (one, outcome)) in zip(cases, outcomes).enumerated() {
            let name = one.name.replacing("#", with: "\\#").replacing("\n", with: " ")
            lines.append("\(outcome.holds ? "ok" : "not ok") \(number + 1) - \(name)")
            guard !outcome.holds else { continue }
            lines += ["  ---", "  at: \(one.place)"]
            lines += outcome.complaints.map { "  message: \"\($0)\"" }
            lines += outcome.verdict.findings.map { "  \($0.rule): \"\($0.action.word), \($0.message)\"" }
            lines.append("  ...")
        }
        return lines
    }

    private static func table(_ cases: [PolicyCase], _ outcomes: [PolicyCase.Outcome]) -> [String] {
        var lines: [String] = []
        for (one, outcome) in zip(cases, outcomes) {
            lines.append("\(outcome.holds ? "ok  " : "FAIL")  \(one.name)  (\(one.place))")
            guard !outcome.holds else { continue }
            lines += outcome.complaints.map { "      \($0)" }
            lines += outcome.verdict.findings.map { "      \($0.rule): \($0.action.word), \($0.message)" }
        }
        let failed = outcomes.count { !$0.holds }
        return lines + ["\(cases.count) cases, \(failed) failed"]
    }
}
