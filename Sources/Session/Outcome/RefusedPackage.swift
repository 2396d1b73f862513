internal import Core
internal import Manifest

/// What one rule refuses of one package: one line says it of all its releases; the run report has each.
struct RefusedPackage: Sendable {
    /// One of each release, in the order in which they came.
    private(set) var denials: [RunReport.Denial]

    /// The one that is told of in whole: the first that would pass by itself, where time helps, else the first.
    var told: RunReport.Denial {
        denials.reduce(denials[0]) { best, next in
            guard let time = next.allowedFrom else { return best }
            guard let earliest = best.allowedFrom else { return best }
            return time < earliest ? next : best
        }
    }

    /// What else the rule refuses of it; nil where that is all.
    var others: String? {
        let told = told.subject
        let names = denials.map(\.subject).filter { $0 != told }.map(RefusedPackage.version)
        guard !names.isEmpty else { return nil }
        let more = names.count > 4 ? " and \(names.count - 4) more" : ""
        let lead = names.count == 1 ? "one release more" : "\(names.count) releases more"
        return "\(lead): \(names.prefix(4).joined(separator: ", "))\(more)"
    }

    /// In the order in which packages came.
    static func gather(_ denials: [RunReport.Denial]) -> [RefusedPackage] {
        var packages: [RefusedPackage] = []
        var places: [String: Int] = [:]
        var seen: Set<String> = []
        for denial in denials where seen.insert("\(denial.subject) \(denial.rule)").inserted {
            let package = (try? Purl(parsing: denial.subject))?.package.description ?? denial.subject
            let key = "\(package) \(denial.rule)"
            if let place = places[key] {
                packages[place].denials.append(denial)
            } else {
                places[key] = packages.count
                packages.append(RefusedPackage(denials: [denial]))
            }
        }
        return packages
    }

    /// A release beside another of its package.
    private static func version(_ subject: String) -> String { (try? Purl(parsing: subject))?.version ?? subject }
}
