internal import Core
internal import Evidence
internal import Manifest
internal import Policy

extension PaperWriter {
    /// What the report says of the policy: its rules, its texts, its data, and which of its exemptions were needed.
    func policyUse(_ book: RecordBook) -> RunReport.PolicyUse {
        let plan = session.plan
        var use = RunReport.PolicyUse(digest: plan.policy.digest, mode: plan.policy.mode.rawValue)
        use.data = plan.datasets.snapshots
        use.source = plan.policySource
        use.layers = plan.policyFile.layers.map { layer in
            let isSigned = layer.name == plan.organisation?.source.name
            return RunReport.PolicyLayer(
                layer: layer.layer.rawValue,
                name: layer.name,
                digest: layer.digest,
                keyID: isSigned ? plan.organisation?.keyID : nil
            )
        }
        let used = neededExemptions(book)
        use.exemptions = plan.policyFile.listedExemptions.map {
            RunReport.ExemptionUse($0, isUsed: used.contains($0), now: finished)
        }
        return use
    }

    /// Exemptions that let something in, and those that may have: of what a client took from a store of its own, policy
    /// does not hear what only an index says, and who removed the exemption for it would fail on an empty machine.
    func neededExemptions(_ book: RecordBook) -> Set<Exemption> {
        var needed = session.recorder.usedExemptions
        let restored = book.inputs.filter { $0.origin == "restored" }
        let names = Set(restored.map { $0.purl.package.description.replacing("%40", with: "@") })
        let types = Set(restored.map(\.purl.type))
        for exemption in session.plan.policyFile.listedExemptions {
            let (name, type) = PaperWriter.subject(of: exemption.purl)
            let mayConcern = name.contains("*") ? types.contains(type) : names.contains(name)
            if mayConcern { needed.insert(exemption) }
        }
        return needed
    }

    /// The package and the type of a pattern, `pkg:npm/a` and `npm` of `pkg:npm/a@1`.
    private static func subject(of pattern: String) -> (name: String, type: String) {
        let name = pattern.prefix { $0 != "?" && $0 != "#" }
        let slash = name.lastIndex(of: "/") ?? name.startIndex
        let version = name[slash...].dropFirst(2).firstIndex(of: "@")
        let type = name.dropFirst("pkg:".count).prefix { $0 != "/" }
        return (String(name[..<(version ?? name.endIndex)]), String(type))
    }
}
