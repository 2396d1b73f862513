internal import Core
internal import JSONText

extension Problem {
    /// The report keeps what scripts ask for; a problem's details were for the eye at the time.
    static func read(_ field: JSONField) throws(JSONFieldError) -> Problem {
        try field.object { fields throws(JSONFieldError) in
            let code = try fields.required("code").text("a problem code", Problem.Code.init)
            return Problem(
                code,
                subject: try fields.required("subject").string(),
                summary: try fields.required("summary").string(),
                remedy: try fields.required("remedy").string(),
                rule: try fields.optional("rule")?.string(),
                reason: try fields.optional("reason")?.string()
            )
        }
    }

    var json: JSON {
        .object(present: [
            "code": .string(code.rawValue),
            "subject": .string(subject),
            "summary": .string(summary),
            "remedy": .string(remedy),
            "rule": rule.map(JSON.string),
            "reason": reason.map(JSON.string),
        ])
    }
}
