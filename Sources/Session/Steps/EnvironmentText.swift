internal import Core
internal import JSONText
internal import Kernel

/// The settings of a session in the forms that shells and CI systems read.
struct EnvironmentText: Sendable {
    /// The forms, by the words of `--format`.
    enum Format: String, CaseIterable, Sendable {
        /// For `eval` in a POSIX shell; GitLab's script is one.
        case shell, gitlab
        /// The runner's environment files.
        case github
        /// `NAME=value` lines.
        case dotenv
        case json
        case powershell
    }

    let note: SessionNote
    /// The step's own.
    let current: [String: String]

    /// The environment of a step within the session.
    var whole: [String: String] {
        var whole = current.merging(note.settings) { _, new in new }
        for name in note.removed { whole[name] = nil }
        if let path { whole["PATH"] = path }
        return whole
    }

    private var path: String? {
        note.programs.map { programs in current["PATH"].map { "\(programs):\($0)" } ?? programs }
    }

    private var sorted: [(String, String)] {
        note.settings.filter { EnvironmentText.isName($0.key) }.sorted { $0.key < $1.key }
    }

    /// Nil for `github`, which has files of its own.
    func text(_ format: Format) throws(Problem) -> String? {
        switch format {
        case .shell, .gitlab: return shell
        case .github: return nil
        case .dotenv: return try dotenv()
        case .json:
            var members = note.settings.mapValues(JSON.string)
            for name in note.removed { members[name] = .null }
            if let path { members["PATH"] = .string(path) }
            return String(decoding: JSON.object(members).canonicalBytes(), as: UTF8.self) + "\n"
        case .powershell: return powershell
        }
    }

    private var shell: String {
        var text = sorted.map { "export \($0)=\(EnvironmentText.quoted($1))\n" }.joined()
        if let programs = note.programs { text += "export PATH=\(EnvironmentText.quoted(programs)):\"$PATH\"\n" }
        for name in note.removed { text += "unset \(name)\n" }
        return text
    }

    private var powershell: String {
        func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "''") + "'" }
        var text = sorted.map { "$env:\($0) = \(quoted($1))\n" }.joined()
        if let programs = note.programs { text += "$env:PATH = \(quoted(programs)) + ':' + $env:PATH\n" }
        for name in note.removed { text += "Remove-Item Env:\(name) -ErrorAction SilentlyContinue\n" }
        return text
    }

    private func dotenv() throws(Problem) -> String {
        var lines = sorted
        if let path { lines.append(("PATH", path)) }
        if let (name, _) = lines.first(where: { $0.1.contains(where: \.isNewline) }) {
            throw Problem(
                .usageInvalid,
                subject: name,
                summary: "has more than one line, which this form cannot hold",
                remedy: "Use --format shell or json."
            )
        }
        return lines.map { "\($0)=\($1)\n" }.joined()
    }

    static func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "'\\''") + "'" }

    /// Shells and runners know no others.
    private static func isName(_ name: String) -> Bool {
        !name.isEmpty && !(name.first?.isNumber ?? true)
            && name.utf8.allSatisfy { $0 == 0x5F || (0x30...0x39).contains($0) || (0x41...0x5A).contains($0 & 0xDF) }
    }

    /// For a shell whose session could not be started: nothing can be fetched, and the shell stops where it heeds errors.
    static let failClosed: String = {
        let nobody = "http://no-purser-session.invalid:9"
        let names = ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"]
        return names.map { "export \($0)=\(nobody)\n" }.joined() + "false\n"
    }()
}

/// The files by which a step of GitHub gives something to later ones.
struct GitHubFiles: Sendable {
    let environment: [String: String]

    /// Sets the session's variables for later steps.
    func enter(_ note: SessionNote) throws(Problem) {
        var values = note.settings
        // A variable cannot be taken away, only emptied. The runner's own are not ours to empty for other actions.
        for name in note.removed where name.hasPrefix("PURSER_") && environment[name] != nil { values[name] = "" }
        try append(values.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }, to: "GITHUB_ENV")
        if let programs = note.programs { try write(programs + "\n", to: "GITHUB_PATH") }
    }

    /// Gives later steps back what they would have without the session: its port is closed.
    func leave(_ note: SessionNote, session: String) throws(Problem) {
        var values: [(String, String)] = []
        for (name, value) in note.settings.sorted(by: { $0.key < $1.key }) {
            if let before = note.before[name] {
                values.append((name, before))
            } else if value.contains(note.address) || isOwnFile(value, session) || name == "PURSER_SESSION" {
                values.append((name, ""))
            }
        }
        try append(values, to: "GITHUB_ENV")
    }

    /// What came of a session, as outputs of the step; where the step can have none, nobody is told.
    func give(_ event: [String: JSON]) throws(Problem) {
        guard !(environment["GITHUB_OUTPUT"] ?? "").isEmpty else { return }
        let texts = ["manifest", "manifest-digest", "statement"].map { ($0, event[$0]?.string) }
        let counts = [("denied-count", "denied"), ("warned-count", "warned"), ("gap-count", "gaps")].map { name, key in
            (name, event[key]?.integer.map { "\($0)" })
        }
        try append((texts + counts).compactMap { name, value in value.map { (name, $0) } }, to: "GITHUB_OUTPUT")
    }

    /// The certificates stay; settings in files name the closed port.
    private func isOwnFile(_ value: String, _ session: String) -> Bool {
        value.contains(session) && !value.hasSuffix("/ca-bundle.pem")
    }

    func append(_ values: [(String, String)], to variable: String) throws(Problem) {
        var text = ""
        for (name, value) in values {
            let mark = "ghadelimiter_" + Hex.encode((try? ProcessIdentity.randomBytes(16)) ?? [])
            text += "\(name)<<\(mark)\n\(value)\n\(mark)\n"
        }
        try write(text, to: variable)
    }

    private func write(_ text: String, to variable: String) throws(Problem) {
        guard let path = environment[variable], !path.isEmpty else {
            throw Problem(
                .usageInvalid,
                subject: variable,
                summary: "is not set, so that later steps cannot be told",
                remedy: "Use --format github within a step of GitHub Actions; elsewhere use shell, dotenv or json."
            )
        }
        do throws(SystemError) { try Files.openAppending(path, mode: 0o644).append(Array(text.utf8)) } catch {
            throw Problem(
                .configUnreadable,
                subject: "\(variable)=\(path)",
                summary: "could not be written (\(error))",
                remedy: "Check the runner: without this file later steps would run uncovered."
            )
        }
    }
}
