internal import Core
internal import JSONText
internal import Policy

/// `purser policy show`: every value in force, and where it comes from.
public enum PolicyShow {
    public static func perform(_ invocation: Invocation) async -> Int32 {
        let console = invocation.console
        do throws(Problem) {
            let plan = try await Plan.prepare(invocation)
            let values = plan.policyFile.effectiveValues() + options(plan)
            if console.isJSON {
                for value in values { console.result(String(decoding: json(value).canonicalBytes(), as: UTF8.self)) }
                return 0
            }
            console.result("# policy: \(plan.policySource)")
            console.result("# mode \(plan.policy.mode.rawValue); effective rules \(plan.policy.digest)")
            for value in values { console.result("\(value.key): \(value.text)  # \(value.source)") }
            return 0
        } catch {
            console.problem(error)
            return error.code.exitStatus
        }
    }

    private static func options(_ plan: Plan) -> [EffectiveValue] {
        Options.kinds.compactMap { kind in
            let values = plan.options.list(kind.name)
            guard !values.isEmpty else { return nil }
            // Such an address is a secret itself.
            let text = kind.name == "webhook" ? Redaction.mask : values.joined(separator: ", ")
            let source = plan.options.source(kind.name)
            return EffectiveValue(
                key: "agent.\(kind.name)",
                text: text,
                layer: source == .fallback ? nil : source.isFile ? .repository : .job,
                place: source.description
            )
        }
    }

    private static func json(_ value: EffectiveValue) -> JSON {
        [
            "key": .string(value.key), "value": .string(value.text),
            "layer": value.layer.map { .string($0.rawValue) } ?? .null, "place": .string(value.place),
        ]
    }
}

extension Options.Source {
    var isFile: Bool { if case .file = self { true } else { false } }
}
