/// What the codecs and the rules of policy may not do. Reason: bytes in, values out is what makes them testable and replayable.
enum PurityRules {
    private static let pure: Set<String> = ["Policy", "Ecosystems"]
    /// Targets that start in every agent and have no use for Foundation's size and start-up time.
    private static let lean: Set<String> = [
        "Core", "Policy", "Ecosystems", "JSONText", "Archive", "Transfer", "Kernel", "Manifest", "Attestation",
    ]
    private static let waiting: Set<String> = ["async", "await", "actor", "Task"]
    private static let clocks: Set<String> = [
        "ContinuousClock", "SuspendingClock", "DispatchTime", "Date", "clock_gettime", "gettimeofday",
    ]

    static func doing(_ source: Source) -> [Complaint] {
        guard pure.contains(source.target) else { return [] }
        let tokens = Tokenizer.tokens(of: source.text)
        return tokens.indices.compactMap { index in
            let token = tokens[index]
            let isMember = index > 0 && [".", "func"].contains(tokens[index - 1].text)
            let isCall = index + 1 < tokens.count && tokens[index + 1].text == "("
            if waiting.contains(token.text), !isMember {
                return Complaint(source, line: token.line, "\(token.text): \(source.target) waits for nobody")
            }
            if clocks.contains(token.text) {
                return Complaint(source, line: token.line, "\(token.text): \(source.target) is told the time")
            }
            if ["print", "debugPrint", "fputs"].contains(token.text), isCall, !isMember {
                return Complaint(source, line: token.line, "\(token.text): \(source.target) writes nowhere")
            }
            return nil
        }
    }

    static func heavyImports(_ source: Source) -> [Complaint] {
        Imports.of(source).compactMap { item in
            let isHeavy = item.module.hasPrefix("Foundation") && lean.contains(source.target)
            let isForeign = source.target == "Ecosystems" && (item.module.hasPrefix("NIO") || item.module == "Logging")
            guard isHeavy || isForeign else { return nil }
            return Complaint(source, line: item.line, "\(item.module) has no place in \(source.target)")
        }
    }

    /// A folder of `Ecosystems` names no type that another folder declares.
    static func neighbours(_ sources: [Source]) -> [Complaint] {
        var owners: [String: String] = [:]
        for source in sources {
            guard let folder = folder(source) else { continue }
            for name in Declarations.types(source) { owners[name.text] = folder }
        }
        return sources.flatMap { source -> [Complaint] in
            guard let own = folder(source) else { return [] }
            let local = Set(sources.filter { folder($0) == own }.flatMap { Declarations.types($0).map(\.text) })
            return Tokenizer.tokens(of: source.text).compactMap { token in
                guard let owner = owners[token.text], owner != own, !local.contains(token.text) else { return nil }
                return Complaint(source, line: token.line, "\(own) names \(token.text) of \(owner)")
            }
        }
    }

    private static func folder(_ source: Source) -> String? {
        let parts = source.path.split(separator: "/")
        return source.target == "Ecosystems" && parts.count > 3 ? String(parts[2]) : nil
    }
}

/// The types that a file declares.
enum Declarations {
    private static let kinds: Set<String> = ["struct", "class", "enum", "protocol", "actor", "typealias"]

    static func types(_ source: Source) -> [Token] {
        let tokens = Tokenizer.tokens(of: source.text)
        return tokens.indices.compactMap { index in
            guard kinds.contains(tokens[index].text), index + 1 < tokens.count else { return nil }
            // `class func`, `import struct X` and `.class` declare nothing.
            if index > 0, [".", "import"].contains(tokens[index - 1].text) { return nil }
            let name = tokens[index + 1]
            return name.text.first?.isUppercase == true ? name : nil
        }
    }
}
