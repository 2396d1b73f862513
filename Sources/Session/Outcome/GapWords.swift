internal import Manifest

/// What a gap means, for who reads of one for the first time.
enum GapWords {
    /// Nil for a kind that says enough by its name.
    static func meaning(of kind: String) -> String? {
        switch kind {
        case "non-get": "requests that upload or ask, such as npm's audit, went through; what they said is not kept"
        case "opaque-tunnel": "passed on unread, as --tunnel asks"
        case "declared-service": "reached directly, as --reach asks"
        case SessionRecorder.loopbackGap: "a service of this machine that the fence does not hold back"
        case StepLedger.gap: "a step ran outside the session's isolation, not by purser exec"
        case "upstream-error": "did not answer, or answered with an error"
        case "stale-index": "did not answer; an older index of the cache was used"
        case "unread-protocol": "something other than HTTP was spoken, and refused"
        case "client-tls": "a client does not take the session's certificate"
        case "unclaimed":
            "files for which nobody had promised a digest; rules.unclaimed says whether enforce lets them in"
        case "loopback-links": "an index whose links lead to this machine, past the agent"
        case RestoredCheck.gap: "packages may have come from a store of earlier runs, which could not be checked"
        default: nil
        }
    }

    static func line(_ gap: RunReport.GapCount) -> String {
        "\(gap.kind) \(gap.host) (\(gap.count)×)" + (meaning(of: gap.kind).map { ": \($0)" } ?? "")
    }
}
