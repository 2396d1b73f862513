/// The import map: the table in docs/ARCHITECTURE.md, which the sources and Package.swift have to equal.
struct ImportMap {
    struct Row: Hashable {
        var ours: Set<String>
        var others: Set<String>
    }

    let rows: [String: Row]

    /// What comes with the toolchain and is not listed.
    static let toolchain: Set<String> = [
        "Glibc", "Musl", "Darwin", "Synchronization", "Foundation", "FoundationEssentials",
    ]

    /// Reads the table whose head is `| target | purpose | may import (ours) | may import (others) |`.
    init(_ page: String) {
        var rows: [String: Row] = [:]
        var isInside = false
        for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().map(String.init)
            if cells.count >= 4, cells[0].contains("target"), cells[2].contains("ours") { isInside = true }
            if !line.hasPrefix("|") { isInside = false }
            guard isInside, cells.count >= 4, !cells[0].contains("target") else { continue }
            for name in ImportMap.code(cells[0]) {
                rows[name] = Row(ours: Set(ImportMap.code(cells[2])), others: Set(ImportMap.code(cells[3])))
            }
        }
        self.rows = rows
    }

    /// The words in backticks.
    private static func code(_ cell: String) -> [String] {
        cell.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset % 2 == 1 }
            .map { String($0.element) }
    }

    /// Sources may import what the map says, and the map says nothing that nobody imports.
    func complaints(about sources: [Source]) -> [Complaint] {
        var used: [String: Set<String>] = [:]
        var complaints: [Complaint] = []
        for source in sources {
            for item in Imports.of(source) where !ImportMap.toolchain.contains(item.module) {
                used[source.target, default: []].insert(item.module)
                let row = rows[source.target]
                guard row?.ours.contains(item.module) != true, row?.others.contains(item.module) != true else {
                    continue
                }
                let what = "\(source.target) may not import \(item.module); see docs/ARCHITECTURE.md"
                complaints.append(Complaint(source, line: item.line, what))
            }
        }
        let page = Source(path: "docs/ARCHITECTURE.md", text: "")
        for (target, row) in rows.sorted(by: { $0.key < $1.key }) {
            for module in row.ours.union(row.others).subtracting(used[target] ?? []).sorted() {
                complaints.append(Complaint(page, "\(target) does not import \(module)"))
            }
        }
        return complaints
    }

    func complaints(about package: PackageText) -> [Complaint] {
        let file = Source(path: "Package.swift", text: "")
        let targets = package.targets.filter { $0.kind != "testTarget" }
        var complaints = Set(rows.keys).subtracting(targets.map(\.name)).sorted()
            .map { Complaint(file, "has no target \($0), which docs/ARCHITECTURE.md lists") }
        for target in targets {
            guard let row = rows[target.name] else {
                complaints.append(
                    Complaint(file, line: target.line, "docs/ARCHITECTURE.md does not list \(target.name)")
                )
                continue
            }
            if row.ours != target.ours {
                let difference = row.ours.symmetricDifference(target.ours).sorted().joined(separator: ", ")
                let what = "\(target.name) differs from docs/ARCHITECTURE.md in \(difference)"
                complaints.append(Complaint(file, line: target.line, what))
            }
            for product in target.products.subtracting(row.others).sorted() {
                complaints.append(Complaint(file, line: target.line, "\(target.name) has no use for \(product)"))
            }
        }
        return complaints
    }
}
