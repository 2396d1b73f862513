public import Core
internal import JSONText

extension PyPI {
    /// uv prints title and detail of problem+json; pip, poetry and twine show the reason phrase and read no body.
    public func document(for problem: Problem) -> Document {
        var members: [String: JSON] = [
            "type": .string("https://purser.dev/problems#\(problem.code.rawValue)"),
            "title": .string([problem.code.rawValue, problem.rule].compactMap(\.self).joined(separator: " ")),
            "status": .integer(Int64(problem.code.httpStatus)),
            "detail": .string("\(problem.subject) \(problem.summary); \(problem.remedy)"),
            "code": .string(problem.code.rawValue),
            "subject": .string(problem.subject),
            "remedy": .string(problem.remedy),
        ]
        if let rule = problem.rule { members["rule"] = .string(rule) }
        return Document(JSON.object(members).canonicalBytes(), contentType: "application/problem+json")
    }
}
