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

    init(_ manifest: BuildManifest, _ report: RunReport, now: Timestamp) throws(Problem) {
        let types = Set(manifest.inputs.map(\.purl.type)).intersection(LearnedPolicy.known)
        let packages = Set(manifest.inputs.map(\.purl.package.description)).sorted()
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
        if !types.isEmpty { lines.append("session: { expect: [\(types.sorted().joined(separator: ", "))] }") }
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

    private static func list(_ head: String, key: String, _ items: [String]) -> [String] {
        guard !items.isEmpty else { return [] }
        return [head, "    action: block", "    \(key):"] + items.map { "      - \(quoted($0))" }
    }

    /// One line for each package and rule that enforce would have refused.
    private static func exemptions(_ report: RunReport, _ until: String) -> [String] {
        var seen: Set<String> = []
        return report.wouldBlock.compactMap { denial in
            guard denial.subject.hasPrefix("pkg:"), seen.insert("\(denial.subject) \(denial.rule)").inserted else {
                return nil
            }
            // What the allow-list above settles needs no exception.
            guard denial.rule != "block", denial.rule != "origin.allow" else { return nil }
            let reason = quoted("learned: \(denial.message)")
            return "  - { purl: \(quoted(denial.subject)), rule: \(denial.rule), reason: \(reason), until: \(until) }"
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
