public import Core
internal import Policy

/// Every setting of a session, each with where it came from: flag, environment, file, default, in that order.
public struct Options: Sendable {
    /// One option of `run`. Its name is the flag without dashes, the key under `agent:`, and, in capitals with
    /// underscores, the end of `PURSER_…`.
    public struct Kind: Hashable, Sendable {
        public let name: String
        public let isList: Bool
        public let fallback: String?
        public let meaning: String

        /// Nil for the signing key: `PURSER_SIGNING_KEY` holds the key itself, never the name of a file.
        public var variable: String? {
            name == "signing-key" ? nil : "PURSER_" + name.uppercased().replacing("-", with: "_")
        }
    }

    public static let kinds: [Kind] = [
        one("policy", nil, "policy file, or URL#sha256=HEX (default: ./purser.yml, else built-in rules in audit mode)"),
        one("policy-trust", nil, "keys that sign the registry's policy, which then stands above the repository's"),
        one("mode", nil, "audit or enforce, which may only tighten; learn also writes a policy from what the job does"),
        one(
            "as-of",
            nil,
            "day, time or age (30d): what was published later does not exist; never later than rules.as_of.time"
        ),
        one("registry", nil, "central registry, http(s)://host[:port][/repository]"),
        one("push", "false", "push artifacts and manifest to the registry at the end"),
        one("token-file", nil, "file with the registry token (else PURSER_TOKEN)"),
        list("artifact", "what the job builds, as a glob below the working folder; repeatable"),
        one("manifest", "purser.lock", "where the build manifest is written"),
        one("report", "purser-run.json", "where the run report is written"),
        one("locked", "false", "obey the manifest instead of writing it"),
        one("offline", "false", "answer from the cache only"),
        one("cache", nil, "folder of the job cache, or off (default: the user's cache folder)"),
        one("max-duration", "6h", "start: how long the session may live before it ends itself, as 90s, 30m, 6h or 1d"),
        one("intercept", "auto", "auto, proxy or registry: how clients are led to the agent"),
        one(
            "isolation",
            "none",
            "none: settings only; fence: a filter on calls, loopback only; seal: namespaces without any way out but the agent; auto: the strongest that works"
        ),
        list("reach", "HOST:PORT: let a confined command reach this service, unread; each use is a gap; repeatable"),
        list("expect", "fail if this ecosystem (a purl type) had no traffic; repeatable"),
        list("origin", "TYPE=URL: traffic under this address is of this ecosystem; repeatable"),
        list("upstream", "TYPE=URL: fetch from URL what clients ask of that type's public hosts; repeatable"),
        list("tunnel", "HOST[:PORT] or *.HOST whose connections are passed on unread, each use a gap; repeatable"),
        one("signing-key", nil, "private key (PKCS#8 PEM) file, or none (else PURSER_SIGNING_KEY)"),
        one("webhook", nil, "URL that is told of each denial; PURSER_WEBHOOK_SECRET signs what is sent"),
        list("pass-env", "leave this variable in COMMAND's environment although it holds a secret; repeatable"),
    ]

    /// Nothing for a name that is no option's.
    public static func meaning(of name: String) -> String { kinds.first { $0.name == name }?.meaning ?? "" }

    /// Where a value came from, in words.
    public enum Source: Hashable, Sendable, CustomStringConvertible {
        case flag, environment(String), file(String), fallback

        public var description: String {
            switch self {
            case .flag: "command line"
            case .environment(let name): name
            case .file(let place): place
            case .fallback: "default"
            }
        }
    }

    private var values: [String: (values: [String], source: Source)] = [:]

