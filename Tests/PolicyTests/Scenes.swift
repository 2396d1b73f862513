import Core
import Policy

let now = Timestamp(seconds: 1_795_000_000)

/// A version order of dotted numbers, `1.0` equal to `1.0.0`; anything else has no place in it.
@Sendable func dotted(_ a: String, _ b: String) -> Int? {
    func numbers(_ text: String) -> [Int]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
        return parts.contains(nil) ? nil : parts.compactMap(\.self)
    }
    guard var left = numbers(a), var right = numbers(b) else { return nil }
    while left.count < right.count { left.append(0) }
    while right.count < left.count { right.append(0) }
    for (one, other) in zip(left, right) where one != other { return one < other ? -1 : 1 }
    return 0
}

func facts(
    _ purl: String,
    age seconds: Int64? = 100 * 86_400,
    _ change: (inout Facts) -> Void = { _ in }
) throws -> Facts {
    let purl = try Purl(parsing: purl)
    var release = Release(purl: purl)
    release.published = seconds.map {
        PublishTime(Timestamp(seconds: now.seconds - $0), basis: .uploadTime)
    }
    var facts = Facts(
        release: release,
        origin: Origin(.https, "registry.example"),
        type: purl.type,
        now: now,
        compare: dotted
    )
    facts.advisories = []
    change(&facts)
    return facts
}

func loaded(_ yaml: String, mode: Policy.Mode? = nil) throws -> Policy {
    try PolicyFile.parse("version: 1\n" + yaml, name: "purser.yml").policy(overridingMode: mode)
}

/// The problem that reading the text ends in; nil when it can be read.
func complaint(_ yaml: String) -> Problem? {
    do throws(Problem) {
        _ = try PolicyFile.parse(yaml, name: "purser.yml").policy(overridingMode: nil)
        return nil
    } catch {
        return error
    }
}
