/// Base scores of CVSS vectors, times ten.
///
/// Versions 2 and 3 by their own formulas. A vector of version 4 is rated by version 3's formula over the metrics that both
/// have: its own score is looked up in a table of 270 rows, and every database that writes version 4 also writes a word.
enum CVSS {
    static func score(_ vector: String) -> Int? {
        var metrics: [Substring: Substring] = [:]
        for part in vector.split(separator: "/") {
            let pair = part.split(separator: ":", maxSplits: 1)
            if pair.count == 2, metrics[pair[0]] == nil { metrics[pair[0]] = pair[1] }
        }
        switch metrics["CVSS"] {
        case "3.0", "3.1": return third(metrics)
        case "4.0": return third(asThird(metrics))
        case nil: return second(metrics)
        default: return nil
        }
    }

    private static func third(_ metrics: [Substring: Substring]) -> Int? {
        guard let scope = metrics["S"], scope == "U" || scope == "C",
            let vector = weight(metrics["AV"], ["N": 0.85, "A": 0.62, "L": 0.55, "P": 0.2]),
            let complexity = weight(metrics["AC"], ["L": 0.77, "H": 0.44]),
            let privileges = weight(
                metrics["PR"],
                scope == "C" ? ["N": 0.85, "L": 0.68, "H": 0.5] : ["N": 0.85, "L": 0.62, "H": 0.27]
            ),
            let interaction = weight(metrics["UI"], ["N": 0.85, "R": 0.62]),
            let losses = losses(metrics, ["H": 0.56, "L": 0.22, "N": 0])
        else { return nil }
        let base = 1 - losses
        var fifteenth = 1.0
        for _ in 0..<15 { fifteenth *= base - 0.02 }
        let impact = scope == "C" ? 7.52 * (base - 0.029) - 3.25 * fifteenth : 6.42 * base
        guard impact > 0 else { return 0 }
        let sum = impact + 8.22 * vector * complexity * privileges * interaction
        return roundedUp(min(scope == "C" ? 1.08 * sum : sum, 10))
    }

    private static func second(_ metrics: [Substring: Substring]) -> Int? {
        guard let vector = weight(metrics["AV"], ["N": 1, "A": 0.646, "L": 0.395]),
            let complexity = weight(metrics["AC"], ["L": 0.71, "M": 0.61, "H": 0.35]),
            let authentication = weight(metrics["Au"], ["N": 0.704, "S": 0.56, "M": 0.45]),
            let losses = losses(metrics, ["C": 0.66, "P": 0.275, "N": 0])
        else { return nil }
        let impact = 10.41 * (1 - losses)
        guard impact > 0 else { return 0 }
        let sum = 0.6 * impact + 0.4 * 20 * vector * complexity * authentication - 1.5
        return Int((sum * 1.176 * 10).rounded())
    }

    /// What version 4 splits in two is one metric again, at its worse.
    private static func asThird(_ metrics: [Substring: Substring]) -> [Substring: Substring] {
        var third = metrics
        if metrics["AT"] == "P" { third["AC"] = "H" }
        if let interaction = metrics["UI"] { third["UI"] = interaction == "N" ? "N" : "R" }
        let beyond = ["SC", "SI", "SA"].contains { (metrics[$0] ?? "N") != "N" }
        third["S"] = beyond ? "C" : "U"
        for (new, old) in [("VC", "C"), ("VI", "I"), ("VA", "A")] { third[Substring(old)] = metrics[Substring(new)] }
        for (new, old) in [("SC", "C"), ("SI", "I"), ("SA", "A")] where third[Substring(old)] == "N" {
            third[Substring(old)] = metrics[Substring(new)] ?? "N"
        }
        return third
    }

    private static func weight(_ value: Substring?, _ weights: [Substring: Double]) -> Double? {
        value.flatMap { weights[$0] }
    }

    /// What is left when confidentiality, integrity and availability have suffered.
    private static func losses(_ metrics: [Substring: Substring], _ weights: [Substring: Double]) -> Double? {
        var left = 1.0
        for metric in ["C", "I", "A"] as [Substring] {
            guard let loss = weight(metrics[metric], weights) else { return nil }
            left *= 1 - loss
        }
        return left
    }

    /// Version 3.1's rounding: to the next tenth, proof against what binary fractions leave over.
    private static func roundedUp(_ score: Double) -> Int {
        let fine = Int((score * 100_000).rounded())
        return fine.isMultiple(of: 10_000) ? fine / 10_000 : fine / 10_000 + 1
    }
}
