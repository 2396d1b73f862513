/// Which versions of a package a record names, and what the record says.
struct Affected: Sendable {
    let advisory: AdvisoryRecord
    let versions: Set<String>
    let ranges: [AffectedRange]
    /// Neither versions nor ranges: all of the package, since a record of malware that says less means more.
    let isWhole: Bool

    /// A package without a version is named only as a whole.
    func covers(_ version: String?, of type: String, _ compare: (String, String) -> Int?) -> Bool {
        if isWhole { return true }
        guard let version else { return ranges.contains { !$0.isGit && $0.events.allSatisfy(\.isStart) } }
        let named = Affected.spelled(version, type)
        if versions.contains(version) || versions.contains(named) { return true }
        if ranges.contains(where: { $0.contains(version, type, compare) }) { return true }
        // Another spelling of a listed version (`1.0` and `1.0.0`) is the same release to the registry. Where there are
        // ranges, they have said so.
        guard !ranges.contains(where: { !$0.isGit }) else { return false }
        return versions.contains { compare(version, Affected.respelled($0, like: version, type)) == 0 }
    }

    /// The versions that end the ranges which the version is in.
    func fixes(_ version: String?, of type: String, _ compare: (String, String) -> Int?) -> [String] {
        ranges.flatMap { range -> [String] in
            let fixed = range.events.filter { $0.kind == .fixed }.map(\.version)
            guard !range.isGit, let version else { return range.isGit ? [] : fixed }
            return fixed.filter { (compare(version, Affected.respelled($0, like: version, type)) ?? -1) < 0 }
        }
    }

    /// OSV leaves the `v` of Go's versions away.
    private static func spelled(_ version: String, _ type: String) -> String {
        type == "golang" && version.hasPrefix("v") ? String(version.dropFirst()) : version
    }

    static func respelled(_ version: String, like asked: String, _ type: String) -> String {
        type == "golang" && asked.hasPrefix("v") && !version.hasPrefix("v") ? "v\(version)" : version
    }
}

/// The points at which a record starts and stops to apply, in one order of versions.
struct AffectedRange: Sendable, Hashable {
    let events: [RangeEvent]
    /// Commits, which nobody here can put in order.
    let isGit: Bool

    /// The schema's evaluation: the last event at or before the version decides, and limits end everything.
    func contains(_ version: String, _ type: String, _ compare: (String, String) -> Int?) -> Bool {
        if isGit {
            return events.contains { $0.version == version && ($0.kind == .introduced || $0.kind == .lastAffected) }
        }
        var latest: RangeEvent?
        var limits = (seen: false, passed: true)
        for event in events {
            let bound = Affected.respelled(event.version, like: version, type)
            guard let order = event.isStart ? 1 : compare(version, bound) else { return true }
            if event.kind == .limit {
                limits.passed = limits.passed && order >= 0
                limits.seen = true
                continue
            }
            guard event.kind == .lastAffected ? order > 0 : order >= 0 else { continue }
            guard let before = latest, !before.isStart else {
                if latest == nil || !event.isStart { latest = event }
                continue
            }
            if event.isStart { continue }
            guard let later = compare(bound, Affected.respelled(before.version, like: version, type)) else {
                return true
            }
            if later >= 0 { latest = event }
        }
        if limits.seen, limits.passed { return false }
        return latest?.kind == .introduced
    }
}

/// A point in the order of versions at which a record starts or stops to apply.
struct RangeEvent: Sendable, Hashable {
    /// The key of the event in the schema.
    enum Kind: String, Sendable, CaseIterable {
        case introduced, fixed, limit
        case lastAffected = "last_affected"
    }

    let kind: Kind
    let version: String

    /// `introduced: "0"` comes before every version, whatever the ecosystem's order says.
    var isStart: Bool { kind == .introduced && version == "0" }
}
