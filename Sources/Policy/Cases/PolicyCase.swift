public import Core

/// One case of a policy's own tests: facts, and the verdict that they must get.
public struct PolicyCase: Sendable {
    /// What is known of an ecosystem without asking anybody.
    public struct Surroundings: Sendable {
        /// By purl type: the version order, whether its registry stamps releases itself, and where it is asked.
        public let compare: @Sendable (_ type: String, _ a: String, _ b: String) -> Int?
        public let assignsTimes: @Sendable (_ type: String) -> Bool
        public let origin: @Sendable (_ type: String) -> Origin?

        public init(
            compare: @escaping @Sendable (_ type: String, _ a: String, _ b: String) -> Int?,
            assignsTimes: @escaping @Sendable (_ type: String) -> Bool,
            origin: @escaping @Sendable (_ type: String) -> Origin?
        ) {
            self.compare = compare
            self.assignsTimes = assignsTimes
            self.origin = origin
        }
    }

    /// What became of a case.
    public struct Outcome: Sendable {
        public let verdict: Verdict
        /// What is not as it should be, in words; empty for a case that holds.
        public let complaints: [String]

        public var holds: Bool { complaints.isEmpty }
    }

    public let name: String
    /// File and line.
    public let place: String
    public let facts: Facts
    let outcome: Action
    /// The rules that object, in any order; nil where the case does not say.
    let rules: [String]?

    public func check(_ policy: Policy) -> Outcome {
        let verdict = policy.judge(facts)
        var complaints: [String] = []
        if verdict.outcome != outcome {
            complaints.append("expected \(outcome.word), got \(verdict.outcome.word)")
        }
        let speaking = Set(verdict.findings.filter { $0.action > .allow }.map(\.rule))
        if let rules, Set(rules) != speaking {
            let got = speaking.isEmpty ? "none" : speaking.sorted().joined(separator: ", ")
            complaints.append(
                "expected the rules \(rules.isEmpty ? "none" : rules.joined(separator: ", ")), got \(got)"
            )
        }
        return Outcome(verdict: verdict, complaints: complaints)
    }

    /// Reads the cases of one file of YAML or JSON, as strictly as a policy file.
    public static func read(
        _ text: String,
        name: String,
        _ surroundings: Surroundings,
        maximumBytes: Int = 4 << 20
    ) throws(Problem) -> [PolicyCase] {
        let document = try YAMLDocument.read(text, file: name, maximumBytes: maximumBytes)
        let top = try document.map(keys: ["version", "now", "cases"])
        guard try top["version"]?.number(in: 0...1_000_000) == 1 else {
            throw document.problem("does not say which format it has", "add the line 'version: 1'")
        }
        let now = try top["now"]?.time()
        var cases: [PolicyCase] = []
        for entry in try top["cases"]?.list() ?? [] { cases.append(try PolicyCase(entry, now, surroundings)) }
        guard !cases.isEmpty else { throw document.problem("has no cases", "add at least one under 'cases:'") }
        return cases
    }

    private init(_ entry: YAMLValue, _ shared: Timestamp?, _ surroundings: Surroundings) throws(Problem) {
        let parts = try entry.map(keys: ["name", "now", "facts", "expect"])
        guard let name = parts["name"], let facts = parts["facts"], let expect = parts["expect"] else {
            throw entry.problem("is not whole", "a case has a name, facts and what to expect")
        }
        self.name = try name.text()
        place = "\(entry.file) line \(entry.line)"
        guard let now = try parts["now"]?.time() ?? shared else {
            throw entry.problem(
                "does not say when it is",
                "add 'now:' to the case or to the file, for example 2026-10-01"
            )
        }
        self.facts = try Facts(facts, now: now, surroundings)
        guard case .map = expect.content else {
            (outcome, rules) = (try expect.action(), nil)
            return
        }
        let wanted = try expect.map(keys: ["outcome", "rules"])
        guard let outcome = wanted["outcome"] else {
            throw expect.problem("names no outcome", "add 'outcome:' with allow, report, warn or block")
        }
        self.outcome = try outcome.action()
        guard let list = wanted["rules"] else {
            rules = nil
            return
        }
        var rules: [String] = []
        for element in try list.list() { rules.append(try element.choice(of: RuleKey.allCases.map(\.rawValue))) }
        self.rules = rules
    }
}
