/// Every problem code is explained and provoked. Reason: a code that nobody has seen happen tells nobody what to do.
enum ProblemRules {
    struct Code: Hashable {
        /// `integrityMismatch`
        let name: String
        /// `integrity.mismatch`
        let word: String
    }

    /// The cases of `Problem.Code`.
    static func codes(_ source: Source) -> [Code] {
        source.text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard words.first == "case", words.count >= 2, !words[1].hasPrefix(".") else { return nil }
            let name = String(words[1])
            guard words.count == 4, words[2] == "=" else { return Code(name: name, word: name) }
            return Code(name: name, word: words[3].trimming("\""))
        }
    }

    /// A heading of the page is the code, and text follows it.
    static func undocumented(_ codes: [Code], _ page: Source) -> [Complaint] {
        let lines = page.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        return codes.compactMap { code in
            guard let at = lines.firstIndex(of: "## \(code.word)") else {
                return Complaint(page, "has no heading for \(code.word)")
            }
            let text = lines[(at + 1)...].prefix { !$0.hasPrefix("#") }.joined()
            return text.count < 80 ? Complaint(page, line: at + 1, "does not explain \(code.word)") : nil
        }
    }

    static func unprovoked(_ codes: [Code], _ tests: [Source]) -> [Complaint] {
        let page = Source(path: "Sources/Core/Problem/Problem+Codes.swift", text: "")
        return codes.compactMap { code in
            let isThere = tests.contains { $0.text.contains(".\(code.name)") || $0.text.contains(code.word) }
            return isThere ? nil : Complaint(page, "no test provokes \(code.word)")
        }
    }
}

extension Substring {
    fileprivate func trimming(_ letter: Character) -> String {
        String(drop { $0 == letter }.reversed().drop { $0 == letter }.reversed())
    }
}
