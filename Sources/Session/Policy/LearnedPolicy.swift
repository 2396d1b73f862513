internal import Core
internal import Ecosystems
internal import Kernel
internal import Manifest
internal import Policy

/// A policy that lets in what one job got, and nothing else: a start for whoever has none.
struct LearnedPolicy: Sendable {
    let text: String

    static let file = "purser.learned.yml"
    /// How long what was learned to be an exception holds.
    private static let exemptionDays: Int64 = 30

    /// `record` knows what was asked about and not fetched: resolvers read indexes of packages for other platforms, and
    /// Go reads the go.mod of modules that it does not build.
    init(_ manifest: BuildManifest, _ report: RunReport, record: ReplayRecord?, now: Timestamp) throws(Problem) {
        let types = Set(manifest.inputs.map(\.purl.type)).intersection(LearnedPolicy.known)
        let asked = record.map { LearnedPolicy.asked($0, manifest, types) } ?? []
        let packages = Set((manifest.inputs.map(\.purl) + asked).map(\.package.description)).sorted()
        let until = Timestamp(seconds: now.seconds + LearnedPolicy.exemptionDays * 86_400).day
        var lines = [
            "# Learned from session \(report.session): what that job got, and nothing else. Read it before you commit it.",
            "version: 1", "mode: enforce", "rules:",
        ]
        lines += LearnedPolicy.list("  origin.allow:", key: "origins", LearnedPolicy.hosts(manifest, types))
        lines += ["  block:", "    # Of each ecosystem, the packages under except: and no others."]
        lines.append("    purls: [\(LearnedPolicy.known.sorted().map { "\"pkg:\($0)/*\"" }.joined(separator: ", "))]")
        lines += packages.isEmpty ? [] : ["    except:"] + packages.map { "      - \(LearnedPolicy.quoted($0))" }
        let exemptions = LearnedPolicy.exemptions(report, until)
        if !exemptions.isEmpty { lines += ["exempt:"] + exemptions }
        let session =
            (types.isEmpty ? [] : ["expect: [\(types.sorted().joined(separator: ", "))]"])
            + (report.publications.isEmpty ? [] : ["publish: allow"])
        if !session.isEmpty { lines.append("session: { \(session.joined(separator: ", ")) }") }
        text = lines.joined(separator: "\n") + "\n"
        // A policy that cannot be read back is worse than none.
        _ = try PolicyFile.parse(text, name: LearnedPolicy.file, allowsAgent: false)
    }

    func write(to path: String) throws(Problem) {
        do throws(SystemError) { try Files.writeAtomically(path, Array(text.utf8), mode: 0o644) } catch {
            throw Problem(
                .configUnreadable,
                subject: path,
                summary: "could not be written (\(error))",
                remedy: "Make the folder writable, or name another file with --out."
            )
        }
    }

    private static let known = Set(Catalog.all.map(\.type))

    /// Where files came from, and where the ecosystems of these files are asked by default.
    private static func hosts(_ manifest: BuildManifest, _ types: Set<String>) -> [String] {
        let files = manifest.inputs.compactMap { (try? HTTPURL($0.url))?.origin.host }
        let indexes = Catalog.all.filter { types.contains($0.type) }.compactMap { $0.defaultOrigin?.host }
        return Set(files + indexes).sorted()
    }

    /// Packages whose indexes were read.
    private static func asked(_ record: ReplayRecord, _ manifest: BuildManifest, _ types: Set<String>) -> [Purl] {
        var hosts: [String: Set<String>] = [:]
        for input in manifest.inputs {
            guard let url = try? HTTPURL(input.url) else { continue }
            hosts[input.purl.type, default: []].insert(url.origin.host)
        }
        let codecs = Catalog.all.filter { types.contains($0.type) && $0.type != "git" && $0.type != "generic" }
        return record.entries.filter { $0.status == 200 }.compactMap { entry in
            guard let url = try? HTTPURL(entry.key.origin + entry.key.path) else { return nil }
            let request = Request(url: url, accept: entry.key.accept)
            for codec in codecs
            where codec.hosts.contains(url.origin.host) || hosts[codec.type]?.contains(url.origin.host) == true {
                if case .index(.package(let purl))? = try? codec.intent(of: request) { return purl }
            }
            return nil
        }
    }

    private static func list(_ head: String, key: String, _ items: [String]) -> [String] {
        guard !items.isEmpty else { return [] }
        return [head, "    action: block", "    \(key):"] + items.map { "      - \(quoted($0))" }
    }

    /// One line for each package and rule that enforce would have refused.
    private static func exemptions(_ report: RunReport, _ until: String) -> [String] {
        var seen: Set<String> = []
        return (report.wouldBlock + unclaimed(report)).compactMap { denial in
            guard denial.subject.hasPrefix("pkg:"), seen.insert("\(denial.subject) \(denial.rule)").inserted else {
                return nil
            }
            // What the allow-list above settles needs no exception.
            guard denial.rule != "block", denial.rule != "origin.allow" else { return nil }
            let reason = quoted("learned: \(denial.message)")
            return "  - { purl: \(quoted(denial.subject)), rule: \(denial.rule), reason: \(reason), until: \(until) }"
        }
    }

    /// What is reported while one looks, and refused under enforce.
    private static func unclaimed(_ report: RunReport) -> [RunReport.Denial] {
        let rule = RuleKey.unclaimed.rawValue
        return report.verdicts.flatMap { verdict in
            verdict.findings.filter { $0.rule == rule && $0.action != Action.allow.word }.map { finding in
                RunReport.Denial(subject: verdict.purl.release.description, rule: rule, message: finding.message)
            }
        }
    }

    private static func quoted(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": escaped += "\\\(scalar)"
            case _ where scalar.properties.generalCategory == .control: escaped += " "
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return "\"\(escaped)\""
    }
}
