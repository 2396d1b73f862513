/// Which versions of a package a record names.
struct Affected: Sendable {
    private(set) var record = 0
    let versions: Set<String>
    let ranges: [[RangeEvent]]
    /// Neither versions nor ranges: all of the package, since a record of malware that says less means more.
    let isWhole: Bool

    init(versions: Set<String>, ranges: [[RangeEvent]], isWhole: Bool) {
        self.versions = versions
        self.ranges = ranges
        self.isWhole = isWhole
    }

    func with(record: Int) -> Affected {
        var copy = self
        copy.record = record
        return copy
    }

    /// A package without a version is named only as a whole.
    func covers(_ version: String?, of type: String, _ compare: (String, String) -> Int?) -> Bool {
        if isWhole { return true }
        guard let version else { return ranges.contains { $0.allSatisfy(\.isStart) } }
        let named = spelled(version, type)
        if versions.contains(version) || versions.contains(named) { return true }
        // Another spelling of a listed version (`1.0` and `1.0.0`) is the same release to the registry.
        if versions.contains(where: { compare(version, respelled($0, like: version, type)) == 0 }) { return true }
        return ranges.contains { contains(version, $0, type, compare) }
    }

    /// The schema's evaluation: the last event at or before the version decides, and limits end everything.
    private func contains(
        _ version: String,
        _ events: [RangeEvent],
        _ type: String,
        _ compare: (String, String) -> Int?
    ) -> Bool {
        var latest: RangeEvent?
        var limits = (seen: false, passed: true)
        for event in events {
            let bound = respelled(event.version, like: version, type)
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
            guard let later = compare(bound, respelled(before.version, like: version, type)) else { return true }
            if later >= 0 { latest = event }
        }
        if limits.seen, limits.passed { return false }
        return latest?.kind == .introduced
    }

    /// OSV leaves the `v` of Go's versions away.
    private func spelled(_ version: String, _ type: String) -> String {
        type == "golang" && version.hasPrefix("v") ? String(version.dropFirst()) : version
    }

    private func respelled(_ version: String, like asked: String, _ type: String) -> String {
        type == "golang" && asked.hasPrefix("v") && !version.hasPrefix("v") ? "v\(version)" : version
    }
}

/// A point in the order of versions at which a record starts or stops to apply.
struct RangeEvent: Sendable, Hashable {
    /// The key of the event in the schema.
    enum Kind: String, Sendable {
        case introduced, fixed, limit
        case lastAffected = "last_affected"
    }

    let kind: Kind
    let version: String

    /// `introduced: "0"` comes before every version, whatever the ecosystem's order says.
    var isStart: Bool { kind == .introduced && version == "0" }
}
