internal import Core

/// `lockfile.clean`: the job changed a lockfile of the project. Judged once, at the end of a session, and of no package.
enum LockfileClean {
    static let definition = RuleDefinition(
        .lockfileClean,
        "the job changed a lockfile that was there when it began",
        action: .always(.warn)
    )
}
