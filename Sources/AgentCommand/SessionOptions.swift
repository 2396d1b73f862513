internal import ArgumentParser
internal import Session

/// The options of `run`, as flags. What they mean and what else may set them is one table in the session.
struct SessionOptions: ParsableArguments {
    @Option(help: Self.help("policy")) var policy: String?
    @Option(help: Self.help("policy-trust")) var policyTrust: String?
    @Option(help: Self.help("mode")) var mode: String?
    @Option(help: Self.help("as-of")) var asOf: String?
    @Option(help: Self.help("registry")) var registry: String?
    @Flag(inversion: .prefixedNo, help: Self.help("push")) var push: Bool?
    @Option(help: Self.help("token-file")) var tokenFile: String?
    @Option(help: Self.help("artifact")) var artifact: [String] = []
    @Option(help: Self.help("manifest")) var manifest: String?
    @Option(help: Self.help("report")) var report: String?
    @Flag(inversion: .prefixedNo, help: Self.help("locked")) var locked: Bool?
    @Flag(inversion: .prefixedNo, help: Self.help("offline")) var offline: Bool?
    @Option(help: Self.help("cache")) var cache: String?
    @Option(help: Self.help("intercept")) var intercept: String?
    @Option(help: Self.help("isolation")) var isolation: String?
    @Option(help: Self.help("reach")) var reach: [String] = []
    @Option(help: Self.help("expect")) var expect: [String] = []
    @Option(help: Self.help("origin")) var origin: [String] = []
    @Option(help: Self.help("upstream")) var upstream: [String] = []
    @Option(help: Self.help("tunnel")) var tunnel: [String] = []
    @Option(help: Self.help("signing-key")) var signingKey: String?
    @Option(help: Self.help("webhook")) var webhook: String?
    @Option(help: Self.help("pass-env")) var passEnv: [String] = []

    /// The given flags by option name.
    var flags: [String: [String]] {
        var flags: [String: [String]] = [:]
        let single = [
            "policy": policy, "mode": mode, "as-of": asOf, "registry": registry, "token-file": tokenFile,
            "manifest": manifest,
            "report": report, "cache": cache, "intercept": intercept, "isolation": isolation, "signing-key": signingKey,
            "policy-trust": policyTrust, "webhook": webhook,
        ]
        for (name, value) in single { if let value { flags[name] = [value] } }
        for (name, value) in ["push": push, "locked": locked, "offline": offline] {
            if let value { flags[name] = [value ? "true" : "false"] }
        }
        let lists = [
            "artifact": artifact, "reach": reach, "expect": expect, "origin": origin, "upstream": upstream,
            "tunnel": tunnel,
            "pass-env": passEnv,
        ]
        for (name, values) in lists where !values.isEmpty { flags[name] = values }
        return flags
    }

    private static func help(_ name: String) -> ArgumentHelp {
        ArgumentHelp(stringLiteral: Options.meaning(of: name))
    }
}

/// The options of verbs that look at a finished run.
struct RegistryOptions: ParsableArguments {
    @Option(help: "Central registry, http(s)://host[:port][/repository].") var registry: String?
    @Option(help: "File with the registry token (else PURSER_TOKEN).") var tokenFile: String?
    @Option(help: "Folder of the job cache, or off.") var cache: String?
    @Option(help: "Where the run report lies.") var report: String?

    var flags: [String: [String]] {
        var flags: [String: [String]] = [:]
        for (name, value) in ["registry": registry, "token-file": tokenFile, "cache": cache, "report": report] {
            if let value { flags[name] = [value] }
        }
        return flags
    }
}
