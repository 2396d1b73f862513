internal import Core

/// `install_scripts`: installing the package runs code of the package.
struct InstallScriptsRule: Rule {
    static let definition = RuleDefinition(
        .installScripts,
        "installing it runs code of the package: a lifecycle script, a source distribution's build",
        action: .always(.report),
        onMissingData: .always(.allow),
        [RuleParameter("allow", .patterns, .patterns([]), stricter: .fewer, "the packages that may").shorthand]
    )

    private let action: Action
    private let onMissingData: Action
    private let allowed: PatternSet

    init?(_ setup: RuleSetup) {
        action = setup.action
        onMissingData = setup.onMissingData ?? .allow
        allowed = PatternSet(setup.parameters.patterns("allow"))
    }

    func opinion(on facts: Facts, subject: Subject) -> Opinion? {
        let isSource = facts.artifact.map { FileForm($0.file, type: facts.type) == .source } ?? false
        guard isSource || facts.release.runsInstallScript != false else { return nil }
        if allowed.matches(subject, facts.compare).contains(where: \.isCertain) { return nil }
        if isSource || facts.release.runsInstallScript == true {
            return Opinion(
                rule: .installScripts,
                action: action,
                message: isSource
                    ? "is a source distribution: building it runs its code" : "runs code when it is installed",
                evidence: isSource
                    ? "file \(facts.artifact?.file ?? "")" : "the index says that it has an install script"
            )
        }
        return Opinion.missing(
            .installScripts,
            onMissingData,
            "may run code when it is installed: nobody says",
            "the index says nothing of install scripts"
        )
    }
}

/// Whether a file holds something built or something to build, where its ecosystem tells by the name.
enum FileForm {
    case built, source

    init?(_ file: String, type: String) {
        switch type {
        case "pypi":
            if file.hasSuffix(".whl") || file.hasSuffix(".egg") { self = .built } else { self = .source }
        case "gem":
            // `name-1.0-x86_64-linux.gem` holds compiled code, `name-1.0.gem` what may have to be compiled.
            guard file.hasSuffix(".gem") else { return nil }
            let last = file.dropLast(4).split(separator: "-").last ?? ""
            self = last.first?.isNumber == true ? .source : .built
        default: return nil
        }
    }
}
