internal import Core

/// What `session:` says, before the mode settles the rest.
struct SessionSettings: Sendable {
    var expect: [String] = []
    var gaps = Action.report
    var restoredUnverified = Action.warn
    var isolation = SessionRules.Isolation.none
    /// Nil: refused in enforce mode, passed in audit mode.
    var publish: SessionRules.Publishing?

    init() {}

    init(_ section: YAMLValue?) throws(Problem) {
        let keys = ["expect", "gaps", "restored_unverified", "isolation", "publish"]
        guard let parts = try section?.map(keys: keys) else { return }
        for element in try parts["expect"]?.list() ?? [] { expect.append(try element.purlType()) }
        gaps = try parts["gaps"]?.action() ?? gaps
        restoredUnverified = try parts["restored_unverified"]?.action() ?? restoredUnverified
        let isolation = try parts["isolation"]?.choice(of: SessionRules.Isolation.allCases.map(\.rawValue))
        self.isolation = isolation.flatMap(SessionRules.Isolation.init(rawValue:)) ?? .none
        let publish = try parts["publish"]?.choice(of: SessionRules.Publishing.allCases.map(\.rawValue))
        self.publish = publish.flatMap(SessionRules.Publishing.init(rawValue:))
    }

    func rules(mode: Policy.Mode) -> SessionRules {
        SessionRules(
            expect: expect,
            gaps: gaps,
            restoredUnverified: restoredUnverified,
            isolation: isolation,
            publish: publish ?? (mode == .enforce ? .block : .allow)
        )
    }
}
