internal import Core
internal import Knowledge
internal import Manifest
internal import Policy

extension PaperWriter {
    /// What the report says of the policy: its rules, its texts, its data, and which of its exemptions were needed.
    var policyUse: RunReport.PolicyUse {
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
        let used = session.recorder.usedExemptions
        use.exemptions = plan.policyFile.listedExemptions.map {
            RunReport.ExemptionUse($0, isUsed: used.contains($0), now: finished)
        }
        return use
    }
}
