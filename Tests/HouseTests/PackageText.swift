import Foundation

/// The targets that Package.swift declares, read as text.
struct PackageText {
    struct Target: Hashable {
        let name: String
        let kind: String
        let line: Int
        /// The comment line above it.
        let purpose: String?
        let ours: Set<String>
        let products: Set<String>
    }

    let targets: [Target]

    private static let kinds = ["target", "executableTarget", "systemLibrary", "testTarget"]

    init(_ text: String) {
        let short = text.replacing(#/\.product\(name: "(?<name>\w+)", package: "[^"]+"\)/#) { "<\($0.name)>" }
        let lines = short.components(separatedBy: "\n")
        let variables = PackageText.variables(lines)
        targets = lines.indices.compactMap { index in
            let line = lines[index].drop { $0 == " " }
            guard let kind = PackageText.kinds.first(where: { line.hasPrefix(".\($0)(") }) else { return nil }
            let body = PackageText.call(lines[index...])
            guard let name = body.firstMatch(of: #/name: "(?<name>\w+)"/#) else { return nil }
            let above = index > 0 ? lines[index - 1].drop { $0 == " " } : ""
            let (ours, products) = PackageText.dependencies(body, variables)
            return Target(
                name: String(name.name),
                kind: kind,
                line: index + 1,
                purpose: above.hasPrefix("//") ? String(above.drop { $0 == "/" || $0 == " " }) : nil,
                ours: ours,
                products: products
            )
        }
    }

    /// Everything up to the parenthesis that ends the call which the first line opens.
    private static func call(_ lines: ArraySlice<String>) -> String {
        var depth = 0
        var body = ""
        for letter in lines.joined(separator: "\n") {
            body.append(letter)
            if letter == "(" { depth += 1 }
            if letter == ")" { depth -= 1 }
            if letter == ")", depth == 0 { break }
        }
        return body
    }

    /// `let nio: [Target.Dependency] = [<NIOCore>, …]` by name.
    private static func variables(_ lines: [String]) -> [String: Set<String>] {
        var found: [String: Set<String>] = [:]
        var name: String?
        for line in lines {
            if let start = line.firstMatch(of: #/^let (?<name>\w+): \[?Target\.Dependency/#) {
                name = String(start.name)
            }
            if let name { found[name, default: []].formUnion(products(line)) }
            if !line.hasPrefix("let") && !line.hasPrefix("    ") || line.hasSuffix(">") { name = nil }
        }
        return found
    }

    private static func products(_ text: String) -> Set<String> {
        Set(text.matches(of: #/<(?<name>\w+)>/#).map { String($0.name) })
    }

    private static func dependencies(_ body: String, _ variables: [String: Set<String>]) -> (Set<String>, Set<String>) {
        guard let start = body.range(of: "dependencies: [") else { return ([], []) }
        var list = body[start.upperBound...]
        if let end = list.firstMatch(of: #/(?:exclude|swiftSettings|resources|path):/#) {
            list = list[..<end.range.lowerBound]
        }
        let ours = Set(list.matches(of: #/"(?<name>\w+)"/#).map { String($0.name) })
        let bare = String(list).replacing(#/"\w+"|<\w+>/#) { _ in "" }
        let named = bare.matches(of: #/\w+/#).compactMap { variables[String($0.output)] }
        return (ours, named.reduce(products(String(list))) { $0.union($1) })
    }
}
