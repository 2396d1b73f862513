internal import Core
internal import JSONText

extension Predicate {
    static func read(_ field: JSONField) throws(JSONFieldError) -> Predicate {
        try field.object { fields throws(JSONFieldError) in
            var predicate = Predicate(
                session: try fields.required("session").string(),
                run: (try fields.required("created").time(), try fields.required("nonce").string()),
                builder: try Builder.read(try fields.required("builder")),
                policy: try PolicyUse.read(try fields.required("policy")),
                documents: Documents(
                    manifest: try fields.required("manifest").digestSet(),
                    report: try fields.required("report").digestSet(),
                    record: try fields.required("record").digestSet()
                )
            )
            if let field = fields.optional("source") { predicate.source = try Source.read(field) }
            predicate.isolation = try Isolation.read(try fields.required("isolation"))
            predicate.counts = try Counts.read(try fields.required("counts"))
            return predicate
        }
    }

    var json: JSON {
        .object(present: [
            "session": .string(session),
            "created": .string(created.description),
            "nonce": .string(nonce),
            "source": source?.json,
            "builder": builder.json,
            "isolation": isolation.json,
            "policy": policy.json,
            "counts": counts.json,
            "manifest": .digestSet(documents.manifest),
            "report": .digestSet(documents.report),
            "record": .digestSet(documents.record),
        ])
    }
}

extension Predicate.Source {
    fileprivate static func read(_ field: JSONField) throws(JSONFieldError) -> Predicate.Source {
        try field.object { fields throws(JSONFieldError) in
            Predicate.Source(
                repository: try fields.required("repository").string(),
                commit: try fields.required("commit").string(),
                ref: try fields.optional("ref")?.string(),
                isDirty: try fields.required("dirty").bool()
            )
        }
    }

    fileprivate var json: JSON {
        .object(present: [
            "repository": .string(repository),
            "commit": .string(commit),
            "ref": ref.map(JSON.string),
            "dirty": .bool(isDirty),
        ])
    }
}

extension Predicate.Builder {
    fileprivate static func read(_ field: JSONField) throws(JSONFieldError) -> Predicate.Builder {
        try field.object { fields throws(JSONFieldError) in
            Predicate.Builder(
                id: try fields.required("id").string(),
                kind: try fields.required("kind").string(),
                ci: try fields.optional("ci")?.string()
            )
        }
    }

    fileprivate var json: JSON {
        .object(present: ["id": .string(id), "kind": .string(kind), "ci": ci.map(JSON.string)])
    }
}

extension Predicate.Isolation {
    fileprivate static func read(_ field: JSONField) throws(JSONFieldError) -> Predicate.Isolation {
        try field.object { fields throws(JSONFieldError) in
            Predicate.Isolation(
                tier: try fields.required("tier").string(),
                isComplete: try fields.required("complete").bool(),
                reason: try fields.optional("reason")?.string()
            )
        }
    }

    fileprivate var json: JSON {
        .object(present: ["tier": .string(tier), "complete": .bool(isComplete), "reason": reason.map(JSON.string)])
    }
}

extension Predicate.PolicyUse {
    fileprivate static func read(_ field: JSONField) throws(JSONFieldError) -> Predicate.PolicyUse {
        try field.object { fields throws(JSONFieldError) in
            Predicate.PolicyUse(
                digest: try digest(try fields.required("digest")),
                mode: try fields.required("mode").string(),
                organisation: try fields.optional("organisation").map(digest)
            )
        }
    }

    private static func digest(_ field: JSONField) throws(JSONFieldError) -> Digest {
        try field.text("a digest such as sha256:…") { text in
            Digest(text).flatMap { $0.description == text ? $0 : nil }
        }
    }

    fileprivate var json: JSON {
        .object(present: [
            "digest": .string(digest.description),
            "mode": .string(mode),
            "organisation": organisation.map { .string($0.description) },
        ])
    }
}

extension Predicate.Counts {
    fileprivate static func read(_ field: JSONField) throws(JSONFieldError) -> Predicate.Counts {
        try field.object { fields throws(JSONFieldError) in
            var counts = Predicate.Counts()
            counts.inputs = try fields.required("inputs").count()
            counts.denied = try fields.required("denied").count()
            counts.wouldBlock = try fields.required("wouldBlock").count()
            counts.warned = try fields.required("warned").count()
            counts.gaps = try fields.required("gaps").count()
            return counts
        }
    }

    fileprivate var json: JSON {
        [
            "inputs": .integer(inputs), "denied": .integer(denied), "wouldBlock": .integer(wouldBlock),
            "warned": .integer(warned), "gaps": .integer(gaps),
        ]
    }
}
