/// Where the compiler's promises may be set aside. Reason: a crash or a race in a tool that sits in every build is an outage.
enum SafetyRules {
    /// The only targets that may hold `unsafe`, each with the C module that nobody else imports.
    static let wrappers = ["JSONText": "CJansson", "Archive": "CArchive", "Transfer": "CCurl", "Kernel": "CLinux"]

    static func promises(_ source: Source) -> [Complaint] {
        guard wrappers[source.target] == nil else { return [] }
        let tokens = Tokenizer.tokens(of: source.text)
        return tokens.indices.compactMap { index in
            let token = tokens[index]
            let next = index + 1 < tokens.count ? tokens[index + 1] : nil
            switch token.text {
            case "unsafe", "@unsafe", "@unchecked", "OpaquePointer", "unsafeBitCast":
                return Complaint(source, line: token.line, "\(token.text) belongs in a wrapper")
            case "try", "as":
                guard let next, next.text == "!", next.isAdjacent else { return nil }
                return Complaint(source, line: token.line, "\(token.text)! turns an error into a crash")
            default:
                guard token.text.hasPrefix("Unsafe") || token.text.hasPrefix("withUnsafe") else { return nil }
                return Complaint(source, line: token.line, "\(token.text) belongs in a wrapper")
            }
        }
    }

    static func foreignModules(_ source: Source) -> [Complaint] {
        Imports.of(source).filter { wrappers.values.contains($0.module) && wrappers[source.target] != $0.module }
            .map { Complaint(source, line: $0.line, "\($0.module) is imported by its wrapper only") }
    }
}

/// The modules that a file imports.
enum Imports {
    struct Import: Hashable {
        let module: String
        let line: Int
    }

    private static let kinds: Set<String> = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]

    static func of(_ source: Source) -> [Import] {
        let tokens = Tokenizer.tokens(of: source.text)
        return tokens.indices.compactMap { index in
            guard tokens[index].text == "import", index + 1 < tokens.count else { return nil }
            let isKind = kinds.contains(tokens[index + 1].text) && index + 2 < tokens.count
            return Import(module: tokens[index + (isKind ? 2 : 1)].text, line: tokens[index].line)
        }
    }
}
