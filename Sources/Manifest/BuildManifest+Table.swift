internal import Core

extension BuildManifest {
    /// What `purser show` prints: what came in, what went out, and what we could not see.
    public var table: [String] {
        var lines = [summary]
        if !inputs.isEmpty {
            lines +=
                [""]
                + columns(["PURL", "FILE", "SIZE", "SHA256", "VOUCHED BY", "PUBLISHED", "FROM"], inputs.map(\.row))
        }
        if let artifacts {
            lines += ["", artifacts.isEmpty ? "no artifacts" : "artifacts"]
            lines += columns(
                ["  PATH", "SIZE", "SHA256", "PURL"],
                artifacts.map { ["  " + printable($0.path), bytes($0.size), $0.sha256, $0.purl?.description ?? "-"] }
            )
        }
        if !tools.isEmpty {
            lines += ["", "tools"]
            lines += columns(
                ["  NAME", "VERSION", "SHA256", "ORIGIN"],
                tools.map {
                    [
                        "  " + printable($0.name), printable($0.version), $0.digest.map { short($0.hex) } ?? "-",
                        $0.origin,
                    ]
                }
            )
        }
        lines += ["", gaps.isEmpty ? "no gaps: all traffic was read" : "gaps (traffic that was not read)"]
        lines += gaps.map { "  \($0.line)" }
        return lines
    }

    /// One line: how much came in by ecosystem, and how much went out.
    public var summary: String {
        let types = Dictionary(grouping: inputs, by: \.purl.type).mapValues(\.count).sorted { $0.key < $1.key }
        let total = inputs.reduce(Int64(0)) { sum, input in
            let (next, overflow) = sum.addingReportingOverflow(input.size)
            return overflow ? .max : next
        }
        let kinds = types.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        let unclaimed = inputs.count { $0.claimed.isEmpty }
        var parts = [counted(inputs.count, "input") + (kinds.isEmpty ? "" : " (\(kinds)), \(bytes(total))")]
        if unclaimed > 0 { parts.append("\(unclaimed) unclaimed") }
        if let artifacts { parts.append(counted(artifacts.count, "artifact")) }
        parts.append(counted(gaps.count, "gap"))
        return parts.joined(separator: "; ")
    }
}

private func counted(_ count: Int, _ word: String) -> String { "\(count) \(word)\(count == 1 ? "" : "s")" }

extension Input {
    fileprivate var row: [String] {
        [
            purl.description, printable(file), bytes(size), short(sha256), vouchers,
            published?.time.day ?? "-", printable(origin),
        ]
    }

    private var vouchers: String {
        if claimed.isEmpty { return "nobody" }
        let names = Set(claimed.map { $0.agrees ? $0.by : "\($0.by) (disagrees)" })
        return names.sorted().map(printable).joined(separator: ", ")
    }
}

/// A file name from outside may hold a terminal escape or a line break.
func printable(_ text: String) -> String {
    let isClean = text.unicodeScalars.allSatisfy { !$0.isHidden }
    guard !isClean else { return text }
    var clean = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { clean.append(scalar.isHidden ? "\u{FFFD}" : scalar) }
    return String(clean)
}

extension Unicode.Scalar {
    fileprivate var isHidden: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: true
        default: false
        }
    }
}

/// The first twelve digits: enough to tell two apart by eye.
func short(_ hex: String) -> String { String(hex.prefix(12)) }

private func bytes(_ count: Int64) -> String {
    let units = ["B", "kB", "MB", "GB", "TB"]
    var value = Double(count)
    var unit = 0
    while value >= 1_000, unit < units.count - 1 {
        value /= 1_000
        unit += 1
    }
    if unit == 0 { return "\(count) B" }
    let tenths = Int64((value * 10).rounded())
    return value < 100 ? "\(tenths / 10).\(tenths % 10) \(units[unit])" : "\(Int64(value.rounded())) \(units[unit])"
}

/// Left-aligned columns as wide as their longest cell; the last one is not padded.
private func columns(_ header: [String], _ rows: [[String]]) -> [String] {
    guard !rows.isEmpty else { return [] }
    let table = [header] + rows
    let widths = header.indices.map { column in table.map { $0[column].count }.max() ?? 0 }
    return table.map { row in
        zip(row, widths).enumerated().map { place, cell in
            place == row.count - 1 ? cell.0 : cell.0 + String(repeating: " ", count: cell.1 - cell.0.count)
        }.joined(separator: "  ")
    }
}
