internal import Attestation
internal import Core
internal import Kernel
internal import Manifest
internal import Policy
internal import RegistryClient

/// The verbs that read papers and say what is in them, and those that ask the registry about a build.
public enum PaperVerbs {
    /// `purser show MANIFEST`
    public static func show(_ invocation: Invocation, manifest: String) -> Int32 {
        answer(invocation) { () throws(Problem) in
            let manifest = try read(manifest, invocation)
            for line in manifest.table { invocation.console.result(line) }
            return 0
        }
    }

    /// `purser diff A B`: 0 when nothing differs that a build could notice, else 6.
    public static func diff(_ invocation: Invocation, _ first: String, _ second: String) -> Int32 {
        answer(invocation) { () throws(Problem) in
            let difference = Manifest.diff(try read(first, invocation), try read(second, invocation))
            for line in difference.lines { invocation.console.result(line) }
            invocation.console.result("verdict: \(difference.verdict.rawValue)")
            return difference.verdict == .identical ? 0 : Problem.Code.verifyDrift.exitStatus
        }
    }

    /// `purser keygen`: a new private key, readable by nobody else, and its public half on stdout.
    public static func keygen(_ invocation: Invocation, type: String, out: String, use: String) -> Int32 {
        answer(invocation) { () throws(Problem) in
            let purpose = try purpose(use)
            guard let algorithm = SigningKey.Algorithm(rawValue: type) else {
                throw Problem(
                    .usageInvalid,
                    subject: "--type \(type)",
                    summary: "is no kind of key",
                    remedy: "Choose ed25519 or p256."
                )
            }
            let key = SigningKey.generate(algorithm)
            let path = out.hasPrefix("/") ? out : "\(invocation.folder)/\(out)"
            do throws(SystemError) {
                guard !Files.exists(path) else { throw SystemError(call: "open", errno: 17, path: path) }
                try Files.writeAtomically(path, Array(key.pem.utf8), mode: 0o600)
                var entry = TrustFile.Key(key.publicKey)
                entry.use = purpose
                let trust = TrustFile(keys: [entry])
                try Files.writeAtomically(path + ".trust.json", trust.prettyBytes(), mode: 0o644)
            } catch {
                throw Problem(
                    .configUnreadable,
                    subject: path,
                    summary: error.exists
                        ? "is there already, and a key is never overwritten" : "could not be written (\(error))",
                    remedy: "Name another file with --out."
                )
            }
            invocation.console.line("private key  \(out) (keep it out of the repository)")
            let taker = purpose == .builds ? "purser verify --trust" : "purser run --policy-trust"
            invocation.console.line("trust file   \(out).trust.json (give it to `\(taker)`)")
            invocation.console.line("key id       \(key.keyID)")
            return 0
        }
    }

    private static func purpose(_ use: String) throws(Problem) -> TrustFile.Use {
        if let purpose = TrustFile.Use(rawValue: use) { return purpose }
        throw Problem(
            .usageInvalid,
            subject: "--use \(use)",
            summary: "is nothing that a key is for",
            remedy: "Choose builds, or policies for the key that signs an organisation's policy."
        )
    }

    private static func write(_ key: SigningKey, for use: TrustFile.Use, to path: String) throws(Problem) {
        do throws(SystemError) {
            guard !Files.exists(path) else { throw SystemError(call: "open", errno: 17, path: path) }
            try Files.writeAtomically(path, Array(key.pem.utf8), mode: 0o600)
            var entry = TrustFile.Key(key.publicKey)
            entry.use = use
            try Files.writeAtomically(path + ".trust.json", TrustFile(keys: [entry]).prettyBytes(), mode: 0o644)
        } catch {
            throw Problem(
                .configUnreadable,
                subject: path,
                summary: error.exists
                    ? "is there already, and a key is never overwritten" : "could not be written (\(error))",
                remedy: "Name another file with --out."
            )
        }
    }

    /// `purser promote BUILD --to CHANNEL`
    public static func promote(_ invocation: Invocation, build: String, to channel: String) async -> Int32 {
        let console = invocation.console
        do throws(Problem) {
            let plan = try Plan.local(invocation)
            guard let registry = plan.registry else {
                throw plan.options.invalid("registry", "is needed to promote", "Add --registry URL.")
            }
            let report = try await registry.client(plan.environment).promote(build, to: channel)
            for step in report.promoted + (report.refused.map { [$0] } ?? []) {
                let isRefused = report.refused == step
                console.line("\(isRefused ? "refused by" : "promoted to") \(step.channel)")
                for gate in step.gates {
                    console.line("  \(gate.passed ? "pass" : "FAIL")  \(gate.name)  \(gate.message)")
                }
            }
            if let problem = report.problem { throw problem }
            return 0
        } catch {
            console.problem(error)
            return error.code.exitStatus
        }
    }

    private static func read(_ name: String, _ invocation: Invocation) throws(Problem) -> BuildManifest {
        let path = name.hasPrefix("/") ? name : "\(invocation.folder)/\(name)"
        let bytes: [UInt8]
        do throws(SystemError) { bytes = try Files.readAll(path, limit: 64 << 20) } catch {
            throw Problem(
                .notFound,
                subject: name,
                summary: "could not be read (\(error))",
                remedy: "Name a purser.lock."
            )
        }
        return try BuildManifest.read(bytes, named: name)
    }

    private static func answer(_ invocation: Invocation, _ body: () throws(Problem) -> Int32) -> Int32 {
        do throws(Problem) { return try body() } catch {
            invocation.console.problem(error)
            return error.code.exitStatus
        }
    }
}
