internal import Core
internal import Ecosystems
internal import Isolation
internal import Kernel
internal import Policy
internal import RegistryClient
internal import Storage

/// `purser doctor`: what this machine can do, one line each, and what to mend.
public enum Doctor {
    public static func perform(_ invocation: Invocation) async -> Int32 {
        let console = invocation.console
        var worst: Int32 = 0
        func tell(_ name: String, _ check: () async throws(Problem) -> String) async {
            let label = name + String(repeating: " ", count: max(0, 11 - name.count))
            do throws(Problem) { console.result("ok    \(label)\(try await check())") } catch {
                console.result("FAIL  \(label)\(error.subject) \(error.summary)")
                console.result("      \(String(repeating: " ", count: 11))\(error.remedy)")
                worst = max(worst, error.code.exitStatus)
            }
        }
        do throws(Problem) {
            let plan = try await Plan.prepare(invocation)
            await tell("clients") { () throws(Problem) in clients(plan) }
            await tell("trust") { () throws(Problem) in
                "\(try TrustBundle.named(in: plan.environment).count) bytes of certificates"
            }
            await tell("temporary") { () throws(Problem) in try SessionPaths.temporaryFolder(plan.environment) }
            await tell("cache") { () throws(Problem) in try cache(plan) }
            await tell("policy") { () throws(Problem) in "\(plan.policy.mode.rawValue), \(plan.policySource)" }
            await tell("isolation") { () async throws(Problem) in await isolation(plan, invocation.program) }
            await tell("source") { () throws(Problem) in plan.ci.map { "CI: \($0.name)" } ?? "no CI system" }
            if let registry = plan.registry {
                await tell("registry") { () async throws(Problem) in
                    _ = try await registry.client(plan.environment).missing([.sha256(of: [])])
                    return "\(registry.base.redacted) answers\(registry.token == nil ? "" : " and knows the token")"
                }
            }
            return worst
        } catch {
            console.problem(error)
            return error.code.exitStatus
        }
    }

    private static func isolation(_ plan: Plan, _ program: OwnProgram) async -> String {
        let fence = await Fence.obstacle(program, plan.environment)
        let reason = fence.reason.map { " (\($0))" } ?? ""
        let weaker = fence.tier == .none ? "fence cannot be had here\(reason)" : "\(fence.tier.rawValue) works\(reason)"
        guard let obstacle = await Seal.obstacle(program, plan.environment) else {
            return "seal works here (--isolation seal or auto); \(weaker)"
        }
        let strongest = fence.tier == .none ? "none" : fence.tier.rawValue
        return "\(strongest): seal cannot be had here (\(obstacle)); \(weaker)"
    }

    private static func clients(_ plan: Plan) -> String {
        let found = ClientSetup.clients(onPath: plan.environment["PATH"] ?? "").sorted()
        return found.isEmpty ? "none found on PATH" : found.joined(separator: " ")
    }

    /// The folder can be written, and how much room is there.
    private static func cache(_ plan: Plan) throws(Problem) -> String {
        let level = SessionPaths.level(ci: plan.ci, folder: plan.folder)
        guard let folder = SessionPaths.cacheFolder(plan.options.text("cache"), plan.environment, level) else {
            return "off"
        }
        do throws(SystemError) {
            try Files.makeFolder(folder)
            let trial = "\(folder)/.doctor"
            try Files.writeAtomically(trial, [], durably: false)
            try Files.unlink(trial)
            return "\(folder), \(try Files.freeSpace(folder).available >> 20) MiB free"
        } catch { throw StorageError.failed(path: folder, what: "\(error)").problem }
    }
}