    /// Chooses for each option the first place that names it. A key under `agent:` that is no option is an error.
    public static func resolve(
        flags: [String: [String]],
        environment: [String: String],
        file: [FileSetting]
    ) throws(Problem) -> Options {
        var options = Options()
        for setting in file where !kinds.contains(where: { $0.name == setting.key }) {
            throw setting.unknown(nearest: nearest(to: setting.key))
        }
        for kind in kinds {
            if let given = flags[kind.name] {
                options.values[kind.name] = (given, .flag)
            } else if let variable = kind.variable, let text = environment[variable], !text.isEmpty {
                let parts = kind.isList ? text.split(whereSeparator: \.isNewline).map(String.init) : [text]
                options.values[kind.name] = (parts, .environment(variable))
            } else if let setting = file.first(where: { $0.key == kind.name }) {
                guard kind.isList || !setting.isMany else { throw setting.tooMany }
                options.values[kind.name] = (setting.values, .file(setting.place))
            } else {
                options.values[kind.name] = (kind.fallback.map { [$0] } ?? [], .fallback)
            }
        }
        return options
    }

    public func text(_ name: String) -> String? { values[name]?.values.first }
    public func list(_ name: String) -> [String] { values[name]?.values ?? [] }
    public func source(_ name: String) -> Source { values[name]?.source ?? .fallback }

    /// A switch: true, yes, on, 1; anything else that is not their opposite is an error.
    public func flag(_ name: String) throws(Problem) -> Bool {
        switch (text(name) ?? "false").lowercased() {
        case "true", "yes", "on", "1": return true
        case "false", "no", "off", "0", "": return false
        default: throw invalid(name, "is neither true nor false", "Write true or false.")
        }
    }

    /// A word out of a list.
    public func choice(_ name: String, of words: [String]) throws(Problem) -> String {
        let word = text(name) ?? ""
        guard words.contains(word) else {
            throw invalid(name, "is none of \(words.joined(separator: ", "))", "Choose one of them.")
        }
        return word
    }

    public func invalid(_ name: String, _ summary: String, _ remedy: String) -> Problem {
        Problem(
            .usageInvalid,
            subject: "--\(name) \(list(name).joined(separator: " "))",
            summary: summary,
            remedy: remedy,
            details: ["from": source(name).description]
        )
    }

    private static func one(_ name: String, _ fallback: String?, _ meaning: String) -> Kind {
        Kind(name: name, isList: false, fallback: fallback, meaning: meaning)
    }

    private static func list(_ name: String, _ meaning: String) -> Kind {
        Kind(name: name, isList: true, fallback: nil, meaning: meaning)
    }

    private static func nearest(to key: String) -> String? {
        kinds.map { ($0.name, distance($0.name, key)) }.filter { $0.1 <= 3 }.min { $0.1 < $1.1 }?.0
    }

    /// Edits (insert, drop, change) between two words.
    private static func distance(_ a: String, _ b: String) -> Int {
        let b = Array(b)
        var row = Array(0...b.count)
        for (i, letter) in a.enumerated() {
            var previous = row[0]
            row[0] = i + 1
            for j in b.indices {
                let cost = letter == b[j] ? previous : previous + 1
                previous = row[j + 1]
                row[j + 1] = min(cost, row[j] + 1, row[j + 1] + 1)
            }
        }
        return row[b.count]
    }
}

/// One key under `agent:` of `purser.yml`.
public struct FileSetting: Hashable, Sendable {
    public let key: String
    public let values: [String]
    /// File and line.
    public let place: String
    /// A list or a map stands there, of whatever length.
    public let isMany: Bool

    public init(key: String, values: [String], place: String, isMany: Bool = false) {
        self.key = key
        self.values = values
        self.place = place
        self.isMany = isMany
    }

    init(_ setting: AgentSetting) {
        self.init(
            key: setting.key,
            values: setting.values,
            place: "\(setting.file) line \(setting.line)",
            isMany: setting.isMany
        )
    }

    var tooMany: Problem {
        Problem(
            .usageInvalid,
            subject: "\(place), agent.\(key)",
            summary: "must be a single value, but is a list or a map",
            remedy: "Write one value behind the colon."
        )
    }

    func unknown(nearest: String?) -> Problem {
        Problem(
            .usageInvalid,
            subject: "\(place), agent.\(key)",
            summary: "is no option of the agent",
            remedy: nearest.map { "Did you mean '\($0)'?" } ?? "Remove the key; `purser run --help` lists the options."
        )
    }
}
