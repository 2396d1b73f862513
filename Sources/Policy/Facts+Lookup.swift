extension Facts {
    /// Why nobody can tell that no advisory names the release; nil where fresh data was asked.
    var lookupFault: (message: String, evidence: String)? {
        if advisories == nil {
            return ("could not be looked up: the data about malware and flaws is not loaded", "no snapshot was at hand")
        }
        return stale[.osv].map { ("is in no record, but the data may be too old to have one", "the data \($0)") }
    }
}
